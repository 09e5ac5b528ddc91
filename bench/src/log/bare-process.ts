// The limit: the same commits published to JetStream without any meaning, one in flight in each partition.

import { connectNats } from '@ringback/runtime';
import { subjects } from '@ringback/schemas';
import { cpuMs } from '../cpu.ts';
import { serveAsks } from '../processes.ts';
import { limits } from './limits.ts';

export interface BareRequest {
  /** Of one commit, headers included. */
  readonly bytes: number;
  readonly leadMs: number;
  readonly ms: number;
  /** Of the nats-servers. */
  readonly pids: readonly number[];
}

let nc: Awaited<ReturnType<typeof connectNats>> | undefined;
let partitions = 1;

const handlers = {
  connect: async (options: { url: string; password: string; partitions: number }) => {
    partitions = options.partitions;
    nc = await connectNats({ ...options, user: 'admin', name: 'bare' });
  },

  publish: async ({ bytes, leadMs, ms, pids }: BareRequest) => {
    const payload = new Uint8Array(bytes).fill(0x61);
    const from = performance.now() + leadMs;
    const to = from + ms;
    let commits = 0;
    const loops = Array.from({ length: partitions }, async (_, partition) => {
      const subject = subjects.events(partition);
      for (;;) {
        const answer = await nc!.request(subject, payload, { timeout: limits.publishMs });
        const { seq } = answer.json<{ seq?: number }>();
        if (seq === undefined) throw new Error(`not stored: ${answer.string()}`);
        const now = performance.now();
        if (now >= to) return;
        if (now >= from) commits += 1;
      }
    });
    const cpu = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
    await new Promise((resolve) => setTimeout(resolve, leadMs));
    const before = cpu();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const spent = cpu() - before;
    await Promise.all(loops);
    return { commits, cpuMs: spent, ms };
  },
};
export type BareAsks = typeof handlers;

serveAsks(handlers);
