import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written once the folder is whole; says whether what is in it can still be believed. */
interface Mark {
  readonly version: string;
  /** Which start of the machine it is from; null where the system does not say. */
  readonly boot: string | null;
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';

export function thisBoot(): string | null {
  return existsSync(bootIdFile) ? readFileSync(bootIdFile, 'utf8').trim() : null;
}

/**
 * The embedded Postgres writes to the page cache and never syncs: what it wrote survives its own death, not the
 * machine's. So a folder from before the machine was started is thrown away, and made from the template again; the
 * views in it are built anew from the log. The same for one of another version, and one that was never finished.
 *
 * @param make fills the empty folder
 * @returns why it was made anew; `undefined` where it is used as it is
 */
export async function openDataFolder(
  folder: string,
  now: Mark,
  make: (data: string) => Promise<void>,
): Promise<string | undefined> {
  const data = join(folder, 'data');
  const markPath = join(folder, 'mark.json');
  const reason = staleBecause(readMark(markPath), now, existsSync(data));
  if (reason === undefined) return undefined;
  rmSync(markPath, { force: true });
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  await make(data);
  writeFileSync(markPath, JSON.stringify(now), { mode: 0o600 });
  return reason;
}

/** It can not be used: the next start makes a new one. */
export function condemnDataFolder(folder: string): void {
  rmSync(join(folder, 'mark.json'), { force: true });
}

function staleBecause(mark: Mark | undefined, now: Mark, exists: boolean): string | undefined {
  if (mark === undefined) return exists ? 'it was not whole' : 'it is the first';
  if (mark.version !== now.version) return `it was made by version ${mark.version}`;
  if (mark.boot !== now.boot) return 'the machine was started anew';
  return undefined;
}

function readMark(path: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Mark;
  } catch {
    return undefined;
  }
}
