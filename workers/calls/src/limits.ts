/** Bounds of an owner of one partition. */
export const limits = {
  /** Events that share one append: 500 of 700 bytes are 350 kB, where the fsync is spread thin already. */
  commitEventsMax: 500,
  /** Commands waiting for a commit: two seconds' worth at the rate this machine class holds (10,000/s). Beyond it: `overloaded`. */
  waitingMax: 20_000,
  /** … and their size: a take-over's worth of offers, far from what a process may use. Bytes. */
  waitingBytesMax: 64 * 1024 * 1024,
  /** Events of an open call kept for those who ask again; older ones are read from the log. */
  recentEventsPerCallMax: 1_000,
  /** … and their size: eight people's offers and answers to each other, twice. Bytes. */
  recentBytesPerCallMax: 1024 * 1024,
  /** … and of all open calls of a partition: two minutes of 650 events a second; at more, of each call the latest. Bytes. */
  recentBytesMax: 64 * 1024 * 1024,
  /** Events in one answer, far under any server's `max_payload`. Bytes. */
  answerBytesMax: 512 * 1024,
  /** An ended call, and a quiet one's events, stay in memory this long for latecomers. Milliseconds. */
  endedKeepMs: 120_000,
  /** Summaries of ended calls, about 1 kB each with four people: 100 MB. The oldest go first; their facts stay in the log. */
  endedSummariesMax: 100_000,
  /** Outcomes remembered per call that the log does not hold, so that a repeated command gets the same one. */
  outcomesPerCallMax: 256,
  /** The owner's sign of life. Milliseconds. */
  headMs: 1_000,
  /** Calls in one message of heads, 60 bytes each. */
  headsPerMessageMax: 5_000,
  /** Not hearing one's own sign of life for this long: the silence of others says nothing. Milliseconds. */
  deafMs: 2_500,
  /** Nothing heard of an owner for this long: it is gone or frozen. Three signs of life. Milliseconds. */
  ownerSilentMs: 3_000,
  /** Nothing heard of a gateway for this long: its sockets are gone. Five signs of life. Milliseconds. */
  gatewaySilentMs: 5_000,
  /** No Call Server heard for this long: the mesh, as far as that goes. A restart on a busy machine takes some seconds. Milliseconds. */
  serverBackMs: 20_000,
  /** How often deadlines and silence are looked for. Milliseconds. */
  tickMs: 250,
  /** How long the question "does anybody own this?" waits for an owner that may be frozen. Milliseconds. */
  whoMs: 500,
  /** Between claims that failed: first and longest wait. Milliseconds. */
  claimRetryMsMin: 100,
  claimRetryMsMax: 5_000,
  /** Questions that wait for a commit in flight. */
  questionsWaitingMax: 10_000,
  /** Ended calls read back from the log and kept for the next who asks: one timeline page asks many times. */
  rereadKeptMax: 50,
  /** Ended calls read back from the log at the same time; a scan is the dearest question there is. */
  rereadsMax: 4,
} as const;
