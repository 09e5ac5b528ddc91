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
  /** An answer over HTTP later than this is none: a page of telemetry looks through 16 MB, after others that do. Milliseconds. */
  answerMs: 90_000,
  /** Memory is looked at after so many messages. Count. */
  messagesPerSample: 20_000,
  /** Below so many messages nothing is said about memory: compiled code and first caches weigh more than a leak would. Count. */
  flatFromMessages: 400_000,
  /** Until what ended is forgotten: a grace of 30 s, two minutes that an ended call is kept, and a tick. Milliseconds. */
  restMs: 170_000,
  /**
   * What a process may hold more at rest than before the first message: code that was compiled meanwhile (5 MB), ended calls
   * (100,000 of 100 bytes at most), users and addresses whose rate is remembered (30,000 of 100 bytes). Of a million
   * messages, 25 bytes of each. Bytes.
   */
  heapSlackBytes: 24 * 1024 * 1024,
  /** Messages between gateways and workers, after which each owner is asked whether it is there: few enough to wait in its queue. Count. */
  busBatch: 50,
  /** … and how long that may take; while a partition changes hands nobody answers. Milliseconds. */
  whoMs: 2_000,
  /** Of the messages that clients send, so many for one between gateways and workers. Count. */
  clientMessagesPerBusMessage: 10,
  /** Lines of the logs about what is wrong on the bus: a few of each kind, however many there were. Count. */
  busLinesMax: 150,
  /** Faults of one run that are told; the rest is counted. Count. */
  faultsTold: 20,
} as const;
