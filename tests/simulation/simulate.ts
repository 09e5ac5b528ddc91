import { stateHash } from '@ringback/eventlog';
import { Cluster, type ClusterShape } from './cluster.ts';
import { heal, startFaults, type Victims } from './faults.ts';
import { limits } from './limits.ts';
import { Person } from './person.ts';
import type { Plant } from './plant.ts';
import { Front } from './socket.ts';
import { Truth } from './truth.ts';
import { compareViews, viewNames } from './views.ts';
import { describe, World } from './world.ts';

export interface Result {
  readonly seed: number;
  /** Undefined: all is well. */
  readonly failure: string | undefined;
  /** sha256 over the whole diary: equal for equal runs. */
  readonly hash: string;
  /** The end of the diary. */
  readonly lines: readonly string[];
  readonly figures: {
    readonly seconds: number;
    readonly steps: number;
    readonly events: number;
    readonly acked: number;
    readonly delivered: number;
    readonly claims: number;
  };
}

/** One simulated minute or so of a platform in trouble; all of it follows from the seed. */
export async function simulate(seed: number, plant: Plant = {}): Promise<Result> {
  const world = new World(seed);
  const truth = new Truth(world);
  const onRejection = (error: unknown) => world.fail(`a rejection that nobody handles: ${describe(error)}`);
  process.on('unhandledRejection', onRejection);
  try {
    await live(world, truth, plant);
  } catch (error) {
    world.fail(describe(error));
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  const { acked, delivered, claims } = truth;
  return {
    seed,
    failure: world.failures[0],
    lines: world.lines(limits.linesKept),
    figures: {
      seconds: Math.round(world.now / 1_000),
      steps: world.steps,
      ...{ events: truth.eventCount, acked, delivered, claims },
    },
    hash: world.hash(),
  };
}

async function live(world: World, truth: Truth, plant: Plant): Promise<void> {
  const { chance } = world;
  const shape = drawShape(world);
  const cluster = new Cluster(world, shape, truth, plant);
  const front = new Front(
    world,
    { delayMs: chance.spread(1, 60), tail: chance.of([0, 0.001, 0.02]) },
    { bufferedBytesMax: chance.of([4_000, 20_000, 1_000_000]), doubling: chance.of([0, 0, 0.02, 0.2]) },
    () => cluster.edges,
  );
  const people = drawPeople(world, { front, truth, known: [] });
  const victims: Victims = { world, cluster, front, people, truth };
  const troubleMs = chance.spread(12_000, 70_000);
  const kinds = startFaults(victims, troubleMs);
  world.note(
    'WORLD',
    `${JSON.stringify(shape)}, ${people.length} people, ${troubleMs.toFixed(0)} ms of: ${kinds.join(', ')}`,
  );
  for (const person of people) person.live(troubleMs);
  await world.runUntil(troubleMs);
  heal(victims);
  await settle(victims);
  for (const person of people) person.probe();
  await settle(victims, limits.probeMs);
  await compareOwners(victims);
  await compareProjections(victims);
  for (const person of people) person.compare();
}

function drawShape({ chance }: World): ClusterShape {
  return {
    partitions: chance.int(1, 2),
    workers: chance.int(2, 3),
    edges: chance.int(1, 3),
    network: { delayMs: chance.spread(0.1, 20), tail: chance.of([0, 0.001, 0.02]) },
    diskMs: chance.spread(0.2, 30),
    postgresMs: chance.spread(0.1, 20),
  };
}

function drawPeople(world: World, of: ConstructorParameters<typeof Person>[1]): Person[] {
  const { chance } = world;
  const pauseMs = chance.spread(200, 4_000);
  const watchers = chance.is(0.5) ? 1 : 0;
  return Array.from({ length: chance.int(2, 6) + watchers }, (_, i) => {
    const watches = i < watchers;
    return new Person(world, of, `${watches ? 'watcher' : 'person'}-${i + 1}`, { pauseMs, watches });
  });
}

/** Without faults everything comes to rest: each partition has its owner, everybody is in and has seen everything. */
async function settle(
  { world, cluster, front, people, truth }: Victims,
  patienceMs: number = limits.settleMs,
): Promise<void> {
  const partitions = Array.from({ length: cluster.shape.partitions }, (_, p) => p);
  const isQuiet = () =>
    partitions.every((p) => cluster.holders(p) === 1) &&
    cluster.edges.every(({ process, link }) => process.alive && link.pendingCount === 0) &&
    // A client finds out by silence that its socket is dead.
    [...front.links].every((link) => !link.isSilent) &&
    people.every((person) => person.isSettled());
  const end = world.now + patienceMs;
  // Quiet for two seconds is quiet: an owner has told its heads by then.
  for (let quietFor = 0; quietFor < 2; quietFor = isQuiet() ? quietFor + 1 : 0) {
    if (world.failures.length > 0) return;
    if (world.now >= end) {
      const held = partitions.map((p) => `partition ${p} has ${cluster.holders(p)} owners`);
      const pending = cluster.edges.map(
        ({ process, link }) => `${process.name} waits for ${link.pendingCount} answers`,
      );
      const states = [...held, ...pending, ...people.map((p) => p.describe())];
      const heads = truth.callIds().map((id) => `${id} is at ${truth.head(id)}`);
      return world.fail(`no rest after ${patienceMs} ms:\n  ${[...states, ...heads].join('\n  ')}`);
    }
    await world.runUntil(world.now + 1_000);
  }
}

/** What the owners answer is what anybody folds from the log. */
async function compareOwners({ world, cluster, truth }: Victims): Promise<void> {
  const { reader } = cluster.edges[0]!;
  for (const callId of truth.callIds()) {
    const asked = { answer: undefined as Awaited<ReturnType<typeof reader.state>> | undefined };
    void reader.state(callId, 'default').then((answer) => (asked.answer = answer));
    await world.runUntil(world.now + limits.probeMs, () => asked.answer !== undefined);
    if (world.failures.length > 0) return;
    const fresh = truth.freshView(callId)!;
    const { answer } = asked;
    if (answer === undefined || 'code' in answer)
      return world.fail(`the owner of ${callId} does not answer: ${answer?.code}`);
    if (answer.stateHash !== stateHash(fresh))
      return world.fail(
        `the owner of ${callId} is at ${answer.state.seq} with another state than the log, at ${fresh.seq}`,
      );
  }
}

/** What the views hold is what anybody folds from the log, once an operator had parked calls folded again. */
async function compareProjections({ world, cluster, truth }: Victims): Promise<void> {
  const isLevel = () => cluster.views.isLevel(cluster.heads());
  await world.runUntil(world.now + limits.settleMs, isLevel);
  if (world.failures.length > 0) return;
  const { views, postgres } = cluster;
  if (!isLevel())
    return world.fail(`views have no rest at ${cluster.heads().join(', ')}: ${views.describe()}`);
  for (const name of viewNames)
    for (const callId of postgres.store.parked(views.keeper.followed(name)!)) {
      const retried = { done: false };
      void views.retry(name, callId).then(() => (retried.done = true));
      await world.runUntil(world.now + limits.probeMs, () => retried.done);
    }
  const wrong = compareViews(views, postgres, truth);
  if (wrong !== undefined) world.fail(wrong);
}
