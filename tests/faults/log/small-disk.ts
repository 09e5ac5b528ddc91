import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Room for the log of one case, and filled in a moment. */
const sizeMib = 96;
const chunk = Buffer.alloc(256 * 1024);
/** What the log gives back when it is tidied up is taken again. Milliseconds. */
const refillMs = 200;

const mounted = new Set<string>();
process.once('exit', () => unmountSmallDisks([...mounted].map((disk) => join(disk, 'data'))));

/** Why there can be no disks of our own here; undefined where there can. */
export function noSmallDisks(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux, for a tmpfs';
  return undefined;
}

/** Disks in memory, one a server. @returns a folder on each */
export function mountSmallDisks(count: number): string[] {
  return Array.from({ length: count }, () => {
    const disk = mkdtempSync(join(tmpdir(), 'ringback-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m,mode=700`, 'ringback', disk]);
    mounted.add(disk);
    const folder = join(disk, 'data');
    mkdirSync(folder);
    return folder;
  });
}

export function unmountSmallDisks(folders: readonly string[]): void {
  for (const disk of folders.map((folder) => dirname(folder))) {
    // Lazily: where we are interrupted, a server may hold its files for a moment more.
    execFileSync('umount', ['--lazy', disk]);
    mounted.delete(disk);
    rmdirSync(disk);
  }
}

/** Leaves no byte, and keeps it so until the returned function is called. */
export function fillDisks(folders: readonly string[]): () => void {
  const files = folders.map((folder) => openSync(fillerIn(folder), 'a'));
  const fill = () => files.forEach(fillUp);
  fill();
  const timer = setInterval(fill, refillMs);
  return () => {
    clearInterval(timer);
    files.forEach((file) => closeSync(file));
  };
}

export function freeDisks(folders: readonly string[]): void {
  for (const folder of folders) rmSync(fillerIn(folder));
}

function fillUp(file: number): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function fillerIn(folder: string): string {
  return join(folder, 'filler');
}
