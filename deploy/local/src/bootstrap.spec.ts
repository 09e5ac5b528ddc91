import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../bootstrap/folder.mjs';
import { isAlive, startedAt, tryLock, withLock } from '../bootstrap/lock.mjs';
import { packagesAreFresh, writePackagesStamp } from '../bootstrap/packages.mjs';
import { runStep } from '../bootstrap/progress.mjs';
import { describe as describeError, SetupError } from '../bootstrap/remedies.mjs';
import { completeLock } from '../complete-lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ringback-bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true }));
const lockModule = join(import.meta.dirname, '../bootstrap/lock.mjs');

/** A process that does `code` with the lock module; resolves with what it printed. */
function lockingProcess(code: string): Promise<string> {
  const source = `import { withLock, tryLock } from ${JSON.stringify(lockModule)}; ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve) => child.on('close', () => resolve(out)));
}

describe('the lock file', () => {
  it('lets one process in at a time', async () => {
    const lock = join(folder, 'one');
    const inside = join(folder, 'inside');
    const work = `await withLock(${JSON.stringify(lock)}, async () => {
      const fs = await import('node:fs');
      fs.writeFileSync(${JSON.stringify(inside)}, '', { flag: 'wx' });
      await new Promise((resolve) => setTimeout(resolve, 150));
      fs.rmSync(${JSON.stringify(inside)});
      console.log('done');
    }, () => console.log('waited'));`;
    const printed = await Promise.all([1, 2, 3, 4].map(() => lockingProcess(work)));
    expect(printed.every((text) => text.endsWith('done\n'))).toBe(true);
    expect(printed.some((text) => text.startsWith('waited'))).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  it('does not count a holder that was killed', async () => {
    const lock = join(folder, 'killed');
    await lockingProcess(`tryLock(${JSON.stringify(lock)}); process.kill(process.pid, 'SIGKILL');`);
    expect(existsSync(lock)).toBe(true);
    expect(await withLock(lock, () => 'in')).toBe('in');
  });

  it('says who has it', () => {
    const lock = join(folder, 'mine');
    expect(tryLock(lock)).toBeUndefined();
    expect(tryLock(lock)?.pid).toBe(process.pid);
  });

  it('is given back when the work fails', async () => {
    const lock = join(folder, 'failing');
    const failing = withLock(lock, () => Promise.reject(new RangeError('no')));
    await expect(failing).rejects.toThrow(RangeError);
    expect(existsSync(lock)).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'does not take another process with the same id for the holder',
    () => {
      const me = { pid: process.pid, host: hostname(), since: '', started: startedAt(process.pid) };
      expect(isAlive(me)).toBe(true);
      expect(isAlive({ ...me, started: '1' })).toBe(false);
    },
  );
});

describe('the packages stamp', () => {
  const root = join(folder, 'checkout');
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  mkdirSync(join(root, 'parts', 'one'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ workspaces: ['parts/*', 'gone'] }));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'parts', 'one', 'package.json'), '{}');

  it('is fresh once written, until a manifest or the lock file changes', () => {
    expect(packagesAreFresh(root, 'all')).toBe(false);
    writePackagesStamp(root, 'all');
    expect(packagesAreFresh(root, 'all')).toBe(true);
    for (const file of ['package-lock.json', 'parts/one/package.json']) {
      const before = readFileSync(join(root, file));
      writeFileSync(join(root, file), '{"dependencies":{"new":"1.0.0"}}');
      expect(packagesAreFresh(root, 'all')).toBe(false);
      writeFileSync(join(root, file), before);
    }
    writeFileSync(join(root, 'parts', 'one', 'package.json'), '{"scripts":{"new":"true"}}');
    expect(packagesAreFresh(root, 'all')).toBe(true);
  });

  it('what is enough to test is enough to run, not the other way round', () => {
    writePackagesStamp(root, 'all');
    expect(packagesAreFresh(root, 'run')).toBe(true);
    writePackagesStamp(root, 'run');
    expect(packagesAreFresh(root, 'run')).toBe(true);
    expect(packagesAreFresh(root, 'all')).toBe(false);
  });
});

describe('a folder', () => {
  it('is made with its parents, again without complaint, and where nothing can be made it says so', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(existsSync(deep)).toBe(true);
    if (process.platform === 'linux') expect(() => makeFolder('/proc/x/y')).toThrow();
  });
});

describe('a step', () => {
  it('prints one line with how it was done, and its notes', async () => {
    let out = '';
    await runStep('part 1.0', () => ({ how: 'cached', notes: ['a note'] }), {
      out: { write: (text) => (out += text) },
    });
    expect(out).toMatch(/^ {2}part 1\.0 \.{10,} cached 0\.\d s\n {6}a note\n$/);
  });

  it('says that it failed and passes the error on', async () => {
    let out = '';
    const failing = runStep('part', () => Promise.reject(new RangeError('no')), {
      out: { write: (text) => (out += text) },
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(out).toContain(' failed ');
  });
});

describe('a failure', () => {
  it.each([
    ['ENOSPC', 'Free some space'],
    ['EROFS', 'RINGBACK_CACHE'],
    ['EACCES', 'RINGBACK_CACHE'],
    ['ENOTFOUND', 'Check the network'],
  ])('with %s says what to do', (code, remedy) => {
    const error = new TypeError('fetch failed', { cause: Object.assign(new Error('inner'), { code }) });
    expect(describeError(error)).toContain(
      `What to do: ${remedy === 'RINGBACK_CACHE' ? 'Set ' : ''}${remedy}`,
    );
  });

  it('of ours brings its own remedy', () => {
    expect(describeError(new SetupError('It is so.', 'Do that.'))).toContain(
      'It is so.\n\n  What to do: Do that.',
    );
  });
});

describe('completing the lock file', () => {
  it('adds what is missing for other platforms, and only that', () => {
    const packages: Parameters<typeof completeLock>[0] = {
      '': { optionalDependencies: { 'tool-linux-x64': '1.0.0', 'tool-darwin-arm64': '1.0.0' } },
      'node_modules/tool-linux-x64': { version: '1.0.0' },
      'node_modules/lib': {
        dev: true,
        optionalDependencies: { '@lib/linux-x64-musl': '2.0.0', ranged: '^1.0.0' },
      },
    };
    expect(completeLock(packages)).toEqual(['tool-darwin-arm64', '@lib/linux-x64-musl']);
    expect(packages['node_modules/tool-darwin-arm64']).toEqual({
      version: '1.0.0',
      optional: true,
      os: ['darwin'],
      cpu: ['arm64'],
    });
    expect(packages['node_modules/@lib/linux-x64-musl']).toEqual({
      version: '2.0.0',
      optional: true,
      dev: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    });
    expect(completeLock(packages)).toEqual([]);
  });
});
