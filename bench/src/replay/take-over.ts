import { readFileSync } from 'node:fs';
import type { connectNats } from '@ringback/runtime';
import { subjects, type Answer, type Question } from '@ringback/schemas';
import type { BenchLog } from '../platform.ts';
import { Server } from '../processes.ts';
import { limits } from './limits.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** Resident memory of a process. MiB. */
export function residentMiB(pid: number): number {
  const [, kiB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kiB) / 1_024;
}

/**
 * A second worker comes, and the first is killed with SIGKILL.
 *
 * @returns how long it took until every partition had an owner that decides, and the worker that is left.
 */
export async function takeOver(
  log: BenchLog,
  nc: Connection,
  root: string,
  first: Server,
): Promise<{ ms: number; worker: Server; mebibytes: number }> {
  const worker = log.startWorker(root, { tap: false });
  await new Promise((resolve) => setTimeout(resolve, limits.settleMs));
  first.mustRun();
  worker.mustRun();
  first.kill();
  const began = performance.now();
  while (!(await allOwned(nc, log.options.partitions))) {
    if (performance.now() - began > limits.takeOverMs) throw new Error('nobody took over');
    await new Promise((resolve) => setTimeout(resolve, limits.whoEveryMs));
  }
  return { ms: performance.now() - began, worker, mebibytes: residentMiB(worker.pid) };
}

async function allOwned(nc: Connection, partitions: number): Promise<boolean> {
  const owned = Array.from({ length: partitions }, (_, partition) => isOwned(nc, partition));
  return (await Promise.all(owned)).every(Boolean);
}

/** Somebody answers, and not only that it is about to take the partition. */
async function isOwned(nc: Connection, partition: number): Promise<boolean> {
  const question: Question = { ask: 'who' };
  const subject = subjects.questions(partition);
  try {
    const answer = await nc.request(subject, JSON.stringify(question), { timeout: limits.whoMs });
    return answer.json<Answer>().epoch > 0;
  } catch {
    return false;
  }
}
