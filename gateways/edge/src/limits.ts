/** Bounds of the edge, each with its reason. */
export const limits = {
  // Sockets.
  /** The largest message that means anything is an offer of 60 kB. Larger ones are refused and close the socket (1009). Bytes. */
  messageBytesMax: 128 * 1024,
  /** A frame that says it is larger than this is not read: the socket ends at its header, without a word (1006). Bytes. */
  frameBytesAcceptedMax: 256 * 1024,
  /** Waiting to be sent to one socket; beyond it the reader is too slow and is closed. A snapshot with 500 people is 300 kB. Bytes. */
  bufferedBytesMax: 4 * 1024 * 1024,
  /** … and to all of them: what a process may hold for readers that do not read. Bytes. */
  bufferedTotalBytesMax: 256 * 1024 * 1024,
  /** One frame; a longer batch is cut. Bytes. */
  frameBytesMax: 256 * 1024,
  /** Every socket costs memory and file descriptors; a process opens 65,536 of those at most by default here. */
  socketsMax: 50_000,
  /** From opening to a `connect` message. Milliseconds. */
  connectMs: 10_000,
  /** A client hears something at least this often. Milliseconds. */
  heartbeatMs: 10_000,
  /** Seconds without a byte from the client, pings included, until its socket is closed (uWebSockets.js pings by itself). */
  idleSeconds: 32,
  /** Messages a second, and at once: publishing a mesh of 8 sends about 150 candidates in a burst. */
  messagesPerSecond: 60,
  messagesBurst: 400,
  /** Messages refused for their rate until the socket is closed; so many a second are forgiven. */
  rateRefusalsMax: 200,
  rateRefusalsPerSecond: 10,
  /** Messages that are not JSON until the socket is closed. */
  malformedMax: 10,
  /** Commands of one session without an answer: half of what a call remembers, so that every repeat is known as one. */
  unansweredPerSessionMax: 256,
  /** Calls one socket is in or watches. */
  callsPerSocketMax: 32,
  /** Clients of a gateway that stops come back within this time, not all at once. Milliseconds. */
  comeBackMs: 1_500,
  /** Sockets closed at once when it stops: each says so for its calls too. */
  closesPerTick: 500,
  /** Until all are told; the process has 3.5 s to end. Milliseconds. */
  closeAllMs: 1_000,
  // HTTP.
  /** Bodies are small JSON. Bytes. */
  bodyBytesMax: 16 * 1024,
  /** Anonymous requests that make something, per address: a team behind one address starts its day at once. */
  anonymousPerSecond: 5,
  anonymousBurst: 100,
  /** Addresses (or users) remembered for these. */
  addressesMax: 10_000,
  /** Requests that read, per user: a timeline of 100,000 events is 100 pages, one after the other. */
  readsPerSecond: 20,
  readsBurst: 100,
  /** A STUN server on this machine answers in 1 ms. Milliseconds. */
  stunMs: 500,
  /** Whoever watches /readyz asks no more often than this to learn anything new about coturn. Milliseconds. */
  stunFreshMs: 2_000,
  // Towards owners.
  /** Commands without an answer, all sockets together. Beyond it: `overloaded`. */
  pendingMax: 20_000,
  /** … and together no longer than this: a gateway without owners for 12 s must not fill its memory. Bytes. */
  pendingBytesMax: 64 * 1024 * 1024,
  /** An answer may take as long as an election of the log (4 - 9 s). Milliseconds. */
  commandMs: 12_000,
  /** Without an answer for this long, a command is sent again with its id. Milliseconds. */
  resendMs: 1_500,
  /** One message to an owner; the rest goes in the next. Bytes. */
  batchBytesMax: 512 * 1024,
  /** Calls followed (or no longer) in one message: 80 kB of ids. */
  batchFollowMax: 2_000,
  /** All followed calls are named again this often, so that one whose `follow` was lost does not stay silent. Milliseconds. */
  announceMs: 5_000,
  /** An owner's answer to a question. Milliseconds. */
  askMs: 2_500,
  /** Tries of a question while a partition changes its owner. */
  askTries: 5,
  /** Events asked of an owner at once. */
  askEventsMax: 1_000,
  /** Events read from the log at once: as much as an owner's answer holds. Bytes. */
  readBytesMax: 512 * 1024,
  /** Reads of the log at once: each goes through all of a partition since the call began. */
  logReadsMax: 4,
  /** … and as many that wait for one of those to end. */
  logReadsWaitingMax: 16,
  /** Signs of life. Milliseconds. */
  beatMs: 1_000,
  /** No head of a partition for this long: nobody owns it. Milliseconds. */
  ownerSilentMs: 3_500,
  // Feeds.
  /** Events of a followed call kept for those who come back. */
  feedRecentMax: 500,
  feedRecentBytesMax: 512 * 1024,
  /** Events fed ahead of a gap that is being repaired; those that do not fit are read again. */
  feedAheadMax: 2_000,
  feedAheadBytesMax: 512 * 1024,
  /** Missed events that are replayed one by one; beyond it a snapshot is cheaper for everyone. */
  resumeEventsMax: 2_000,
  /** … and their size: what waits for one socket is at most 4 MB, and the call goes on meanwhile. Bytes. */
  resumeBytesMax: 1024 * 1024,
  /** Rounds of catching up with a call that goes on meanwhile. */
  catchUpRounds: 20,
  // Telemetry.
  /** Refusals waiting to be written or being written; beyond it they are counted only. */
  telemetryQueueMax: 5_000,
  /** One message of telemetry. Bytes. */
  telemetryBatchBytesMax: 256 * 1024,
  telemetryFlushMs: 200,
  // Tokens.
  /** A guest's identity. Seconds. */
  guestTokenTtlSeconds: 30 * 24 * 3600,
  /** TURN credentials: the longest call. Seconds. */
  turnTtlSeconds: 12 * 3600,
  /** A client-made call id's time against our clock. Milliseconds. */
  clockSkewMs: 5 * 60_000,
} as const;
