/** Bounds of the views worker. */
export const limits = {
  /** How long a list waits for what somebody knows to be there: longer than any batch takes. Milliseconds. */
  atLeastMs: 2_000,
  atLeastPollMs: 25,
  /** How often a view that is being built is compared with the log. Milliseconds. */
  buildPollMs: 250,
  /** Postgres or the log is away at the start: first and longest wait. Milliseconds. */
  retryMsMin: 100,
  retryMsMax: 5_000,
  /** Questions at once: each holds a connection, and who waits longer than a client does waits in vain. */
  questionsMax: 200,
} as const;
