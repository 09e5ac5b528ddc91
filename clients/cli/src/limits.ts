export const limits = {
  /** An owner answers from memory in milliseconds; on a busy machine it may wait for one fsync. Milliseconds. */
  answerMs: 3_000,
  /** An answer of the views; a parked call of ten thousand events is folded again within it. Milliseconds. */
  viewsMs: 10_000,
  /** Calls that are looked through for one list, open ones and ended ones each. */
  listMax: 1_000,
  /** How often the progress of a rebuild is asked for. Milliseconds. */
  rebuildPollMs: 500,
  /** Reasons in a table; --json has all of them. Columns. */
  reasonColumnsMax: 80,
  /** A screen of calls. */
  callsShownDefault: 50,
  /** Telemetry is for people to read: two seconds late is not late. Milliseconds. */
  telemetryEveryMs: 2_000,
  /** Values of a decision in one sentence; --json has all. */
  samplesShownMax: 6,
  /**
   * A call of twelve hours and eight people has some ten thousand events of 1 - 6 kB. A file that unpacks to more
   * than this is no call. Bytes.
   */
  fileBytesMax: 1024 ** 3,
  /** Below this a table of all columns would be mostly ellipses. Columns of the terminal. */
  wideColumnsMin: 100,
  /** Names are shown up to here in a column of their own. Columns of the terminal. */
  actorColumnsMax: 20,
  /** A list of people in a summary line. */
  peopleShownMax: 12,
} as const;
