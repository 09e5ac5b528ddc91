/** Bounds of the Call Server, each with its reason. */
export const limits = {
  // Workers.
  /** Consumers one mediasoup worker carries before it counts as full: mediasoup's own advice is 400 to 500 a core. */
  consumersPerWorker: 500,
  /** A worker that died by chance should be back before anybody notices; one that dies at once must not eat the machine. Milliseconds. */
  workerBackOffMsMin: 250,
  workerBackOffMsMax: 10_000,
  /** A worker that ran this long is taken for healthy: its next death starts again with the shortest wait. Milliseconds. */
  workerHealthyMs: 30_000,
  /** How often workers are asked what they use; also their sign of life. Milliseconds. */
  usageEveryMs: 1_000,
  /** A worker that has not answered that for so long is frozen and is killed: its calls move. Milliseconds. */
  workerSilentMs: 5_000,
  // Addresses and ports.
  /** Own addresses offered, one UDP and one TCP candidate each: a host with many container bridges has dozens of no use. */
  addressesMax: 8,
  /** The mediasoup workers of a life that just ended may hold their ports for a moment, and those are open in a firewall. Milliseconds. */
  portFreeMs: 300,
  portLookMs: 20,
  /** Ports tried upwards from the one that is wanted. */
  portsTried: 50,
  // Calls.
  /** Questions for the state of calls at a time; after a new owner there may be one for each call. */
  asksMax: 16,
  /** A question that failed is asked again after this. Milliseconds. */
  askAgainMs: 500,
  /** Events kept ahead of a gap while the state is asked for; beyond it the state is asked for once more. */
  aheadMax: 500,
  /** How often owners are asked which calls are here, for what was missed. Milliseconds. */
  placedEveryMs: 3_000,
  /** After a pass that failed for no reason that a client gave: first and longest wait. Milliseconds. */
  passAgainMsMin: 250,
  passAgainMsMax: 8_000,
  /** Requests of one call to a worker at a time: the worker's other calls are served in between. */
  requestsAtOnce: 200,
  /** Consumers in one command, 1 to 2 kB each: half of what one batch to an owner may be, a third of a commit. Bytes. */
  consumersBytesPerCommand: 256 * 1024,
  /** What must be said to an owner, where there was no room for it: as often as the link repeats what it holds. Milliseconds. */
  insistAgainMs: 1_500,
  // Transports.
  /** The estimate of a downlink before anything is known: a picture and the others' sound at once. bit/s. */
  initialOutgoingBitrateBps: 1_000_000,
  /** Where ICE is silent for this long the transport is dead for mediasoup; the client asks for a restart long before. Seconds. */
  iceConsentSeconds: 30,
  /** Transports that closed are made anew after this: whoever leaves or reloads closes them first. Milliseconds; doubled each time. */
  rebuildMs: 500,
  /** … and so often without having been connected for long in between: a page that can not do DTLS with us will not learn it. */
  rebuildsMax: 5,
  /** Transports connected for so long are taken for healthy: a page that connects and closes at once is made to wait as well. Milliseconds. */
  healthyMs: 30_000,
  /** Chromium ignores a PLI within 300 ms of the last; without this a second viewer waits 1 s for a key frame. Milliseconds. */
  keyFrameRequestDelayMs: 350,
  /** A later consumer starts when the client says that it is ready, or after this. Milliseconds. */
  resumeMs: 1_000,
  // Layers.
  /** One fact a viewer and track in this time, and always the last one. Milliseconds. */
  layersEveryMs: 2_000,
  /** Before a fact is told the worker is asked for its estimate; it answers in a few. Milliseconds. */
  layersEvidenceMs: 50,
  /** A consumer climbs its layers in its first moments: that is no decision. Milliseconds. */
  layersFirstMs: 1_000,
  /** … and so many facts of one call together in `layersCallMs`, each is 1 kB in the log: the rest waits for its turn. */
  layersPerCall: 20,
  layersCallMs: 1_000,
  /** A layer that nobody watches any more is kept for so long: people scroll, pages turn. Milliseconds. */
  unwatchedMs: 5_000,
  // Telemetry.
  sampleEveryMs: 5_000,
  /** One message of telemetry. Bytes. */
  telemetryBatchBytesMax: 256 * 1024,
} as const;
