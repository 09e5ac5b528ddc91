export const limits = {
  /** A platform of our own is up within seconds; its database, which lists need, on the first start within ten more. Milliseconds. */
  platformMs: 90_000,
  /** Between two looks whether it is so far. Milliseconds. */
  lookMs: 200,
  /** Between two lines of progress, where nobody watches a terminal. Milliseconds. */
  progressMs: 10_000,
  /** Kinds of complaints of k6's that are shown: the first say what went wrong, the rest follows from it. Count. */
  complaintsMax: 10,
  /** … and how much of each. Characters. */
  complaintLengthMax: 300,
  /** More sockets than this need more than one k6. People. */
  usersMax: 20_000,
  /** A day. Seconds. */
  secondsMax: 24 * 3_600,
} as const;
