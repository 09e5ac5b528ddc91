import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestHead } from './http-response.ts';
import { StaticFiles } from './static-files.ts';

let folder: string;
const page = '<!doctype html><title>Ringback</title>';
const script = 'export {};\n'.repeat(200);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'static-files-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), script);
  writeFileSync(join(folder, 'logo.png'), Buffer.from([0x89, 0x50]));
  writeFileSync(join(folder, 'index.html'), page);
});
afterEach(() => rmSync(folder, { recursive: true }));

const head = (more: Partial<RequestHead> = {}): RequestHead => ({
  method: 'get',
  path: '/',
  query: new URLSearchParams(),
  authorization: '',
  host: '',
  origin: '',
  etag: '',
  acceptsEncoding: '',
  address: '',
  ...more,
});
const headers = (answer: { headers?: readonly (readonly [string, string])[] } | undefined) =>
  Object.fromEntries(answer?.headers ?? []);

describe('StaticFiles', () => {
  it('gives a file as it is, to be asked for again', () => {
    const answer = new StaticFiles(folder).get('/index.html', head());
    expect(answer).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', body: Buffer.from(page) });
    expect(headers(answer)).toMatchObject({ 'cache-control': 'no-cache', vary: 'accept-encoding' });
  });

  it('zips for those who take it, and what gains by it', () => {
    const files = new StaticFiles(folder);
    const zipped = files.get('/assets/app-1a2b.js', head({ acceptsEncoding: 'br, gzip' }));
    expect(headers(zipped)['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped!.body).toString()).toBe(script);
    expect(headers(zipped)['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers(files.get('/assets/app-1a2b.js', head()))).not.toHaveProperty('content-encoding');
    const image = files.get('/logo.png', head({ acceptsEncoding: 'gzip' }));
    expect(headers(image)).not.toHaveProperty('content-encoding');
    expect(image?.type).toBe('image/png');
  });

  it('says 304 to those who have it, and not to those who have another', () => {
    const files = new StaticFiles(folder);
    const { etag } = headers(files.get('/index.html', head()));
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(files.get('/index.html', head({ etag: etag! }))).toMatchObject({ status: 304, body: '' });
    expect(files.get('/index.html', head({ etag: '"other"' }))).toMatchObject({ status: 200 });
    expect(headers(files.get('/logo.png', head())).etag).not.toBe(etag);
  });

  it('knows nothing outside its folder', () => {
    writeFileSync(join(folder, 'assets', 'index.html'), page);
    const files = new StaticFiles(join(folder, 'assets'));
    for (const path of ['/../logo.png', '/..%2flogo.png', '/app-1a2b.js/', '/assets', '/__proto__'])
      expect(files.get(path, head())).toBeUndefined();
    expect(files.get('/app-1a2b.js', head())).toBeDefined();
  });

  it('sees a new build, and is not ready without one', () => {
    const files = new StaticFiles(folder);
    expect(files.ready).toBe(true);
    writeFileSync(join(folder, 'index.html'), 'new');
    utimesSync(join(folder, 'index.html'), 2_000_000_000, 2_000_000_000);
    expect(files.get('/index.html', head())?.body.toString()).toBe('new');
    const nothing = new StaticFiles(join(folder, 'nowhere'));
    expect(nothing.ready).toBe(false);
    expect(nothing.get('/index.html', head())).toBeUndefined();
  });
});
