import { chmodSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { postgresUrl, socketFolder, socketName } from './socket-folder.ts';

describe('socketFolder', () => {
  it('is below the home folder, and in the address', () => {
    expect(socketFolder('/home/host/.ringback')).toBe('/home/host/.ringback/postgres');
    const url = new URL(postgresUrl('/home/host/ring back'));
    expect(url.searchParams.get('host')).toBe('/home/host/ring back/postgres');
  });

  it('is a private one elsewhere where the path would be too long for a socket', () => {
    const home = `/home/${randomUUID()}/${'long'.repeat(30)}`;
    const folder = socketFolder(home);
    try {
      expect(Buffer.byteLength(join(folder, socketName))).toBeLessThanOrEqual(limits.socketPathBytesMax);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(socketFolder(home)).toBe(folder);
      expect(socketFolder(`${home}-other`)).not.toBe(folder);
      chmodSync(folder, 0o755);
      expect(() => socketFolder(home)).toThrow(/open to others/);
    } finally {
      rmSync(folder, { recursive: true });
      rmSync(socketFolder(`${home}-other`), { recursive: true });
    }
  });
});
