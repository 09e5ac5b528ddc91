/** Bounds of the client, each with its reason. Milliseconds unless the name says otherwise. */
export const sdkLimits = {
  /** First pause before a reconnect; a full-jitter pause is between 0 and this, doubled each time. */
  backoffMsMin: 250,
  /** A gateway that restarts is back within seconds, and people should be, too: no longer pauses for so many tries. */
  backoffQuickTries: 10,
  backoffMsQuickMax: 3_000,
  /** After those. A person who waits longer reloads the page. */
  backoffMsMax: 10_000,
  /** A gateway that asks for a longer pause than this is mistaken; timers take 24 days at most, and then run at once. */
  retryAfterMsMax: 60_000,
  /** After "come back after a pause" the doubling starts here: the gateway was in trouble. */
  backoffMsSlow: 2_000,
  /** A connection younger than this does not count as success, so that accept-and-close can not spin. */
  stableMs: 5_000,
  /** Of the time that a token has left: its renewal begins between these shares of it, so that a thousand clients do not ask as one. */
  tokenRenewShareMin: 0.1,
  tokenRenewShareMax: 0.5,
  /** … but not sooner than this, so that tokens of a second do not spin. */
  tokenRenewMsMin: 1_000,
  /** From opening a socket to `connected`; a TLS handshake on a bad mobile link takes about 5 s. */
  connectMsMax: 10_000,
  /** Commands without a reply: as many as the platform remembers of a participant, so that each may be repeated. */
  pendingCommandsMax: 256,
  /** Lists of whom to follow: a gateway takes so many for good. */
  followMs: 1_000,
  /** Ids of messages to this user that are remembered, so that one that is sent again is shown once. Count. */
  messagesSeenMax: 200,
  /** After a refusal that names no message: the gateway lets 60 messages a second pass. */
  unreadMs: 2_000,
  /** A command is given up after this: as long as a lost participant's grace, after which it is moot. */
  commandMsMax: 30_000,
  /** … and one that acts on others, if it was not sent by then: a gateway that restarts is back within seconds. */
  unsentMsMax: 5_000,
  /** How long `leave()` waits for its reply before the call is over locally. */
  leaveMsMax: 2_000,
  /** Between looks at a call that is followed over HTTP: a gateway lets 20 reads a second pass for one user. */
  timelineLookMs: 1_000,
  /** … where it is known to go on: what comes in bursts is read together. */
  timelineGatherMs: 250,
  /** … at its telemetry, where each look goes through that of all calls of a partition. */
  timelineTelemetryMs: 5_000,
  /** HTTP tries for one request, with back-off between them: 4 s on average, enough for a gateway's restart. Count. */
  httpTriesMax: 6,
  /** An HTTP request without an answer; the gateway itself gives up on a command after about 10 s. */
  httpMsMax: 15_000,
  /** Re-joins because of gaps before a snapshot is asked for instead. Count. */
  gapRejoinsMax: 3,
  /** ICE candidates kept for a description that is not here yet: a browser gathers about 20. Count. */
  candidatesQueuedMax: 64,
  /** How long the polite side waits for the other's first offer before it makes its own. */
  firstOfferMsMax: 1_500,
  /** An offer without an answer is sent again after this; a busy phone answers within 2 s. */
  answerMsMax: 8_000,
  /** Times an unanswered offer is sent again. Count. */
  offerRepeatsMax: 3,
  /** ICE often heals "disconnected" by itself within this (W3C webrtc-pc section 5.6.4 calls it transient). */
  iceDisconnectedMs: 3_000,
  /** The polite side restarts ICE this much later, so that both do not do it at once. */
  icePoliteExtraMs: 1_500,
  /** ICE restarts in a row without a connection: with doubled pauses, about two and a half minutes. Count. */
  iceRestartsMax: 7,
  /** Time for a restart's offer, answer and checks before the next; a TURN allocation over TLS takes about 2 s. */
  iceRestartMsMin: 4_000,
  iceRestartMsMax: 30_000,
  /** TURN credentials are renewed this long before they expire. */
  iceServersRenewMs: 60_000,
  /** `quality` is measured this often. */
  qualityMs: 2_000,
  /** A report or tile sizes that are unanswered for so long are overtaken by the next ones. */
  signalMsMax: 5_000,
  /**
   * The page's certificate takes a few milliseconds, on a busy phone perhaps a second. The join waits: without one the
   * platform takes nobody into a call that runs through a Call Server.
   */
  certificateMsMax: 10_000,
  /** Pauses between tries to load what speaks with a Call Server: an edge that restarts is back by then. */
  deviceRetryMs: [500, 1_000, 2_000],
  /** The Call Server has made transports within 100 ms of a join; after this its message got lost. */
  transportsMsMax: 3_000,
  /** Longest pause between questions for transports, doubled each time. */
  transportsMsBackoff: 30_000,
  /** Questions for transports in a row: with doubled pauses, two minutes. Count. */
  transportsAsksMax: 6,
  /** Consumers that come before their transports: everybody's camera, microphone and screen of fifty people. Count. */
  consumersQueuedMax: 256,
  /** While media of a new leg is awaited it is looked at this often: a swap is late by half of it on average. */
  lookMs: 100,
  /** Media that does not come within the time of a switch is looked at this seldom. */
  lookMsSlow: 1_000,
  lookMsQuickMax: 15_000,
  /** A page that shows no picture this long after it flows has no second element: the picture is swapped anyway. */
  shownMsMax: 1_500,
  /** Decoded frames after which a camera's picture is there: the first may be a key frame that waits for others. */
  shownFrames: 3,
  /** A still screen sends hardly more than its first frame. */
  shownScreenFrames: 1,
  /** Real samples after which sound is there: 60 ms at 48 kHz, measured to swap without a gap. */
  shownSamples: 2_880,
  /** A peer connection lives on this long after both sides show the new leg: what is on the wire still arrives. */
  peerGoodbyeMs: 300,
  /** Tile sizes go out at most twice a second: resizing a window makes dozens of them. */
  tilesMs: 500,
  /** … but what comes anew starts with them, so somebody waits: as often as an edge takes them for good. */
  tilesFreshMs: 200,
  /** Sizes of several tiles change within one frame of the page. */
  tilesGatherMs: 20,
  /** For a track whose size nobody told: as large as a camera sends. Device pixels. */
  tileWidthDefault: 1_280,
  tileHeightDefault: 720,
  /** Below this a camera at its worst and a voice (40 kbit/s) do not fit together. bit/s. */
  uplinkBpsMin: 100_000,
  /** A low estimate alone may be a camera that shows little; with this share lost, words go missing. 0 to 1. */
  uplinkLossMin: 0.1,
  /** Samples in a row, two seconds apart, before the camera is stopped: one is a burst. Count. */
  uplinkSamplesMin: 3,
  /** First pause before the camera is tried again; doubled each time that did not hold. */
  uplinkProbeMs: 10_000,
  uplinkProbeMsMax: 120_000,
  /** A camera that lasted this long after a try has proved the connection: the next pause is the first again. */
  uplinkProvenMs: 30_000,
} as const;
