// nats-server and coturn can not be taught to end with their supervisor. Where it was killed with SIGKILL they are still
// there at the next start, in the way of the new ones: found by their pid files and ended, if they really are ours.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { limits } from '../limits.ts';

const pollMs = 25;

/**
 * @param pidFile written by the program itself
 * @param mark an argument that only our own process has (its configuration file's path); process ids come round again
 * @returns whether there was one
 */
export async function endLeftOver(pidFile: string, mark: string): Promise<boolean> {
  const pid = readPid(pidFile);
  const ours = pid !== undefined && commandLine(pid).includes(mark);
  if (ours) {
    process.kill(pid, 'SIGTERM');
    const deadline = performance.now() + limits.stopGraceMs;
    while (commandLine(pid).includes(mark)) {
      if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
  rmSync(pidFile, { force: true });
  return ours;
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined; // it ended properly
  }
}

/** Empty for a process that is gone (or a zombie, which holds nothing any more). */
function commandLine(pid: number): string {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)]).stdout.toString();
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
