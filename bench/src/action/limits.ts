/** How much is measured, each with its reason. */
export const limits = {
  /** Calls of four at each of two platforms: 8,000 sockets. The idle one's own work (5 % of two cores) stays small. */
  calls: 1_000,
  callsQuick: 50,
  /** One acts, three hear it. */
  peoplePerCall: 4,
  /** Calls being joined at once, far under what a gateway lets wait. */
  joinsAtOnce: 50,
  /** An answer while joining; the machine is not under load then. Milliseconds. */
  answerMs: 15_000,
  /** A rate holds while 99 of 100 actions reach all three within this: later, a mute is heard before it is seen. Milliseconds. */
  p99MsMax: 200,
  /** Runs of everything, interleaved; the median of them counts. */
  rounds: 3,
  roundsQuick: 1,
  /** Before each measured window. Milliseconds. */
  leadMs: 1_000,
  leadMsQuick: 200,
  /** A window: at nine tenths of a maximum tens of thousands of actions. Milliseconds. */
  windowMs: 5_000,
  windowMsQuick: 800,
  /** At 100 a second the clock of /proc (10 ms) would show in shorter ones. Milliseconds. */
  slowWindowMs: 10_000,
  /** What is not through so long after the last one was sent is lost: longer than a gateway's resend. Milliseconds. */
  drainMs: 4_000,
  /** The slow rate that every run is measured at. */
  slowPerSecond: 100,
  /** Where the search for a maximum begins, and where it ends at the latest: the load itself goes no further. */
  searchFromPerSecond: 2_000,
  searchMaxPerSecond: 60_000,
  /** … nor where it would only meet the rate limit: the edge lets each of four say 60 a second. */
  actionsPerCallPerSecondMax: 200,
  /** A maximum is known within this factor; runs differ by as much. */
  searchWithin: 1.08,
  /** Publishes without an ack. Beyond it the log does not keep up, and more would only fill memory. */
  publishesPendingMax: 5_000,
} as const;
