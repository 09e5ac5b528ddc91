import type { Memory } from '../../../tests/fuzz/memory-probe.ts';
import type { BenchOptions } from '../bench.ts';
import { median } from '../stats.ts';
import type { Stage } from './contenders.ts';
import { raiseOpenFiles } from './files.ts';
import { Gateway } from './gateway.ts';
import { limits } from './limits.ts';

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

/** At a gateway of its own, which nothing else was asked of. */
export async function measureIdle(stage: Stage, { print, progress, quick }: BenchOptions): Promise<Idle> {
  const { root, log, owner, load } = stage;
  const share = quick ? limits.quickShare : 1;
  const wanted = limits.idle * share;
  const files = raiseOpenFiles(limits.idle + limits.filesSpare);
  const sockets = Math.min(wanted, files - limits.filesSpare);
  if (sockets < wanted)
    print(`A process may open ${files} files here: ${sockets} idle sockets instead of ${wanted}.`);
  const first = limits.idleFirst * share;
  const rest = sockets - first;
  const gateway = await Gateway.start(root, log, 'edge-idle', probe);
  stage.onStop(() => gateway.process.stop());
  const [tenant] = log.secrets.tenants;
  const { apiKey, apiSecret } = tenant!;
  const open = (group: string, count: number) =>
    load.open(group, { url: gateway.url, dialect: 'ringback', apiKey, apiSecret, count });
  progress(`${sockets} idle sockets`);
  await open('idle-first', first);
  const few = await held(gateway);
  await open('idle-rest', rest);
  const many = await held(gateway);
  progress(`${sockets} sockets watch a call`);
  const callId = owner.makeCall();
  await load.watch('idle-first', [{ name: callId, after: owner.head(callId) }]);
  const fewWatch = await held(gateway);
  await load.watch('idle-rest', [{ name: callId, after: owner.head(callId) }]);
  const manyWatch = await held(gateway);
  progress(`${sockets} sockets are woken`);
  const wakes = [];
  for (let wake = 0; wake < limits.wakes; wake++) {
    await new Promise((resolve) => setTimeout(resolve, limits.wakePauseMs));
    await Promise.all([load.begin('idle-first'), load.begin('idle-rest')]);
    owner.feed(gateway.name, [owner.act(callId, Date.now())]);
    const [a, b] = [await load.arrived('idle-first', first), await load.arrived('idle-rest', rest)];
    wakes.push({ p99Ms: Math.max(a.p99Ms!, b.p99Ms!), maxMs: Math.max(a.maxMs!, b.maxMs!) });
  }
  gateway.process.mustRun();
  const watched = { rss: manyWatch.rss - fewWatch.rss, heap: heapOf(manyWatch) - heapOf(fewWatch) };
  const idle = { rss: many.rss - few.rss, heap: heapOf(many) - heapOf(few) };
  return {
    sockets,
    idleBytes: idle.rss / rest,
    idleHeapBytes: idle.heap / rest,
    watchingBytes: (idle.rss + watched.rss) / rest,
    watchingHeapBytes: (idle.heap + watched.heap) / rest,
    wokenP99Ms: median(wakes.map(({ p99Ms }) => p99Ms)),
    wokenMaxMs: median(wakes.map(({ maxMs }) => maxMs)),
  };
}

function heapOf({ heapUsed, external }: Memory): number {
  return heapUsed + external;
}

/** After a collection; the first one leaves what only finalizers let go. */
async function held(gateway: Gateway): Promise<Memory> {
  await gateway.process.ask();
  return (await gateway.process.ask()) as Memory;
}
