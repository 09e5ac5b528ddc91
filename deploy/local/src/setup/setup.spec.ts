import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedPart, partVersions } from '@ringback/runtime/native-parts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { cached, install, readChecked, sha256 } from './files.ts';
import { fromRelease } from './nats-server.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ringback-cache-'));
  vi.stubEnv('RINGBACK_CACHE', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});
const say = () => {};

describe('a part of the cache', () => {
  const part = () => join(cache, 'part', '1.0', 'part');
  const make = (text: string) => (scratch: string) => {
    writeFileSync(join(scratch, 'part'), text);
    install(join(scratch, 'part'), part(), 0o755);
    return Promise.resolve('made');
  };

  it('is made once', async () => {
    expect(await cached('part', () => existsSync(part()), say, make('one'))).toBe('made');
    expect(await cached('part', () => existsSync(part()), say, make('two'))).toBe('cached');
    expect(readFileSync(part(), 'utf8')).toBe('one');
    expect(readdirSync(join(cache, 'tmp'))).toEqual([]);
  });

  it('is made by one of two who ask at once; the other says that it waits', async () => {
    let waited = '';
    const slow = async (scratch: string) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return make('first')(scratch);
    };
    const both = await Promise.all([
      cached('part', () => existsSync(part()), say, slow),
      cached(
        'part',
        () => existsSync(part()),
        (text) => (waited = text),
        slow,
      ),
    ]);
    expect(both).toEqual(['made', 'made by another process']);
    expect(waited).toContain(String(process.pid));
  });

  it('is not there after a failure, and the next one starts afresh', async () => {
    const failing = cached(
      'part',
      () => existsSync(part()),
      say,
      (scratch) => {
        writeFileSync(join(scratch, 'half'), 'half');
        return Promise.reject(new RangeError('no'));
      },
    );
    await expect(failing).rejects.toThrow(RangeError);
    mkdirSync(join(cache, 'tmp', 'part-left-by-a-killed-run'));
    expect(await cached('part', () => existsSync(part()), say, make('one'))).toBe('made');
    expect(readdirSync(join(cache, 'tmp'))).toEqual([]);
  });

  it('is refused when it is not what we looked at', () => {
    const path = join(cache, 'file');
    writeFileSync(path, 'text');
    expect(readChecked(path, sha256(Buffer.from('text'))).toString()).toBe('text');
    expect(() => readChecked(path, sha256(Buffer.from('other')))).toThrow(SetupError);
  });
});

describe('nats-server from a release', () => {
  const { natsServer: version } = partVersions;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `nats-server-v${version}-${process.platform}-${arch}`;

  /** A server with one release on it: a script for a binary, and its checksum. */
  async function withRelease<T>(
    sums: (real: string) => string,
    use: (base: string) => Promise<T>,
  ): Promise<T> {
    const folder = join(cache, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'nats-server'), '#!/bin/sh\n');
    chmodSync(join(folder, 'nats-server'), 0o755);
    execFileSync('tar', ['czf', `${name}.tar.gz`, name], { cwd: cache });
    const archive = readFileSync(join(cache, `${name}.tar.gz`));
    const files: Record<string, Buffer | string> = {
      [`/v${version}/${name}.tar.gz`]: archive,
      [`/v${version}/SHA256SUMS`]: sums(createHash('sha256').update(archive).digest('hex')),
    };
    const server = createServer((request, response) => {
      const file = files[request.url ?? ''];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  }

  const scratch = () => mkdtempSync(join(cache, 'scratch-'));

  it('is put into the cache when it fits its checksum', async () => {
    const sums = (real: string) => `${'0'.repeat(64)}  other.tar.gz\n${real}  ${name}.tar.gz\n`;
    expect(await withRelease(sums, (base) => fromRelease(base, scratch(), say))).toMatch(/^downloaded/);
    expect(readFileSync(cachedPart.natsServer(), 'utf8')).toBe('#!/bin/sh\n');
  });

  it.each(['', `${'0'.repeat(64)}  ${name}.tar.gz\n`])('is refused otherwise', async (sums) => {
    await expect(
      withRelease(
        () => sums,
        (base) => fromRelease(base, scratch(), say),
      ),
    ).rejects.toThrow(SetupError);
    expect(existsSync(cachedPart.natsServer())).toBe(false);
  });

  it('that is not there says what to do', async () => {
    const missing = withRelease(String, (base) => fromRelease(`${base}/nowhere`, scratch(), say));
    await expect(missing).rejects.toMatchObject({ remedy: expect.stringContaining('Install Go') as string });
  });
});
