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
  /** Frames sent before what came in meanwhile is looked at: one takes about 10 us, nobody waits for thousands. */
  flushesAtOnce: 500,
  /** Every socket costs memory and file descriptors; a process opens 65,536 of those at most by default here. */
  socketsMax: 50_000,
  /** From opening to a `connect` message. Milliseconds. */
  connectMs: 10_000,
  /** A client hears something at least this often. Milliseconds. */
  heartbeatMs: 10_000,
  /** So long without a frame, a socket gets one: at the latest when it is looked at next, a quarter of that and a step later. Milliseconds. */
  heartbeatAfterMs: 7_000,
  /** Silent sockets are looked for among all of them in so many steps a quarter of that: a frame takes about 15 us, and thousands at once would hold everybody up. */
  heartbeatSteps: 25,
  /** Seconds without a byte from the client, pings included, until its socket is closed (uWebSockets.js pings by itself). */
  idleSeconds: 32,
  /** Messages a second, and at once: publishing a mesh of 8 sends about 150 candidates in a burst. */
  messagesPerSecond: 60,
  messagesBurst: 400,
  /** Messages refused for their rate until the socket is closed; so many a second are forgiven. */
  rateRefusalsMax: 200,
  rateRefusalsPerSecond: 10,
  /** Messages about tile sizes: they follow a layout that changes, at most twice a second, and a speaker. */
  tilesPerSecond: 5,
  tilesBurst: 10,
  /** Tracks produced, and ICE restarts asked for, in one call: one switch is one or two of each, after a lost network one of each a second. */
  costlyPerSecond: 2,
  costlyBurst: 10,
  /** Reports of each kind: one of quality is due every 2 s and one of a join is once; after a pause some come at once. */
  reportsPerSecond: 1,
  reportsBurst: 4,
  /** Messages that are not JSON until the socket is closed. */
  malformedMax: 10,
  /** Commands of one session without an answer: half of what a call remembers, so that every repeat is known as one. */
  unansweredPerSessionMax: 256,
  /** What must be said to an owner, where there was no room for it: as often as the link repeats what it holds. Milliseconds. */
  insistAgainMs: 1_500,
  /** Calls one socket is in or watches. */
  callsPerSocketMax: 32,
  /** Clients of a gateway that stops come back within this time, not all at once. Milliseconds. */
  comeBackMs: 1_500,
  /** … and no more of them a second, on average: each is a handshake, a token and a join for those who take them. All 50,000 are back in 25 s, before a lost participant's 30 s are over. */
  comeBackPerSecond: 2_000,
  /** Sockets closed at once when it stops: each says so for its calls too. */
  closesPerTick: 500,
  /** Until all are told. With what is handed in afterwards it stays below the 3 s that a supervisor which stops itself leaves each process. Milliseconds. */
  closeAllMs: 2_000,
  /** Until what was asked is answered, once nobody asks any more. An owner answers within milliseconds; where there is none, clients ask again elsewhere. Milliseconds. */
  handInMs: 750,
  /** How often that is looked at. Milliseconds. */
  handInLookMs: 10,
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
  // STUN and TURN servers.
  /** A STUN server beside us answers in 1 ms, one on another continent in 300. Milliseconds. */
  stunMs: 1_000,
  /** From an answer (or none) to the next question: a dead server is left out within about 5 s. Milliseconds. */
  stunEveryMs: 2_000,
  /** Questions in a row without an answer that make a server dead: UDP loses single packets. */
  stunMissesMax: 2,
  /** A browser tries all it is given, from every network interface: more only slow it down. */
  turnServersMax: 8,
  /** Nothing heard of a Call Server for this long: owners of calls take it for gone by then. Milliseconds. */
  callServerSilentMs: 5_000,
  // Reads.
  /** An answer of the views: they wait 2 s at most for what somebody knows to be there. Milliseconds. */
  viewsMs: 4_000,
  /** Events asked of an owner at once. */
  askEventsMax: 1_000,
  /** Events read from the log at once: as much as an owner's answer holds. Bytes. */
  readBytesMax: 512 * 1024,
  /** Reads of the log at once: each goes through all of a partition since the call began. */
  logReadsMax: 4,
  /** … and as many that wait for one of those to end. */
  logReadsWaitingMax: 16,
  /** One page of a call's telemetry reads so much of its partition's, which holds that of all calls. Bytes. */
  telemetryScanBytesMax: 16 * 1024 * 1024,
  /** … where an empty message counts as much as its parsing costs. Bytes. */
  telemetryMessageCost: 1024,
  /** Pages at once: each may hold a read-ahead of 8 MB. */
  telemetryReadsMax: 2,
  /** … and as many that wait for one of those to end. */
  telemetryReadsWaitingMax: 16,
  // Feeds.
  /** Events of a followed call kept for those who come back. */
  feedRecentMax: 500,
  feedRecentBytesMax: 512 * 1024,
  /** … and of all calls: with more, of each call the latest; the rest is read from its owner. Bytes. */
  feedRecentTotalBytesMax: 64 * 1024 * 1024,
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
  /** Refusals and reports waiting to be written or being written; beyond it they are counted only. A report is 8 kB at most. */
  telemetryQueueMax: 5_000,
  /** One message of telemetry. Bytes. */
  telemetryBatchBytesMax: 256 * 1024,
  telemetryFlushMs: 200,
  // People.
  /** Nothing heard of another edge gateway for this long: its sockets are gone. Owners of calls think so by then. Milliseconds. */
  neighbourSilentMs: 5_000,
  /** Not hearing our own sign of life for this long: the silence of others says nothing. Milliseconds. */
  neighbourDeafMs: 2_500,
  /** How often silence, and what is due, is looked for. Milliseconds. */
  peopleTickMs: 1_000,
  /** Another gateway's answer: it looks into its memory. Milliseconds. */
  neighbourAskMs: 1_000,
  /** Users in one message between gateways: 100 kB, with the longest ids 350. */
  usersPerMessageMax: 1_000,
  /** Users followed here by anybody: 50 of them for each of 2,000 sockets with none in common. About 400 bytes each. */
  followedUsersTotalMax: 100_000,
  /** After a socket was lost its user is shown as before for so long: a reconnect is no news. Milliseconds. */
  presenceLingerMs: 5_000,
  /** Said nothing for this long: nobody is at the device. Milliseconds. */
  idleMs: 10 * 60_000,
  /** How often that is looked for, among all devices: 50,000 take some milliseconds. Milliseconds. */
  idleCheckMs: 30_000,
  /** Lists of whom to follow, per socket: each asks every gateway about those that are new. */
  followsPerSecond: 1,
  followsBurst: 5,
  /** Messages to users, per user whose token sends them: an application tells a company's people at once. */
  userMessagesPerSecond: 100,
  userMessagesBurst: 1_000,
  /** Sockets up to which a gateway is good for one more, however few the others have: people of a call stay together. */
  gatherSocketsMin: 500,
  // Tokens.
  /** A guest's identity. Seconds. */
  guestTokenTtlSeconds: 30 * 24 * 3600,
  /** From now to a token's `exp`: whoever finds or steals one has it for so long. Three times a guest's. Seconds. */
  tokenLifeSecondsMax: 90 * 24 * 3600,
  /** Told so long before a session's token ends: time to get another one from a slow server, and to spread thousands. Milliseconds. */
  tokenExpiringMs: 120_000,
  /** In the last moments a session has a timer of its own; longer than a round of heartbeats, which looks otherwise. Milliseconds. */
  tokenEndMs: 5_000,
  /** TURN credentials: the longest call. Seconds. */
  turnTtlSeconds: 12 * 3600,
  /** A client-made call id's time against our clock. Milliseconds. */
  clockSkewMs: 5 * 60_000,
} as const;
