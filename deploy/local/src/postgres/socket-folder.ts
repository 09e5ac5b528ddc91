import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { limits } from '../limits.ts';

/** The name that PostgreSQL's clients look for in a folder. */
export const socketName = '.s.PGSQL.5432';

/**
 * Where the embedded Postgres listens: in its folder below RINGBACK_HOME, which only its owner may enter. That is all
 * that guards it, since it checks no password. Where that path is too long for a socket, a folder below the
 * system's temporary one, as private.
 */
export function socketFolder(home: string): string {
  const inside = join(home, 'postgres');
  if (Buffer.byteLength(join(inside, socketName)) <= limits.socketPathBytesMax) return inside;
  const outside = join(tmpdir(), `ringback-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
  mkdirSync(outside, { mode: 0o700, recursive: true });
  const { uid, mode } = lstatSync(outside);
  if (uid === process.getuid?.() && (mode & 0o77) === 0) return outside;
  throw new SetupError(
    `${outside}, where the embedded Postgres should listen, belongs to somebody else or is open to others.`,
    'Remove it, or set RINGBACK_HOME to a shorter path.',
  );
}

/** What clients connect with. */
export function postgresUrl(home: string): string {
  return `postgres://postgres@localhost/postgres?host=${encodeURIComponent(socketFolder(home))}`;
}
