export const limits = {
  /** A platform of our own is up within seconds; its database, which lists need, on the first start within ten more. Milliseconds. */
  platformMs: 90_000,
  /** Between two looks whether it is so far. Milliseconds. */
  lookMs: 200,
  /** Between two lines of progress, where nobody watches a terminal. Milliseconds. */
  progressMs: 10_000,
  /** The last lines of k6's log that are shown; a load that fails says the same a thousand times. Count. */
  complaintsMax: 10,
  /** More sockets than this need more than one k6. People. */
  usersMax: 20_000,
  /** A day. Seconds. */
  secondsMax: 24 * 3_600,
} as const;
