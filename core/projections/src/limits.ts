/** Bounds of the views. */
export const limits = {
  /** Facts that one transaction takes: at 1 - 10 kB each this is what a process may hold twice (one batch is written while the next gathers). */
  batchEventsMax: 4_000,
  /** … and those that only move a call's sequence on: 100 bytes each. */
  batchMovesMax: 40_000,
  /** What waits for others before it is written: a transaction costs some milliseconds, whatever is in it. Milliseconds. */
  gatherMs: 25,
  /** … and this many times what the batch before took to write: lists must not take the processor from calls. */
  restFactor: 4,
  /** … but no longer than this: people wait for a list for two seconds at most. Milliseconds. */
  gatherMsMax: 500,
  /** A view or the log is away: first and longest wait before the next try. Milliseconds. */
  retryMsMin: 100,
  retryMsMax: 5_000,
  /** Tries of a batch that Postgres refuses for its data, before the call at fault is looked for. */
  triesMax: 3,
  /** Facts kept beside a view for one parked call: an hour of a busy one. Beyond it only a rebuild puts it back. */
  parkedEventsPerCallMax: 10_000,
  /** A reason is for people. Characters. */
  reasonLengthMax: 500,
  /** Connections of one process; the embedded Postgres works through them one after another. */
  connectionsMax: 4,
  /** A connection that is not there by then: Postgres is away. Milliseconds. */
  connectMs: 3_000,
  /** A statement that takes longer is given up: the largest batch takes about a second on the embedded one. Milliseconds. */
  queryMs: 30_000,
  /** Unused connections are closed, before the embedded server does it (60 s). Milliseconds. */
  idleMs: 20_000,
  /** So few commits behind the live one, a rebuilt view is brought level with it while both stand still. */
  closeCommits: 200,
} as const;
