// Putting files into the cache so that a half-written one is never taken for a finished one.

import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '@ringback/runtime/native-parts';
import { makeFolder } from '../../bootstrap/folder.mjs';
import { withLock } from '../../bootstrap/lock.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';

/**
 * Makes a part of the cache, unless it is there. One process at a time makes it; a second one waits and then finds it.
 * `make` works in a scratch folder on the cache's own disk (so that the last rename is atomic), which is removed after.
 */
export async function cached(
  name: string,
  isThere: () => boolean,
  say: Say,
  make: (scratch: string) => Promise<Outcome | string>,
): Promise<Outcome | string> {
  if (isThere()) return 'cached';
  return withLock(
    join(cacheDir(), 'locks', `${name}.lock`),
    async () => {
      if (isThere()) return 'made by another process';
      const all = join(cacheDir(), 'tmp');
      makeFolder(all);
      // We hold the lock: what lies here under this name was left by a run that was interrupted.
      for (const left of readdirSync(all).filter((entry) => entry.startsWith(`${name}-`)))
        remove(join(all, left));
      const scratch = join(all, `${name}-${randomUUID()}`);
      mkdirSync(scratch);
      try {
        return await make(scratch);
      } finally {
        remove(scratch);
      }
    },
    (holder) => say(`waiting for process ${holder.pid}, which is at it`),
  );
}

/** Moves or copies a finished file to its place in one step. */
export function install(from: string, to: string, mode: number): void {
  makeFolder(dirname(to));
  const beside = `${to}.new-${process.pid}`;
  copyFileSync(from, beside);
  chmodSync(beside, mode);
  renameSync(beside, to);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Reads a file that must be exactly what we once looked at. */
export function readChecked(path: string, expected: string): Buffer {
  const bytes = readFileSync(path);
  const seen = sha256(bytes);
  if (seen === expected) return bytes;
  throw new SetupError(
    `${path} has sha256 ${seen}, expected ${expected}.`,
    'Remove it (for a package: remove node_modules) and run npm run setup. If it stays so, do not run it: it is not what this project was made with.',
  );
}

function remove(folder: string): void {
  // Go's module cache is read-only on purpose; force alone does not get past that.
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
}
