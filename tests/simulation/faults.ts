import type { Cluster } from './cluster.ts';
import { limits } from './limits.ts';
import type { Person } from './person.ts';
import type { Crash, Process } from './process.ts';
import type { Front } from './socket.ts';
import type { Truth } from './truth.ts';
import { viewNames } from './views.ts';
import type { World } from './world.ts';

export interface Victims {
  readonly world: World;
  readonly cluster: Cluster;
  readonly front: Front;
  readonly people: readonly Person[];
  readonly truth: Truth;
}

/** What may go wrong, each by its name. A new one needs a line here and nothing else. */
const faults: Readonly<Record<string, (on: Victims) => void>> = {
  'a connection to the server breaks': ({ world: { chance }, cluster }) =>
    connectionOf(cluster, some(cluster))?.cut(chance.spread(20, 8_000)),
  'a connection to the server stands still': ({ world: { chance }, cluster }) =>
    connectionOf(cluster, some(cluster))?.stall(chance.spread(20, 4_000)),
  'the server restarts': ({ world: { chance }, cluster }) => {
    const downMs = chance.spread(100, 4_000);
    cluster.log.away(downMs);
    // Each comes back in its own time.
    for (const process of cluster.processes())
      connectionOf(cluster, process)?.cut(downMs + chance.between(0, 1_000));
  },
  'a worker is killed': ({ world: { chance }, cluster }) => chance.of(cluster.workers).process.kill(),
  'a worker dies at its next commit': ({ world: { chance }, cluster }) => {
    const crashes: readonly Crash[] = ['before-write', 'after-write', 'while-telling'];
    chance.of(cluster.workers).process.crash = chance.of(crashes);
  },
  'a worker is told to stop': ({ world: { chance }, cluster }) => {
    const { process } = chance.of(cluster.workers);
    const life = cluster.workers.find((w) => w.process === process)!;
    process.enter(() => void life.stop());
  },
  'a worker freezes': ({ world, cluster }) =>
    freeze(world, cluster, world.chance.of(cluster.workers).process),
  'a gateway is killed': ({ world: { chance }, cluster }) => chance.of(cluster.edges).process.kill(),
  'a gateway is told to stop': ({ world: { chance }, cluster }) => {
    const life = chance.of(cluster.edges);
    life.process.enter(() => void life.stop());
  },
  'a gateway freezes': ({ world, cluster }) => freeze(world, cluster, world.chance.of(cluster.edges).process),
  'a socket is reset': ({ world, front }) => socket(world, front)?.reset(),
  'a socket falls silent': ({ world, front }) => socket(world, front)?.silence(),
  "a client's network stands still": ({ world, front }) =>
    socket(world, front)?.stall(world.chance.spread(50, 15_000)),
  'a page freezes': ({ world, people }) => thawLater(world, world.chance.of(people).process, 25_000),
  'a page is loaded anew': ({ world, people }) => world.chance.of(people).reload(),
  'a client has another network': ({ world, people }) => world.chance.of(people).changeNetwork(),
  'a clock jumps': ({ world, cluster, people }) => {
    const { chance } = world;
    const process = chance.of([...cluster.processes(), ...people.map((p) => p.process)]);
    const ms = chance.between(-1, 1) * chance.spread(100, 20_000);
    process.skewMs = Math.max(-limits.skewMsMax, Math.min(limits.skewMsMax, process.skewMs + ms));
    world.note(process.name, `has its clock ${process.skewMs.toFixed(0)} ms off now`);
  },
  'acknowledgements are lost': ({ world, cluster }) => cluster.log.loseAcks(world.chance.int(1, 3)),
  'the log is slow': ({ world: { chance }, cluster }) =>
    cluster.log.slow(chance.spread(2, 200), chance.spread(200, 6_000)),
  'the log answers nobody': ({ world, cluster }) => cluster.log.away(world.chance.spread(100, 9_000)),
  'the views worker is killed': ({ cluster }) => cluster.views.process.kill(),
  'the views worker dies at its next transaction': ({ world: { chance }, cluster }) => {
    cluster.views.process.crash = chance.of(['before-commit', 'after-commit'] as const);
  },
  'the views worker is told to stop': ({ cluster: { views } }) =>
    views.process.enter(() => void views.stop()),
  'the views worker freezes': ({ world, cluster }) => freeze(world, cluster, cluster.views.process),
  'a second views worker takes over': ({ world, cluster }) => {
    const { chance } = world;
    if (cluster.formerViews.size > 0) return;
    const former = cluster.replaceViews();
    world.after(chance.spread(100, 20_000), () =>
      chance.is(0.5) ? former.process.kill() : former.process.enter(() => void former.stop()),
    );
  },
  'a view is built anew': ({ world: { chance }, cluster }) => {
    const life = chance.of([cluster.views, ...cluster.formerViews]);
    life.process.enter(() => life.rebuild(chance.of(viewNames)));
  },
  'a view can not fold a call': (on) => {
    const { unfoldable } = on.cluster;
    park(on, (name, callId) => {
      unfoldable.add(name, callId, on.truth.head(callId) + 1);
      return () => unfoldable.mend(name, callId);
    });
  },
  'Postgres refuses rows of a call': (on) => {
    const { unfoldable, postgres } = on.cluster;
    park(on, (name, callId) => {
      unfoldable.hurt(name);
      postgres.unfit.add(`${name} ${callId}`);
      return () => postgres.unfit.delete(`${name} ${callId}`);
    });
  },
  'Postgres restarts': ({ world, cluster }) => cluster.postgres.away(world.chance.spread(50, 5_000)),
  'Postgres is slow': ({ world: { chance }, cluster }) =>
    cluster.postgres.slow(chance.spread(2, 50), chance.spread(200, 6_000)),
  'Postgres breaks off behind a commit': ({ world, cluster }) =>
    cluster.postgres.loseAcks(world.chance.int(1, 3)),
};

