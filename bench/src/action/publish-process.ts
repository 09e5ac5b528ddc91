// The limit of durability: bytes published to JetStream and acknowledged, on streams as ours, without any meaning.

import { connectNats } from '@ringback/runtime';
import { subjects } from '@ringback/schemas';
import { cpuMs } from '../cpu.ts';
import { countsOf, openLoop } from '../open-loop.ts';
import { serveAsks } from '../processes.ts';
import { percentile } from '../stats.ts';
import { limits } from './limits.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

export interface PublishRequest {
  readonly perSecond: number;
  readonly bytes: number;
  readonly leadMs: number;
  readonly ms: number;
  /** Of the nats-server. */
  readonly pid: number;
}

let nc: Connection | undefined;
let partitions = 1;

/** @throws Error where it was not stored. */
async function publish(index: number, bytes: Uint8Array): Promise<void> {
  const answer = await nc!.request(subjects.events(index % partitions), bytes, { timeout: limits.drainMs });
  const { seq, error } = answer.json<{ seq?: number; error?: { description: string } }>();
  if (seq === undefined) throw new Error(`not stored: ${error?.description ?? 'no sequence'}`);
}

const handlers = {
  connect: async (options: { url: string; user: string; password: string; partitions: number }) => {
    partitions = options.partitions;
    nc = await connectNats({ ...options, name: 'bench' });
  },

  /** Each after the acknowledgement of the one before: what one action after the other could have at best. */
  oneByOne: async ({ bytes, ms }: { bytes: number; ms: number }) => {
    const payload = new Uint8Array(bytes).fill(0x61);
    const latencies: number[] = [];
    const until = performance.now() + ms;
    for (let now = performance.now(); now < until;) {
      await publish(0, payload);
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
    latencies.sort((a, b) => a - b);
    const perSecond = (latencies.length * 1_000) / ms;
    return { perSecond, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  },

  /** At fixed times, however long the others take. */
  window: async ({ perSecond, bytes, leadMs, ms, pid }: PublishRequest) => {
    const payload = new Uint8Array(bytes).fill(0x61);
    const { lead, all } = countsOf({ perSecond, leadMs, ms });
    const latencies = new Float64Array(all - lead);
    let before = 0;
    let pending = 0;
    let failed: unknown;
    const send = (index: number, dueMs: number) => {
      if (++pending > limits.publishesPendingMax)
        throw new Error(`the log does not keep up at ${perSecond}/s`);
      publish(index, payload).then(
        () => {
          pending -= 1;
          if (index >= lead) latencies[index - lead] = performance.now() - dueMs;
        },
        (error: unknown) => (failed ??= error),
      );
    };
    await openLoop({ perSecond, leadMs, ms, send, measure: () => (before = cpuMs(pid)) });
    const spent = cpuMs(pid) - before;
    while (pending > 0 && failed === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    if (failed !== undefined) throw failed;
    latencies.sort();
    return {
      sent: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      cpuMs: spent,
    };
  },
};
export type PublishAsks = typeof handlers;

serveAsks(handlers);
