/** Bounds of a simulation, each with its reason. Milliseconds of simulated time unless the name says otherwise. */
export const limits = {
  /** A long run has 60,000 steps; ten times as many is a loop. Count. */
  stepsMax: 600_000,
  /** Lines of the diary kept for who looks at a failure. Count. */
  linesKept: 2_000,
  /** … and shown. Count. */
  linesShown: 60,
  /** After the last fault: a client's longest pause and two of its time-outs, an owner's silence, a link's resend. */
  settleMs: 75_000,
  /** What is asked when all is quiet is answered within this. */
  probeMs: 15_000,
  /** uWebSockets.js ends a socket that sent nothing for this long (`idleSeconds` of the edge). */
  socketIdleMs: 32_000,
  /** As the log on JetStream: one try, all tries, a read without an answer. */
  appendTryMs: 1_000,
  appendMs: 12_000,
  readStallMs: 12_000,
  /** Who follows the log and hears nothing asks again. */
  followMs: 5_000,
  /** Commits in one answer of a read, so that faults can come in the midst of one. Count. */
  readPageCommits: 100,
  /** … and what may come once more, where somebody follows. Count. */
  againCommits: 3,
  /** Wall clocks are never further from true time: an edge takes ids that are off by 5 minutes. */
  skewMsMax: 60_000,
} as const;
