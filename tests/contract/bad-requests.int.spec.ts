import { limits, rejections } from '@ringback/schemas';
import { edgeLimits } from '@ringback/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { unknownCall } from '../support/refusals.ts';

let platform: InProcessPlatform;
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(() => platform.close());

describe('HTTP', () => {
  const good = () => platform.token('host');
  const ask = (path: string, init: RequestInit & { token?: string } = {}) =>
    fetch(`${platform.url}${path}`, {
      ...init,
      headers: {
        ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
        ...(init.headers as Record<string, string>),
      },
    });
  const post = (path: string, body: string, token?: string) =>
    ask(path, { method: 'POST', body, ...(token === undefined ? {} : { token }) });

  it.each([
    ['a body that is no JSON', () => post('/v1/calls', '{', good()), 'malformed', undefined],
    ['a body that is a list', () => post('/v1/calls', '[]', good()), 'invalid', undefined],
    [
      'a body that is too long',
      () => post('/v1/calls', ' '.repeat(edgeLimits.bodyBytesMax + 1), good()),
      'too_large',
      undefined,
    ],
    ['a field of another type', () => post('/v1/calls', '{"name":7}', good()), 'invalid', 'name'],
    [
      'a field over its limit',
      () => post('/v1/calls', JSON.stringify({ participantsMax: limits.participantsMax + 1 }), good()),
      'invalid',
      'participantsMax',
    ],
    ['a field that is not known', () => post('/v1/calls', '{"nam":"x"}', good()), 'invalid', undefined],
    ['a prototype', () => post('/v1/calls', '{"__proto__":{"x":1}}', good()), 'invalid', undefined],
    ['a guest without a name', () => post('/v1/guests', '{}'), 'invalid', 'displayName'],
    ['no guest to renew', () => post('/v1/guests/renew', '', good()), 'not_permitted', undefined],
    ['nobody to renew', () => post('/v1/guests/renew', ''), 'token_missing', undefined],
    [
      'an id of another time',
      () => post('/v1/calls', '{"commandId":"019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10"}', good()),
      'clock_skew',
      'commandId',
    ],
    ['no token', () => ask('/v1/calls'), 'token_missing', undefined],
    [
      'another scheme',
      () => ask('/v1/calls', { headers: { authorization: 'Basic eA==' } }),
      'token_missing',
      undefined,
    ],
    [
      'no grant',
      () => post('/v1/calls', '{}', platform.token('host', 'default', { roomJoin: true })),
      'not_permitted',
      undefined,
    ],
    ['a number that is none', () => ask('/v1/calls?limit=many', { token: good() }), 'invalid', 'limit'],
    ['a page that is none', () => ask('/v1/calls?before=now', { token: good() }), 'invalid', 'before'],
    ['a point that is none', () => ask('/v1/calls?atLeast=7', { token: good() }), 'invalid', 'atLeast'],
    [
      'a list while nobody keeps one',
      () => ask('/v1/calls', { token: good() }),
      'views_unavailable',
      undefined,
    ],
    ['a call id that is none', () => ask('/v1/calls/nowhere', { token: good() }), 'call_unknown', undefined],
    ['an unknown path', () => ask('/v1/nothing'), 'not_found', undefined],
    ['an unknown path, posted to', () => post('/v1/nothing', '{}'), 'not_found', undefined],
    ['the socket without an upgrade', () => ask('/v1/ws'), 'not_found', undefined],
    ['the way out of the folder', () => ask('/..%2f..%2f..%2fetc%2fpasswd'), 'not_found', undefined],
    ['the way out of the folder, again', () => ask('/%2e%2e/%2e%2e/etc/passwd'), 'not_found', undefined],
    [
      'the way out of the folder, escaped twice',
      () => ask('/..%252f..%252fetc%252fpasswd'),
      'not_found',
      undefined,
    ],
  ] as const)('%s', async (_, send, code, field) => {
    const before = (await platform.events()).length;
    const response = await send();
    expect(response.status).toBe(rejections[code].status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: `/docs#${code}`, status: response.status, code });
    expect(problem.field).toBe(field);
    expect(problem.detail).toMatch(/^\S.{8,}/);
    expect(await platform.events()).toHaveLength(before);
  });

  it('reading too often: 429, and when to come again; others are served', async () => {
    const token = platform.token('impatient');
    const asked = Array.from({ length: edgeLimits.readsBurst + 50 }, () => ask('/v1/ice-servers', { token }));
    const responses = await Promise.all(asked);
    expect(responses.filter((r) => r.status === 200).length).toBeGreaterThanOrEqual(edgeLimits.readsBurst);
    const refused = responses.find((r) => r.status !== 200)!;
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect((await ask('/v1/ice-servers', { token: good() })).status).toBe(200);
  });

  it.each([
    ['DELETE', '/v1/calls', 'GET, POST'],
    ['PUT', `/v1/calls/${unknownCall}`, 'GET'],
    ['POST', '/healthz', 'GET'],
    ['GET', '/v1/guests', 'POST'],
  ])('%s %s: not allowed, and what is', async (method, path, allowed) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
  });
});
