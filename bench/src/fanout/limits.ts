/** How much is measured, each with its reason. */
export const limits = {
  /** Runs of everything, interleaved; the median of them counts. */
  rounds: 3,
  roundsQuick: 1,
  /** Before each measured window. Milliseconds. */
  leadMs: 500,
  leadMsQuick: 200,
  /** A window: 60,000 frames, which take half a second of CPU, of which the clock of /proc (10 ms) is 2 %. Milliseconds. */
  windowMs: 3_000,
  windowMsQuick: 1_000,
  /** A quick run has a tenth of the sockets. */
  quickShare: 0.1,
  /** Publishes that share a tick, where it is not one. */
  batch: 10,
  /** What has not arrived so long after the last publish is lost: the slowest peer writes 20,000 frames a tick in half a second. Milliseconds. */
  drainMs: 20_000,
  /** How often the load is asked whether everything has arrived. Milliseconds. */
  lookMs: 20,
  /** An answer of the load: tens of thousands of sockets open, on a machine that does nothing else. Milliseconds. */
  answerMs: 150_000,
  /** Events of a call that the stand-in owner keeps for who asks. */
  recentMax: 100,
  /** An owner's sign of life. Milliseconds. */
  headMs: 1_000,
  /** Idle sockets before the first look at memory: what the first of anything costs is not counted. */
  idleFirst: 1_000,
  /** … and in all. */
  idle: 20_000,
  /** What a process needs beside its sockets. */
  filesSpare: 500,
  /** Everybody is woken so often: the first time much is done for the first time. */
  wakes: 3,
  /** Between two of these: what is written has been read, and rests. Milliseconds. */
  wakePauseMs: 1_000,
} as const;

/** Who is told: every socket of a shape follows all of its calls. */
export const shapes = {
  /** One call with a thousand who watch. */
  one: { title: '1 -> 1,000', calls: 1, sockets: 1_000, ticksPerSecond: 20 },
  /** Ten calls, and two thousand who watch all ten: as many frames a second. */
  ten: { title: '10 -> 2,000', calls: 10, sockets: 2_000, ticksPerSecond: 10 },
} as const;
export type ShapeName = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as ShapeName[];
