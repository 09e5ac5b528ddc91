import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  loadOrMakeSecrets,
  makeHome,
  readRunFile,
  removeRunFile,
  writeRunFile,
  type RunFile,
} from './home.ts';

const home = join(mkdtempSync(join(tmpdir(), 'ringback-home-')), '.ringback');
afterAll(() => rmSync(join(home, '..'), { recursive: true }));
const mode = (path: string) => statSync(path).mode & 0o777;

describe('RINGBACK_HOME', () => {
  it('is for its owner only', () => {
    makeHome(home);
    makeHome(home); // a second start finds it
    expect(mode(home)).toBe(0o700);
  });

  it('says by name where it can not be', () => {
    const file = join(home, '..', 'a-file');
    writeFileSync(file, '');
    for (const there of [file, join(file, 'below')])
      expect(() => makeHome(there)).toThrow(
        expect.objectContaining({
          message: expect.stringContaining(there),
          remedy: expect.stringContaining('RINGBACK_HOME'),
        }),
      );
  });

  it('holds secrets that are made once', () => {
    const secrets = loadOrMakeSecrets(home);
    expect(mode(join(home, 'secrets.json'))).toBe(0o600);
    expect(loadOrMakeSecrets(home)).toEqual(secrets);
    expect(secrets.tenants[0]?.apiKey).toMatch(/^rbk_[\w-]{12}$/);
    const all = [...Object.values(secrets.nats), secrets.turnSecret, secrets.tenants[0]?.apiSecret];
    expect(new Set(all).size).toBe(8);
    for (const secret of all) expect(secret?.length).toBeGreaterThanOrEqual(32); // 24 bytes of randomness and more
  });

  it('makes what an older version had no secret for, and keeps the rest', () => {
    const { nats, ...rest } = loadOrMakeSecrets(home);
    const { media, ...others } = nats;
    writeFileSync(join(home, 'secrets.json'), JSON.stringify({ ...rest, nats: others }));
    const filled = loadOrMakeSecrets(home);
    expect(filled).toMatchObject({ ...rest, nats: others });
    expect(filled.nats.media).not.toBe(media);
    expect(filled.nats.media.length).toBeGreaterThanOrEqual(32);
    expect(mode(join(home, 'secrets.json'))).toBe(0o600);
    expect(loadOrMakeSecrets(home)).toEqual(filled);
  });

  it.each([
    '',
    '{"nats": {"calls": "x',
    '{}',
    'null',
    '{"nats":{"calls":"x"},"turnSecret":"x","tenants":[]}',
  ])('says what is wrong with secrets that are %j, and leaves them as they are', (text) => {
    const path = join(home, 'secrets.json');
    const good = readFileSync(path);
    writeFileSync(path, text);
    expect(() => loadOrMakeSecrets(home)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`${path} is damaged`),
        remedy: expect.stringContaining('backup'),
      }),
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
    writeFileSync(path, good);
  });

  it('says what runs, while it runs', () => {
    const run: RunFile = {
      pid: 1,
      url: 'http://localhost:8080',
      startedAt: '2026-01-01T00:00:00.000Z',
      natsUrl: 'nats://127.0.0.1:4222',
      ports: { edge: 8080, nats: 4222 },
      processes: { edge: 2 },
    };
    writeRunFile(home, run);
    expect(readRunFile(home)).toEqual(run);
    expect(mode(join(home, 'run.json'))).toBe(0o600);
    removeRunFile(home);
    expect(readRunFile(home)).toBeUndefined();
  });
});