/** Lets some kinds of faults happen now and then until `untilMs`. Each seed draws which and how often. */
export function startFaults(on: Victims, untilMs: number): string[] {
  const { world } = on;
  const chance = world.chance.fork();
  const chosen = Object.entries(faults).filter(() => chance.is(0.4));
  for (const [name, strike] of chosen) {
    const meanMs = chance.spread(2_000, 30_000);
    const again = () => {
      if (world.now > untilMs) return;
      world.note('FAULT', name);
      strike(on);
      world.after(chance.wait(meanMs), again);
    };
    world.after(chance.wait(meanMs), again);
  }
  return chosen.map(([name]) => name);
}

/** What does not mend by itself. */
export function heal({ world, cluster, people }: Victims): void {
  world.note('FAULT', 'no more from here on');
  for (const process of [...cluster.processes(), ...people.map((p) => p.process)]) {
    process.crash = undefined;
    process.thaw(true);
  }
  for (const { process } of [...cluster.formerViews]) process.kill();
  cluster.unfoldable.mendAll();
  cluster.postgres.heal();
}

/** A call can not be folded by a view any more. Sometimes somebody mends that, and has it folded again. */
function park({ world, cluster, truth }: Victims, hurt: (name: string, callId: string) => () => void): void {
  const { chance } = world;
  const callIds = truth.callIds();
  if (callIds.length === 0) return;
  const [name, callId] = [chance.of(viewNames), chance.of(callIds)];
  const mend = hurt(name, callId);
  world.after(chance.spread(500, 60_000), () => {
    mend();
    cluster.views.process.enter(() => void cluster.views.retry(name, callId));
  });
}

function some(cluster: Cluster): Process | undefined {
  const processes = cluster.processes();
  return processes.length === 0 ? undefined : cluster.world.chance.of(processes);
}

function connectionOf(cluster: Cluster, process: Process | undefined) {
  return process && cluster.connections.get(process);
}

function socket(world: World, front: Front) {
  return front.links.size === 0 ? undefined : world.chance.of([...front.links]);
}

function freeze(world: World, cluster: Cluster, process: Process): void {
  thawLater(world, process, 20_000, () => {
    // The server has given up on who did not answer for so long; or the client, once it finds that out.
    if (world.chance.is(0.5)) connectionOf(cluster, process)?.cut(world.chance.spread(5, 500));
  });
}

function thawLater(world: World, process: Process, maxMs: number, before = () => {}): void {
  if (process.frozen) return;
  process.freeze();
  const timersFirst = world.chance.is(0.5);
  world.after(world.chance.spread(100, maxMs), () => {
    if (!process.alive || !process.frozen) return;
    before();
    process.thaw(timersFirst);
  });
}
