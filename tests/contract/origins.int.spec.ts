import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawSocket } from '../fuzz/raw-socket.ts';
import { InProcessPlatform } from '../support/in-process-platform.ts';

const app = 'https://app.example.org';
const evil = 'https://evil.example.org';

/** Which pages may use a gateway: its own, and those its operator named. */
describe.each([
  ['a gateway that was told nothing', undefined, false],
  ['a gateway that was told of an app', [app], true],
] as const)('%s', (_, origins, appMay) => {
  let platform: InProcessPlatform;
  beforeAll(
    async () => void (platform = await InProcessPlatform.start(origins === undefined ? {} : { origins })),
  );
  afterAll(() => platform.close());

  const opens = (headers: Record<string, string>) =>
    RawSocket.open(platform.url, headers).then(
      (socket) => (socket.end(), '101'),
      (error: Error) => error.message,
    );
  const ask = (path: string, origin: string, init: RequestInit = {}) =>
    fetch(`${platform.url}${path}`, { ...init, headers: { origin, ...(init.headers as object) } });
  const guest = { method: 'POST', body: '{"displayName":"somebody"}' };

  it('sockets of its own pages and of programs', async () => {
    expect(await opens({})).toBe('101');
    expect(await opens({ origin: platform.url })).toBe('101');
    expect(await opens({ origin: evil })).toBe('HTTP/1.1 403 Forbidden');
    expect(await opens({ origin: 'null' })).toBe('HTTP/1.1 403 Forbidden');
    expect(await opens({ origin: app })).toBe(appMay ? '101' : 'HTTP/1.1 403 Forbidden');
  });

  it('requests of pages elsewhere are refused before anything is done, with the remedy', async () => {
    for (const [path, init] of [
      ['/v1/guests', guest],
      ['/v1/calls', {}],
      ['/v1/calls', { method: 'OPTIONS' }],
    ] as const) {
      const refused = await ask(path, evil, init);
      expect(refused.status).toBe(403);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      expect(await refused.json()).toMatchObject({
        code: 'origin_not_allowed',
        detail: expect.stringContaining('RINGBACK_ORIGINS'),
      });
    }
  });

  it('its own pages need no leave, and those that have it are told so', async () => {
    const own = await ask('/v1/guests', platform.url, guest);
    expect(own.status).toBe(201);
    expect(own.headers.get('access-control-allow-origin')).toBeNull();
    if (!appMay) return;
    const theirs = await ask('/v1/guests', app, guest);
    expect(theirs.status).toBe(201);
    expect(theirs.headers.get('access-control-allow-origin')).toBe(app);
    expect(theirs.headers.get('vary')).toBe('origin');
    const before = await ask('/v1/calls', app, { method: 'OPTIONS' });
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-headers')).toBe('authorization, content-type');
    // A refusal too can be read by who may ask.
    const refused = await ask('/v1/calls', app);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(app);
    expect(refused.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('every answer says what a page may load, and that nobody may frame it', async () => {
    for (const path of ['/', '/docs', '/v1/calls', '/nowhere']) {
      const { headers } = await fetch(`${platform.url}${path}`);
      expect(headers.get('content-security-policy')).toMatch(
        /default-src 'self';.*object-src 'none';.*frame-ancestors 'none'/,
      );
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });
});
