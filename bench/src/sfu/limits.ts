/** Bounds and choices of the sfu bench, each with its reason. */
export const limits = {
  /** Two cores carry 15,000 packets/s of a Call Server and of the load beside each other. Bit/s of one camera. */
  videoBps: 1_000_000,
  /** Runs of everything, interleaved; the median of them counts. */
  rounds: 5,
  roundsQuick: 1,
  /** From the first packets until bandwidth estimates and buffers stand. Milliseconds. */
  leadMs: 3_000,
  leadMsQuick: 500,
  /** A window: some 2 s of CPU time, of which the clock of /proc (10 ms) is 0.5 %. Milliseconds. */
  windowMs: 10_000,
  windowMsQuick: 1_000,
  /** A run that lost more than this share did not do the same work. */
  lostShareMax: 0.001,
  /** … nor one where somebody was sent less: paused, or thinned for want of bandwidth. Edges of the window are 0.1 %. */
  forwardedShareMin: 0.99,
  /** Of all cores. Where more is taken, by whomever, who waits for a core is measured, not what the work costs. */
  busyShareMax: 0.95,
  /** Tries of one run that may be spoilt by what else the machine does. */
  triesMax: 2,
  /** As the SDK reports what it measures. Milliseconds. */
  reportEveryMs: 2_000,
  /** Everything of one room has connected and flows: DTLS of a hundred takes seconds on two cores. Milliseconds. */
  connectMs: 60_000,
  /** One answer of the load, of a server's signalling. Milliseconds. */
  answerMs: 20_000,
} as const;
