import { streams } from '@ringback/schemas';
import { waitFor } from '../../support/wait-for.ts';
import { fillDisks, freeDisks } from './small-disk.ts';
import type { LogStage } from './log-stage.ts';

export interface LogCase {
  /** `log/<name>`, with the kind of log in front. */
  readonly name: string;
  readonly replicas: 1 | 3;
  /** May anybody hear anything but an acknowledgement? Not where the fault is shorter than a gateway's patience. */
  readonly refusals: boolean;
  readonly standby?: boolean;
  /** Servers on small disks of their own, for which one must be root on Linux. */
  readonly smallDisks?: boolean;
  /** Does it under load; what it returns is printed. */
  readonly run: (stage: LogStage) => Promise<string | void>;
}

/** How long a server stands still, is cut off or has no disk. Longer than an election, and than a gateway waits. */
const longMs = 15_000;
/** Acknowledgements between one blow and the next: the load is itself again. */
const between = 400;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** kill -9 of each server, one after the other; a single one three times. */
async function killEach({ cluster, load }: LogStage): Promise<void> {
  const turns = cluster.replicas === 1 ? [0, 0, 0] : [0, 1, 2];
  for (const turn of turns) {
    const node = cluster.nodes[turn]!;
    await load.moreAcks(between);
    await node.kill();
    // Two of three go on without it; a single one is started again at once, as by the supervisor.
    if (cluster.replicas === 3) await load.moreAcks(between);
    node.start();
    await cluster.untilWell();
  }
}

async function killLeader({ cluster, load, on }: LogStage): Promise<void> {
  const leader = await cluster.leaderOf(on.nc, streams.events(0));
  await leader.kill();
  await load.moreAcks(between * 2);
  leader.start();
  await cluster.untilWell();
}

/** Two of three at once: nothing can be written until one of them is back. */
async function killTwo({ cluster, load, on }: LogStage): Promise<string> {
  const leader = await cluster.leaderOf(on.nc, streams.events(0));
  const other = cluster.nodes.find((node) => node !== leader)!;
  await Promise.all([leader.kill(), other.kill()]);
  // What was acknowledged before may still be on its way to us.
  await pause(1_000);
  const before = load.ackedCount;
  await pause(longMs / 3);
  const meanwhile = load.ackedCount - before;
  if (meanwhile > 0) throw new Error(`${meanwhile} were acknowledged by one server of three`);
  other.start();
  await load.moreAcks(between);
  leader.start();
  await cluster.untilWell();
  return 'nothing was acknowledged while one of three was left';
}

async function freezeLeader({ cluster, on }: LogStage): Promise<void> {
  const leader = await cluster.leaderOf(on.nc, streams.events(0));
  leader.freeze();
  await pause(longMs);
  leader.thaw();
  await cluster.untilWell();
}

/** Between the servers: the leader is alone and does not know it. */
async function cutOffLeader({ cluster, on }: LogStage): Promise<void> {
  cluster.cutOff(await cluster.leaderOf(on.nc, streams.events(0)));
  await pause(longMs);
  cluster.heal();
  await cluster.untilWell();
}

/** Between the calls worker and every server, both ways, and nobody is told. */
async function cutOffWorker({ wires }: LogStage): Promise<void> {
  for (const wire of wires) wire.deafen = wire.silence = true;
  await pause(longMs / 3);
  for (const wire of wires) wire.heal();
}

/** Servers store, and their acknowledgements never arrive. */
async function dropAcks({ wires, load }: LogStage): Promise<string> {
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    await load.moreAcks(between);
    const swallowed = () => wires.reduce((sum, wire) => sum + wire.swallowed, 0);
    const before = swallowed();
    for (const wire of wires)
      wire.onData = (from, data) => {
        if (from === 'server' && isAck(data)) wire.deafen = true;
      };
    await waitFor(() => swallowed() > before, 'an acknowledgement to be swallowed');
    for (const wire of wires) wire.onData = undefined;
    for (const wire of wires) wire.heal();
  }
  return `${rounds} acknowledgements swallowed`;
}

/** The calls worker dies at each step of a commit, to the message; then at any moment, often. */
async function killWorker({ wires, worker, load }: LogStage): Promise<string> {
  const steps: Record<string, (wire: LogStage['wires'][number], from: string, data: Buffer) => boolean> = {
    // The append does not leave.
    'before the append': (wire, from, data) => from === 'client' && isAppend(data) && (wire.silence = true),
    // Stored, and nobody here will know.
    'after the append, before its acknowledgement': (wire, from, data) =>
      from === 'server' && isAck(data) && (wire.deafen = true),
    // The worker knows, and can not tell.
    'after the acknowledgement, before the feed': (wire, from, data) =>
      from === 'server' && isAck(data) && (wire.silence = true),
  };
  const rounds = 3;
  for (let round = 0; round < rounds; round++)
    for (const reached of Object.values(steps)) {
      await load.moreAcks(between);
      await new Promise<void>((resolve) => {
        for (const wire of wires)
          wire.onData = (from, data) => {
            if (reached(wire, from, data)) resolve();
          };
      });
      // Time for the acknowledgement that it was let have.
      await pause(20);
      await worker.kill();
      for (const wire of wires) wire.onData = undefined;
      for (const wire of wires) wire.heal();
    }
  const anyMoment = 5;
  for (let round = 0; round < anyMoment; round++) {
    await load.moreAcks(Math.ceil(Math.random() * between));
    await worker.kill();
  }
  return `killed ${rounds} times at each of ${Object.keys(steps).length} steps, ${anyMoment} times at any`;
}

