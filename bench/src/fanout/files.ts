import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Lets this process, and those it starts from now on, open so many files, as far as it may (as root it may).
 *
 * @returns how many it is.
 */
export function raiseOpenFiles(wanted: number): number {
  if (openFilesMax() < wanted)
    // util-linux; where it is missing or not permitted the bound stays as it is.
    spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`]);
  return openFilesMax();
}

function openFilesMax(): number {
  return openFilesOf(readFileSync('/proc/self/limits', 'utf8'));
}

/** proc_pid_limits(5): the hard bound; Node and Go raise their own soft one to it. */
export function openFilesOf(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === 'unlimited' ? Infinity : Number(hard);
}
