import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { connectNats } from '@ringback/runtime';
import { subjects, type Answer, type Question } from '@ringback/schemas';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { BenchLog } from '../platform.ts';
import { Server } from '../processes.ts';
import { limits } from './limits.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** Resident memory of a process. MiB. */
export function residentMiB(pid: number): number {
  const [, kiB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kiB) / 1_024;
}

/** Times in milliseconds. */
export interface TakeOver {
  /** From SIGKILL until every partition had an owner that decides. */
  readonly ms: number;
  /** Of that, until the first claim was asked for: somebody noticed, and it was its turn. */
  readonly noticedMs: number;
  /** Events that no snapshot held, in all partitions that changed their owner. */
  readonly tail: number;
  /** Partitions that changed their owner. */
  readonly partitions: number;
  readonly mebibytes: number;
}

/**
 * A second worker comes, and the first is killed with SIGKILL.
 *
 * @param when `alone`: while the first has every partition still, as soon as the second stands by. `shared`: when each
 *   has some.
 * @returns with the worker that is left.
 */
export async function takeOver(
  log: BenchLog,
  nc: Connection,
  root: string,
  first: Server,
  when: 'alone' | 'shared',
): Promise<{ result: TakeOver; worker: Server }> {
  const worker = log.startWorker(root, { tap: false });
  const said = (msg: string) => linesOf(log, worker.pid).filter((line) => line.msg === msg);
  if (when === 'shared') await new Promise((resolve) => setTimeout(resolve, limits.settleMs));
  else
    await waitFor(
      () => said('served by another: standing by').length >= log.options.partitions,
      'the second worker to stand by',
      limits.takeOverMs,
    );
  first.mustRun();
  worker.mustRun();
  const killedAt = Date.now();
  first.kill();
  const began = performance.now();
  while (!(await allOwned(nc, log.options.partitions))) {
    if (performance.now() - began > limits.takeOverMs) throw new Error('nobody took over');
    await new Promise((resolve) => setTimeout(resolve, limits.whoEveryMs));
  }
  const ms = performance.now() - began;
  const mebibytes = residentMiB(worker.pid);
  const after = (line: Line) => Date.parse(line.time) - line.ms! - killedAt;
  // What was handed over before counts from before.
  const taken = said('claimed and replayed').filter((line) => after(line) >= 0);
  const tail = taken.reduce((sum, { events }) => sum + events!, 0);
  const noticedMs = Math.min(...taken.map(after));
  return { result: { ms, noticedMs, tail, partitions: taken.length, mebibytes }, worker };
}

interface Line {
  readonly time: string;
  readonly pid: number;
  readonly msg: string;
  readonly ms?: number;
  readonly events?: number;
}

/** What a worker said. */
function linesOf(log: BenchLog, pid: number): Line[] {
  const text = readFileSync(join(log.home, 'logs', 'calls.log'), 'utf8');
  // Who is killed may leave half a line, and warnings of Node are none.
  const lines = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as Line).filter((line) => line.pid === pid);
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
