import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { condemnDataFolder, openDataFolder } from './data-folder.ts';

const now = { version: '1', boot: 'a' };

describe('openDataFolder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringback-data-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (at = now) =>
    openDataFolder(folder, at, async (data) => writeFileSync(join(data, 'made'), at.version));

  it('makes it once, and uses it as long as the machine runs', async () => {
    expect(await open()).toBe('it is the first');
    rmSync(join(folder, 'data', 'made'));
    expect(await open()).toBeUndefined();
    expect(existsSync(join(folder, 'data', 'made'))).toBe(false);
  });

  it.each([
    ['the machine was started anew', { ...now, boot: 'b' }],
    ['it was made by version 1', { ...now, version: '2' }],
  ])('throws it away where %s', async (reason, later) => {
    await open();
    writeFileSync(join(folder, 'data', 'old'), '');
    expect(await open(later)).toBe(reason);
    expect(existsSync(join(folder, 'data', 'old'))).toBe(false);
    expect(await open(later)).toBeUndefined();
  });

  it('does not believe one that was not finished, or that can not be opened', async () => {
    await expect(openDataFolder(folder, now, () => Promise.reject(new Error('disk full')))).rejects.toThrow();
    expect(await open()).toBe('it was not whole');
    condemnDataFolder(folder);
    expect(await open()).toBe('it was not whole');
  });
});
