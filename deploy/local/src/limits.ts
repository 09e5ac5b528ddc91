/** Bounds of the set-up and the supervisor. Milliseconds where the name says so. */
export const limits = {
  /** A child that dies at once must not eat the machine, one that died by chance should be back before anybody notices. */
  backOffMsMin: 50,
  backOffMsMax: 10_000,
  /** A child that ran this long is taken for healthy: its next death starts again with the shortest wait. */
  healthyAfterMs: 30_000,
  /** A process that stands by loads its modules when nobody waits: neither for the platform's start nor for media to come back. */
  standByAfterMs: 5_000,
  /** Deaths in a row after which the child's last lines are shown: one may be chance, three are a fault. */
  failuresShown: 3,
  /** Lines of its log that are shown then. */
  failureLines: 12,
  /** What a child wrote just before it died arrives after its death is known. */
  lastOutputMs: 50,
  /** From SIGTERM to SIGKILL; the whole stop is promised within five seconds. */
  stopGraceMs: 4_000,
  /** npm forwards Ctrl-C that the terminal has sent us already: one press may arrive twice within moments. */
  sameSignalMs: 400,
  /** A log file is rotated once beyond this; one old file is kept. Bytes. */
  logBytesMax: 10 * 1024 * 1024,
  /** A cold start replays the log of every partition first; this is for a slow disk, not for the normal case. */
  readyMsMax: 60_000,
  readyPollMs: 50,
  /** After this long a start that is not ready says what it is waiting for. */
  readyNoticeMs: 10_000,
  /** Ports tried upwards from the usual one. */
  portsTried: 50,
  /** A calls worker takes 100 MB and the work of one core: more than this is more than one machine has. */
  callsWorkersMax: 16,
  /** An edge gateway takes about as much. */
  edgesMax: 16,
  /** One TURN allocation is one port; a mesh of eight through the relay needs at most 56. Instances share them out. */
  turnRelayPorts: { min: 49_160, max: 49_959 },
  /** coturn processes on one machine: one may die and another is there; each has relay ports for three such meshes. */
  turnInstancesMax: 4,
  /** One participant needs one allocation per peer connection and network interface. */
  turnAllocationsPerUser: 64,
  /** nats-server's maximum message, above one commit's bound with room for its envelope. Bytes. */
  natsPayloadBytesMax: 8 * 1024 * 1024,
  /** A local question to a part (HTTP, STUN) that takes longer is no answer. */
  probeMs: 1_500,
  /** Every owner of a partition says each second that it is there; some more for a busy machine. Milliseconds. */
  headsHeardMs: 1_300,
  /** Chromium takes a second or two to say its version on a busy machine. */
  browserVersionMs: 15_000,
  /** A Unix socket's path: 107 on Linux, 103 on macOS. Bytes. */
  socketPathBytesMax: 103,
  /** Each process of ours has four at most; some more for people who look. */
  postgresConnectionsMax: 20,
  /** A client that stands still inside a transaction holds up all others for so long. Milliseconds. */
  postgresIdleMs: 60_000,
  /** Rows that were replaced leave room for others after this; each time costs a second or so. Milliseconds. */
  postgresVacuumMs: 30 * 60_000,
  /** How often nats-server is asked whether it is well; a request on loopback. */
  busLookMs: 2_000,
  /** Unwell for this long: neither an election (4 - 9 s) nor a moment. */
  busSickMs: 10_000,
  /** Room on its disk without which a fresh start would soon be full again. Bytes. */
  busFreeBytesMin: 512 * 1024 ** 2,
  /** Below this a first set-up or a day of calls may not fit. Bytes. */
  diskFreeBytesMin: 2 * 1024 ** 3,
  /** A ready-made mediasoup worker is 10 MB; a network that swallows packets should not hold us up for minutes. */
  prebuiltDownloadMs: 120_000,
  /** apt waits this long for another apt to finish. Seconds. */
  aptLockSeconds: 300,
} as const;
