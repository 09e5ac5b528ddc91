export const limits = {
  /**
   * All events of one commit; a command of which more would come is refused before anything of it is done. nats-server's
   * `max_payload` here is 8 MB; where a server has its default of 1 MB, a commit still fits, with the change of
   * route that may follow its last command on top. Bytes.
   */
  commitBytesMax: 768 * 1024,
  /** The least that a server must take in one message: its own default. What is larger would be tried for ever. Bytes. */
  payloadBytesMin: 1024 * 1024,
  /** One try of an append; a healthy R1 answers in 1 - 20 ms, a cluster that elects needs several tries. Milliseconds. */
  appendTryMs: 1_000,
  /** All tries together: two elections (4 - 9 s each: the first may be a tie), and a gateway's patience. Milliseconds. */
  appendMs: 20_000,
  /** Between tries: first and longest wait. Milliseconds. */
  retryMsMin: 10,
  retryMsMax: 250,
  /** Nothing read for this long though there is more: an election takes 4 - 9 s. Milliseconds. */
  readStallMs: 12_000,
  /** The server says that a read is alive this often; two missed and it is asked anew: a leader changed, a request was lost. Milliseconds. */
  readHeartbeatMs: 1_000,
  /**
   * Asked for ahead in a read. A server cuts off a client with 64 MB on the way to it, so this is counted in bytes
   * and far below that; a commit may have 800 kB.
   */
  readAheadBytes: 8 * 1024 * 1024,
  /** Telemetry is for debugging recent calls: 14 days. Nanoseconds, as the server takes it. */
  telemetryAgeNs: 14 * 24 * 3600 * 1e9,
  /** … and no more than this on disk. The server sets it aside at once, also on a small disk. Bytes. */
  telemetryBytesMax: 256 * 1024 ** 2,
  /** Ids are remembered this long, so that a resend is stored once; far longer than `appendMs`. Nanoseconds. */
  duplicateWindowNs: 120 * 1e9,
  /**
   * Clocks of whoever makes a call's id and of the log's server differ: the edge admits 5 minutes, and a
   * scan starts this much before the id's time. Milliseconds.
   */
  clockSkewMs: 10 * 60_000,
  /** One snapshot as it is stored, compressed: nearly three times what 10,000 calls of five took. Bytes. */
  snapshotBytesMax: 32 * 1024 ** 2,
  /** All snapshots: two each for four partitions of that size; the server sets it aside at once. Bytes. */
  snapshotsBytesMax: 256 * 1024 ** 2,
  /** Nothing read of a snapshot for this long: parts of it are missing. To replay instead must not start late. Milliseconds. */
  snapshotStallMs: 3_000,
  /** Parts that nothing points at are of a save that a death cut short; the slowest save is far quicker. Milliseconds. */
  snapshotOrphanMs: 10 * 60_000,
  /** Between this machine and nats-server; NTP holds milliseconds, and take-overs reason in seconds. Milliseconds. */
  clockSkewWarnMs: 1_000,
  /** Making streams: one try, on a cluster that fsyncs on a busy disk. Milliseconds. */
  provisionTryMs: 5_000,
  /** … all tries: three servers that start with a long log each; the supervisor starts us again after that. Milliseconds. */
  provisionMs: 60_000,
  /** … and how often it is said that we wait. Milliseconds. */
  provisionNoticeMs: 5_000,
} as const;
