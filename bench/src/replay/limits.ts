/** How much is measured, each with its reason. */
export const limits = {
  /** A log of some busy days, and in it the longest call that people have: each hundredth event is its. */
  events: 1_000_000,
  eventsQuick: 20_000,
  longCallEvery: 100,
  /** The other calls of that log. */
  calls: 200,
  peoplePerCall: 4,
  /** Live calls while a partition changes its owner, with as many people as a meeting has. */
  liveCalls: 10_000,
  liveCallsQuick: 200,
  peoplePerLiveCall: 5,
  partitions: 4,
  /** Runs of everything, interleaved; the median of them counts. */
  rounds: 5,
  roundsQuick: 1,
  /** Owners that are killed, one after the other. */
  takeOvers: 3,
  takeOversQuick: 1,
  /** Runs of all views on each of the two logs, after one that is not counted. */
  rebuildRounds: 3,
  rebuildRoundsQuick: 1,
  /** For a second worker to start, and for what workers settle among themselves. Milliseconds. */
  settleMs: 8_000,
  /** How often it is asked who owns a partition now: the grain of a take-over. Milliseconds. */
  whoEveryMs: 10,
  whoMs: 250,
  /** Longer than any take-over may be. Milliseconds. */
  takeOverMs: 120_000,
  /** For the embedded Postgres to start, and before that, where it was never set up, to make its template. Milliseconds. */
  postgresMs: 60_000,
  /** An answer out of memory. Milliseconds. */
  askMs: 10_000,
  /** Asked for ahead, as the log's own reader does. Bytes. */
  readAheadBytes: 8 * 1024 * 1024,
} as const;
