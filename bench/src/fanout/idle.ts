import type { Memory } from '../../../tests/fuzz/memory-probe.ts';
import type { BenchOptions } from '../bench.ts';
import { median } from '../stats.ts';
import type { Stage } from './contenders.ts';
import { raiseOpenFiles } from './files.ts';
import { Gateway } from './gateway.ts';
import { limits } from './limits.ts';
import { LoadSockets } from './load-sockets.ts';
import type { StandInOwner } from './owner.ts';

const probe = new URL('../../../tests/fuzz/memory-probe.ts', import.meta.url);

/** What idle sockets cost, and how soon all of them hear of one event. */
export interface Idle {
  readonly sockets: number;
  /** In the gateway, for each socket that has connected and does nothing. Bytes of the process, and of its heap. */
  readonly idleBytes: number;
  readonly idleHeapBytes: number;
  /** … that also watches a call. */
  readonly watchingBytes: number;
  readonly watchingHeapBytes: number;
  /** From the event until the last, and 99 of 100, have it. Milliseconds. */
  readonly wokenP99Ms: number;
  readonly wokenMaxMs: number;
}

/** A gateway of its own, which nothing else was asked of, and who is connected to it. */
interface Lot {
  readonly gateway: Gateway;
  readonly load: LoadSockets;
}

/** The sockets that come first, and all others: their names in the load. */
const groups = ['first', 'rest'] as const;

/** At one gateway, or at as many as it takes where a process may not open so many files. */
export async function measureIdle(stage: Stage, { print, progress, quick }: BenchOptions): Promise<Idle> {
  const { root, log, owner } = stage;
  const share = quick ? limits.quickShare : 1;
  const sockets = limits.idle * share;
  const files = raiseOpenFiles(limits.idle + limits.filesSpare);
  const count = Math.ceil(sockets / (files - limits.filesSpare));
  if (count > 1)
    print(`A process may open ${files} files here: ${sockets} idle sockets at ${count} gateways.`);
  const sizes = { first: limits.idleFirst * share, rest: sockets / count - limits.idleFirst * share };
  const lots: Lot[] = [];
  for (let n = 0; n < count; n++) {
    const gateway = await Gateway.start(root, log, `edge-idle-${n}`, probe);
    stage.onStop(() => gateway.process.stop());
    const load = new LoadSockets(root);
    stage.onStop(() => load.stop());
    lots.push({ gateway, load });
  }
  const [tenant] = log.secrets.tenants;
  const { apiKey, apiSecret } = tenant!;
  progress(`${sockets} idle sockets`);
  const idle = await growth(lots, sizes.rest, ({ gateway, load }, group) =>
    load.open(group, { url: gateway.url, dialect: 'ringback', apiKey, apiSecret, count: sizes[group] }),
  );
  progress(`${sockets} sockets watch a call`);
  const callId = owner.makeCall();
  const watching = await growth(lots, sizes.rest, ({ load }, group) =>
    load.watch(group, [{ name: callId, after: owner.head(callId) }]),
  );
  progress(`${sockets} sockets are woken`);
  const wakes: Wake[] = [];
  for (let n = 0; n < limits.wakes; n++) wakes.push(await wake(lots, sizes, owner, callId));
  for (const { gateway } of lots) gateway.process.mustRun();
  return {
    sockets,
    idleBytes: idle.rss,
    idleHeapBytes: idle.heap,
    watchingBytes: idle.rss + watching.rss,
    watchingHeapBytes: idle.heap + watching.heap,
    wokenP99Ms: median(wakes.map(({ p99Ms }) => p99Ms)),
    wokenMaxMs: median(wakes.map(({ maxMs }) => maxMs)),
  };
}

/** What the gateways hold more, for each socket, once the rest has done what the first did before. Bytes. */
async function growth(
  lots: readonly Lot[],
  rest: number,
  task: (lot: Lot, group: (typeof groups)[number]) => Promise<void>,
): Promise<{ rss: number; heap: number }> {
  const sum = { rss: 0, heap: 0 };
  for (const lot of lots) {
    await task(lot, 'first');
    const before = await held(lot.gateway);
    await task(lot, 'rest');
    const after = await held(lot.gateway);
    sum.rss += after.rss - before.rss;
    sum.heap += heapOf(after) - heapOf(before);
  }
  const each = rest * lots.length;
  return { rss: sum.rss / each, heap: sum.heap / each };
}

interface Wake {
  readonly p99Ms: number;
  readonly maxMs: number;
}

async function wake(
  lots: readonly Lot[],
  sizes: Readonly<Record<(typeof groups)[number], number>>,
  owner: StandInOwner,
  callId: string,
): Promise<Wake> {
  await new Promise((resolve) => setTimeout(resolve, limits.wakePauseMs));
  for (const { load } of lots) for (const group of groups) await load.begin(group);
  const event = owner.act(callId, Date.now());
  for (const { gateway } of lots) owner.feed(gateway.name, [event]);
  // The slowest group's: no better than that of all together.
  let [p99Ms, maxMs] = [0, 0];
  for (const { load } of lots)
    for (const group of groups) {
      const counts = await load.arrived(group, sizes[group]);
      p99Ms = Math.max(p99Ms, counts.p99Ms!);
      maxMs = Math.max(maxMs, counts.maxMs!);
    }
  return { p99Ms, maxMs };
}

function heapOf({ heapUsed, external }: Memory): number {
  return heapUsed + external;
}

/** After a collection; the first one leaves what only finalizers let go. */
async function held(gateway: Gateway): Promise<Memory> {
  await gateway.process.ask();
  return (await gateway.process.ask()) as Memory;
}