/** A zombie: another worker has taken over when it wakes and goes on as if nothing had happened. */
async function freezeWorker({ worker, load }: LogStage): Promise<void> {
  worker.freeze();
  await load.moreAcks(between);
  worker.thaw();
}

/** Every server's disk is full. Space alone is not enough: what is needed then is what operations.md says. */
async function fillDisk({ cluster, load }: LogStage): Promise<string> {
  const folders = cluster.nodes.map(({ folder }) => folder);
  const stop = fillDisks(folders);
  let before = -1;
  try {
    await waitFor(
      async () => {
        const stuck = load.ackedCount === before;
        before = load.ackedCount;
        await pause(1_000);
        return stuck;
      },
      'the log to be full',
      60_000,
    );
    // Longer than a gateway waits: whoever asks now is told at once.
    await pause(longMs * 2);
  } finally {
    stop();
  }
  freeDisks(folders);
  await pause(3_000);
  const resumed = load.ackedCount > before;
  if (!resumed)
    for (const node of cluster.nodes) {
      // As the supervisor does it.
      await node.kill('SIGTERM');
      node.start();
    }
  await cluster.untilWell();
  return resumed ? 'went on by itself once there was space' : 'went on after a restart of nats-server';
}

/** One server of three: the others go on, and it comes back when it has room and is started again. */
async function fillLeadersDisk({ cluster, load, on }: LogStage): Promise<string> {
  const leader = await cluster.leaderOf(on.nc, streams.events(0));
  const stop = fillDisks([leader.folder]);
  try {
    await load.moreAcks(between * 4);
  } finally {
    stop();
  }
  freeDisks([leader.folder]);
  await pause(3_000);
  const isWell = await leader.isWell();
  if (!isWell) {
    await leader.kill('SIGTERM');
    leader.start();
  }
  await cluster.untilWell();
  return `the others went on; the full one was ${isWell ? 'well by itself' : 'well after a restart'}`;
}

/** A stand-in for a slow disk: the servers stand still for most of the time. */
async function slowDisk({ cluster }: LogStage): Promise<string> {
  const [frozenMs, runningMs, pulses] = [150, 50, 50];
  for (let pulse = 0; pulse < pulses; pulse++) {
    for (const node of cluster.nodes) node.freeze();
    await pause(frozenMs);
    for (const node of cluster.nodes) node.thaw();
    await pause(runningMs);
  }
  return `stand-in: SIGSTOP for ${frozenMs} of each ${frozenMs + runningMs} ms, ${pulses} times`;
}

const both = (name: string, one: Omit<LogCase, 'name' | 'replicas'>): LogCase[] =>
  ([1, 3] as const).map((replicas) => ({ name: `log/r${replicas}-${name}`, replicas, ...one }));
const onThree = (name: string, one: Omit<LogCase, 'name' | 'replicas'>): LogCase[] =>
  both(name, one).filter(({ replicas }) => replicas === 3);

export const logCases: readonly LogCase[] = [
  ...both('nothing', { refusals: false, run: async () => {} }),
  ...both('server-killed', { refusals: false, run: killEach }),
  ...onThree('leader-killed', { refusals: false, run: killLeader }),
  ...onThree('two-killed', { refusals: true, run: killTwo }),
  ...both('leader-frozen', { refusals: false, run: freezeLeader }),
  ...onThree('leader-cut-off', { refusals: true, run: cutOffLeader }),
  ...both('worker-cut-off', { refusals: false, run: cutOffWorker }),
  ...both('acks-dropped', { refusals: false, run: dropAcks }),
  ...both('worker-killed', { refusals: false, run: killWorker }),
  ...both('worker-frozen', { refusals: false, standby: true, run: freezeWorker }),
  ...both('disk-full', { refusals: true, smallDisks: true, run: fillDisk }),
  ...onThree('one-disk-full', { refusals: true, smallDisks: true, run: fillLeadersDisk }),
  ...both('disk-slow', { refusals: true, run: slowDisk }),
];

/** @param only undefined: all; `log`: all of these; or one by its name. */
export function chooseLogCases(only: string | undefined): LogCase[] {
  return logCases.filter(({ name }) => only === undefined || only === 'log' || only === name);
}

/** A request for an append: its subject is the log's. */
function isAppend(data: Buffer): boolean {
  return data.includes('HPUB evt.');
}

/** JetStream's acknowledgement of an append to a stream of facts. */
function isAck(data: Buffer): boolean {
  return data.includes('"stream":"EVT_');
}
