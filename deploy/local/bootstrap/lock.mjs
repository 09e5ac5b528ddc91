// @ts-check
// A lock file that survives `kill -9`: it names its holder, and a holder that is gone no longer counts.

import { linkSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { makeFolder } from './folder.mjs';

const pollMs = 250;
/** Taking over a dead holder's lock is a few system calls; a guard older than this was left by one that died in them. */
const guardMsMax = 10_000;
/** Another machine's process (a shared home) can not be looked at. Longer than any step takes. */
const foreignHolderMsMax = 60 * 60_000;

/**
 * @typedef {{ pid: number, host: string, since: string, started: string | undefined }} Holder
 */

/**
 * Runs `work` while holding the lock; waits while another process holds it.
 * @template T
 * @param {string} path
 * @param {() => Promise<T> | T} work
 * @param {(holder: Holder) => void} [onWait] called once, when somebody else has it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait) {
  makeFolder(dirname(path));
  for (let told = false; ;) {
    const holder = tryLock(path);
    if (holder === undefined) break;
    if (!told) onWait?.(holder);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  // Ctrl-C ends the process through process.exit, which runs no `finally`.
  const release = () => rmSync(path, { force: true });
  process.on('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** Takes the lock, or says who has it. @param {string} path @returns {Holder | undefined} */
export function tryLock(path) {
  const own = `${path}.${process.pid}`;
  /** @type {Holder} */
  const me = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    started: startedAt(process.pid),
  };
  writeFileSync(own, JSON.stringify(me));
  try {
    for (;;) {
      try {
        // A link appears with its content; a file that is opened first and written then could be read empty.
        linkSync(own, path);
        return undefined;
      } catch (error) {
        if (errno(error) !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) return holder;
      if (!removeStale(path)) return holder ?? me;
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} path @returns {Holder | undefined} */
export function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // gone, or left unreadable by a full disk: nobody holds it
  }
}

/** @param {Holder} holder */
export function isAlive(holder) {
  if (holder.host !== hostname()) return Date.now() - Date.parse(holder.since) < foreignHolderMsMax;
  // Process ids come round again, so where the start time is known it has to fit.
  if (holder.started !== undefined) return startedAt(holder.pid) === holder.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return errno(error) === 'EPERM'; // it is there, and somebody else's
  }
}

/**
 * When a process started, in clock ticks since boot; undefined when it is gone and where there is no /proc.
 * @param {number} pid @returns {string | undefined}
 */
export function startedAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold spaces and brackets: count from its end. Fields 3 and 22 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z'; // dead; stays in the table where process 1 does not collect (some containers)
    return isZombie ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/**
 * Two waiters may both see a dead holder; without the guard the slower one would remove the faster one's fresh lock.
 * @param {string} path
 */
function removeStale(path) {
  const guard = `${path}.stale`;
  try {
    writeFileSync(guard, '', { flag: 'wx' });
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
    const madeMs = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
    if (madeMs !== undefined && Date.now() - madeMs > guardMsMax) rmSync(guard, { force: true });
    return false;
  }
  try {
    const holder = readHolder(path);
    if (holder === undefined || !isAlive(holder)) unlinkSync(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  } finally {
    rmSync(guard, { force: true });
  }
  return true;
}

/** @param {unknown} error */
function errno(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
