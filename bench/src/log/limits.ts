/** How much is measured, each with its reason. */
export const limits = {
  /** One stream, one owner, one append in flight each: one alone, as `npm start` has them, and past the number of cores. */
  partitions: [1, 4, 8],
  partitionsQuick: [4],
  /** Live calls: all heat on a few, the usual, and as many as one machine is meant to hold. */
  calls: [10, 1_000, 10_000],
  callsQuick: [10, 200],
  /** The figures without a suffix. */
  usualPartitions: 4,
  usualCalls: 1_000,
  /** In each call, in turn. */
  peoplePerCall: 4,
  /** Runs of everything, interleaved; the median of them counts. */
  rounds: 3,
  roundsQuick: 1,
  /** Before each measured window. Milliseconds. */
  leadMs: 1_000,
  leadMsQuick: 200,
  /** A window of the search for the maximum, and of each rate: at a tenth still 10,000 actions. Milliseconds. */
  windowMs: 3_000,
  windowMsQuick: 700,
  /** Without an answer in one partition while the maximum is measured: a commit on its way and a full one that waits. */
  inFlightPerPartition: 1_000,
  /** Without an answer in all, as one gateway may have (`pendingMax` of core/link). */
  pendingMax: 20_000,
  /** One message to an owner (`batchBytesMax` of core/link). Bytes. */
  batchBytesMax: 512 * 1024,
  /** Who is turned away comes back after this. Milliseconds. */
  refusedMs: 5,
  /** A gateway's sign of life. Milliseconds. */
  beatMs: 1_000,
  /** What is not answered so long after the last one was sent is lost. Milliseconds. */
  drainMs: 10_000,
  /** For the worker to start and claim an empty log. Milliseconds. */
  ownedMs: 30_000,
  /** One publish of the bare limit; the log may be slow, not gone. Milliseconds. */
  publishMs: 10_000,
} as const;
