/** Bounds of an owner of one partition. */
export const limits = {
  /** Events that share one append: 500 of 700 bytes are 350 kB, where the fsync is spread thin already. */
  commitEventsMax: 500,
  /** Commands waiting for a commit: two seconds' worth at the rate this machine class holds (10,000/s). Beyond it: `overloaded`. */
  waitingMax: 20_000,
  /** … and room beyond that for what the platform itself does, which people who ask too much must not hold up. */
  waitingReserve: 2_000,
  /** … and their size: a take-over's worth of offers, far from what a process may use. Bytes. */
  waitingBytesMax: 64 * 1024 * 1024,
  /**
   * What people may ask of one call: a twentieth of what this machine class holds (10,000/s), so that one call does not
   * take the others' share. Four people who click all the time ask 20 a second.
   */
  callActionsPerSecond: 500,
  /** … and at once: a mesh of eight that begins sends 1,200 candidates, and as many seconds' worth hold 2,000. Seconds. */
  callBurstSeconds: 4,
  /**
   * Events of an open call kept for those who ask again: more than a busy call has in the seconds that somebody is away.
   * Older ones are read from the log; a thousand busy calls must not fill a process.
   */
  recentEventsPerCallMax: 200,
  /** … and their size: eight people's offers and answers to each other. Bytes. */
  recentBytesPerCallMax: 512 * 1024,
  /** … and of all open calls of a partition: two minutes of 650 events a second; at more, of each call the latest. Bytes. */
  recentBytesMax: 64 * 1024 * 1024,
  /** Events in one answer, far under any server's `max_payload`. Bytes. */
  answerBytesMax: 512 * 1024,
  /** An ended call, and a quiet one's events, stay in memory this long for latecomers. Milliseconds. */
  endedKeepMs: 120_000,
  /** Ended calls whose latecomers hear `call_ended` and not `call_unknown`: 100 bytes each. The oldest go first. */
  endedCallsMax: 100_000,
  /** Outcomes remembered per call that the log does not hold, so that a repeated command gets the same one. */
  outcomesPerCallMax: 256,
  /** The owner's sign of life. Milliseconds. */
  headMs: 1_000,
  /** Calls in one message of heads, 60 bytes each. */
  headsPerMessageMax: 5_000,
  /** Not hearing one's own sign of life for this long: the silence of others says nothing. Milliseconds. */
  deafMs: 2_500,
  /** Nothing heard of a gateway for this long: its sockets are gone. Five signs of life. Milliseconds. */
  gatewaySilentMs: 5_000,
  /** Gateways heard at a time: a fleet of hundreds, and the former lives of those that start anew. Beyond it, others are not heard. */
  gatewaysMax: 2_000,
  /** No Call Server heard for this long: the mesh, as far as that goes. A restart on a busy machine takes some seconds. Milliseconds. */
  serverBackMs: 20_000,
  /** So long without an append of its own, an owner looks whether it still is one: one small question to the log. Milliseconds. */
  fenceCheckMs: 2_000,
  /** How often deadlines and silence are looked for. Milliseconds. */
  tickMs: 250,
  /** How long the question "does anybody own this?" waits for an owner that may be frozen. Milliseconds. */
  whoMs: 250,
  /** … and how often in a row it is asked in vain (`whoMs` and a tick each, so 3 s): counted, for whoever stood still itself is not fooled. */
  whoUnansweredMax: 6,
  /** How long each waits for the one whose turn it is before it: to find out (a tick), claim and be heard. Milliseconds. */
  turnMs: 500,
  /** A calls worker's sign of life. Milliseconds. */
  workerBeatMs: 1_000,
  /** Nothing heard of a calls worker for this long: it is gone or frozen. Three signs of life. Milliseconds. */
  workerSilentMs: 3_000,
  /** Partitions go to a worker that was up and heard for this long: one that fails at its start does so in less. Milliseconds. */
  steadyMs: 3_000,
  /** Placements kept: one over all workers, one without the dead one, one for each turn. */
  placementsKept: 50,
  /** After the bus was away all come back to it within two of their waits (0.15 s each). Milliseconds. */
  reconnectMs: 400,
  /** A hand-over takes as long as the append in flight. Beyond this its owner may have died: what it leaves is taken then. Milliseconds. */
  handOverMs: 500,
  /** Asked again after a no, which means that the two do not hear the same beats: some later ones settle that. Milliseconds. */
  handOverRetryMs: 5_000,
  /** A successor asks once this little may be missing: a fraction of a second of a partition's commits. */
  catchUpCommits: 200,
  /** … or so many reads later: whoever reads more slowly than the owner writes never gets there. */
  catchUpPassesMax: 5,
  /** Waiting for successors before the end: the supervisor's patience is 3 s. Milliseconds. */
  drainMs: 2_000,
  /** Between claims that failed: first and longest wait. Milliseconds. */
  claimRetryMsMin: 100,
  claimRetryMsMax: 5_000,
  /** Questions that wait for a commit in flight, or for a new owner. */
  questionsWaitingMax: 10_000,
  /** Types of events that only newer code knows, each with a figure of its own: one release hardly adds more. */
  skippedTypesMax: 20,
  /** A question kept for a new owner: who asked it waits no longer than this. Milliseconds. */
  questionMs: 2_500,
  /** Ended calls read back from the log and kept for the next who asks: one timeline page asks many times. */
  rereadKeptMax: 50,
  /** Ended calls read back from the log at the same time; a scan is the dearest question there is. */
  rereadsMax: 4,
  /** Events since the last snapshot, or since a replay began, that make the next one worth its cost: a tenth of a second of replay. */
  snapshotEventsMin: 10_000,
  /** With fewer, but any: so often, as refusals that are remembered stand nowhere else. Milliseconds. */
  snapshotMs: 5 * 60_000,
  /**
   * Then it rests for so many times as long as the last one kept the loop: snapshots may have a 20th of it. Waiting does
   * not count: when there is most to do it takes longest, and the tail behind a snapshot grows fastest.
   */
  snapshotRests: 20,
  /** After one that could not be saved: a store that is full or away is told of once a minute. Milliseconds. */
  snapshotRetryMs: 60_000,
  /** Text of a snapshot that is made in one go, about a millisecond of the loop. Bytes. */
  snapshotSliceBytes: 64 * 1024,
  /** Ended calls in one line of a snapshot: 60 bytes each. */
  snapshotEndedPerLineMax: 1_000,
  /** Up to so many calls in memory, a snapshot is quick enough to be made at a graceful stop. */
  snapshotAtStopCallsMax: 2_000,
  /** … and no longer than this; the process has 3.5 s in all. Milliseconds. */
  snapshotAtStopMs: 1_000,
} as const;
