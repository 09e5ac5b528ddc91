import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edgeLimits } from '@ringback/edge';
import { httpOperations, type HttpOperation } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { unknownCall } from '../support/refusals.ts';
import { waitFor } from '../support/wait-for.ts';

/** As docs/security.md says. A page of ours needs no more than this, and a page of others gets nothing by ours. */
const expected = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
};

let platform: InProcessPlatform;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-web-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', 'app-1.js'), 'export {};\n');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>x</title>\n');
  platform = await InProcessPlatform.start({ webDist: folder, origins: ['https://app.example.org'] });
});
afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}) => fetch(`${platform.url}${path}`, init);
const bearer = (user = 'host') => ({ authorization: `Bearer ${platform.token(user)}` });
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  ask(path, { method: 'POST', body, headers });

async function etagOf(path: string): Promise<string> {
  return (await ask(path)).headers.get('etag')!;
}

/** Every kind of answer that there is, with its status. */
const answers: [what: string, status: number, ask: () => Promise<Response>][] = [
  ['the page', 200, () => ask('/')],
  ['the page of a call', 200, () => ask(`/c/${unknownCall}`)],
  ['a timeline', 200, () => ask(`/t/${unknownCall}`)],
  ['a script', 200, () => ask('/assets/app-1.js')],
  ['a script that one has', 304, async () => ask('/', { headers: { 'if-none-match': await etagOf('/') } })],
  ['the head of a page', 200, () => ask('/', { method: 'HEAD' })],
  ['a page that there is not', 404, () => ask('/nowhere')],
  ['a file that there is not', 404, () => ask('/nowhere.js')],
  ['the head of what there is not', 404, () => ask('/nowhere.js', { method: 'HEAD' })],
  ['the documentation', 200, () => ask('/docs')],
  ['its style', 200, () => ask('/docs.css')],
  ['openapi.json', 200, () => ask('/openapi.json')],
  ['asyncapi.json', 200, () => ask('/asyncapi.json')],
  ['healthz', 200, () => ask('/healthz')],
  ['readyz', 200, () => ask('/readyz')],
  ['metrics', 200, () => ask('/metrics')],
  ['a guest', 201, () => post('/v1/guests', '{"displayName":"somebody"}')],
  ['a call', 201, () => post('/v1/calls', '{}', bearer())],
  ['what is no JSON', 400, () => post('/v1/calls', '{', bearer())],
  ['nobody', 401, () => ask('/v1/calls')],
  ['a page elsewhere', 403, () => ask('/v1/calls', { headers: { origin: 'https://evil.example.org' } })],
  ['a call that there is not', 404, () => ask(`/v1/calls/${unknownCall}`, { headers: bearer() })],
  ['another method', 405, () => ask('/v1/calls', { method: 'DELETE' })],
  ['too much', 413, () => post('/v1/calls', ' '.repeat(edgeLimits.bodyBytesMax + 1), bearer())],
  ['views that are away', 503, () => ask('/v1/calls', { headers: bearer() })],
  [
    'whether one may ask',
    204,
    () => ask('/v1/calls', { method: 'OPTIONS', headers: { origin: 'https://app.example.org' } }),
  ],
  ['the socket without an upgrade', 404, () => ask('/v1/ws')],
  [
    'too often',
    429,
    async () => {
      const headers = bearer('impatient');
      return waitFor(async () => {
        const all = Array.from({ length: edgeLimits.readsBurst }, () => ask('/v1/ice-servers', { headers }));
        return (await Promise.all(all)).find(({ status }) => status === 429);
      }, 'a refusal');
    },
  ],
];

describe('every answer says what it is for', () => {
  it.each(answers)('%s: %i', async (_, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    for (const [name, value] of Object.entries(expected))
      expect([name, response.headers.get(name)]).toEqual([name, value]);
    expect(response.headers.get('content-type')).toMatch(/\S/);
    // Nothing is kept in cookies, so nothing can be sent in somebody's name.
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it.each(Object.entries(httpOperations) as [string, HttpOperation][])(
    '%s: kept by nobody on the way',
    async (_, { method, path, auth }) => {
      const response = await ask(path.replace('{callId}', unknownCall), {
        method: method.toUpperCase(),
        headers: auth ? bearer('careful') : {},
        ...(method === 'post' ? { body: '{}' } : {}),
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
      for (const [name, value] of Object.entries(expected))
        expect([name, response.headers.get(name)]).toEqual([name, value]);
    },
  );

  it('scripts come from here alone, and nothing inline', () => {
    const policy = expected['content-security-policy'];
    expect(policy).not.toMatch(/unsafe|\*|script-src[^;]*(data:|blob:|https?:)/);
  });
});
