/** Bounds of the fuzzing, each with its reason. */
export const limits = {
  /** What `npm run fuzz` sends where it is not told. Count. */
  messagesDefault: 20_000,
  /** Of one person in one scene: less than the burst that the gateway lets through at once, so that nothing is refused for its rate. Count. */
  messagesPerPerson: 240,
  /** Requests of one scene. Count. */
  requestsPerScene: 24,
  /** Scenes at a time: 96 sockets share the owner's commits, and two cores are busy. Count. */
  scenesAtOnce: 24,
  /** Messages in one write, whose replies are waited for together. Count. */
  batchMax: 24,
  /** A reply later than this is none: a gateway gives up on an owner after 12 s. Milliseconds. */
  replyMs: 20_000,
  /** Of so many scenes one is read back over HTTP: telemetry is found by looking through all there is. Count. */
  scenesPerReadBack: 4,
  /** Until one asks again who was told to. Milliseconds. */
  againMs: 100,
  /** Memory is looked at after so many messages. Count. */
  messagesPerSample: 20_000,
  /** Below so many messages nothing is said about memory: caches are still filling. Count. */
  flatFromMessages: 400_000,
  /** What the heap of a process may grow by from the middle of a run to its end, as a share … */
  heapGrowth: 0.2,
  /** … and beside that, for what is in flight when it is looked at. Bytes. */
  heapSlackBytes: 8 * 1024 * 1024,
  /** Faults of one run that are told; the rest is counted. Count. */
  faultsTold: 20,
} as const;
