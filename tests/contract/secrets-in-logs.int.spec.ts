import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningPlatform } from '../support/running-platform.ts';
import { waitFor } from '../support/wait-for.ts';
import { joinAs, post, WsClient } from '../support/ws-client.ts';

const words = { sdp: 'v=0\r\na=ice-pwd:a-password-of-ice', name: 'A name that is nobody else’s' };
let platform: RunningPlatform;
beforeAll(
  async () => void (platform = await RunningPlatform.start({ RINGBACK_LOG_LEVEL: 'trace' })),
  120_000,
);
afterAll(() => platform.stop());

/** Everything that any process wrote. */
function logs(): string {
  const folder = join(platform.home, 'logs');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return [platform.output, ...files].join('\n');
}

it(
  'no secret is in any log, at the lowest level, after calls, errors and a crash',
  { timeout: 120_000 },
  async () => {
    const secrets = JSON.parse(readFileSync(join(platform.home, 'secrets.json'), 'utf8')) as {
      nats: Record<string, string>;
      turnSecret: string;
      tenants: { apiSecret: string }[];
    };
    const { token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: words.name });
    const { callId } = await post<{ callId: string }>(`${platform.url}/v1/calls`, {}, token);
    const [host, guest] = [
      await WsClient.open(platform.url, token),
      await WsClient.open(platform.url, token),
    ];
    const [me, other] = [randomUUID(), randomUUID()];
    await host.ask(joinAs(callId, me, words.name));
    await guest.ask(joinAs(callId, other, words.name));
    const offer = { to: other, connectionId: 'ab', sdp: words.sdp };
    expect(await host.ask({ type: 'call.offer', callId, data: offer })).toMatchObject({ ok: true });
    // What is refused, by the gateway and by the owner.
    await host.ask({ type: 'call.offer', callId, data: { ...offer, sdp: 7, token } });
    await host.ask({ type: 'call.offer', callId, data: { ...offer, to: me } });
    host.sendRaw(`{"token":"${token}"`);
    const forged = `${token.slice(0, -6)}AAAAAA`;
    const stranger = await WsClient.open(platform.url);
    stranger.send({ type: 'connect', id: randomUUID(), protocol: 1, token: forged });
    await waitFor(() => stranger.closed, 'the refusal of a forged token');
    for (const authorization of [`Bearer ${forged}`, `Bearer ${token}x`, `Basic ${token}`, `Bearer ${token}`])
      await fetch(`${platform.url}/v1/calls?limit=${token}`, { headers: { authorization } });
    await fetch(`${platform.url}/v1/ice-servers`, { headers: { authorization: `Bearer ${token}` } });
    await platform.kill('calls worker');
    await platform.kill('edge');
    const signature = (jwt: string) => jwt.split('.')[2]!;
    const known = {
      ...secrets.nats,
      turn: secrets.turnSecret,
      ...Object.fromEntries(secrets.tenants.map(({ apiSecret }, n) => [`api secret ${n}`, apiSecret])),
      token: signature(token),
      'forged token': signature(forged),
      'ICE password': 'a-password-of-ice',
      'display name': words.name,
    };
    const written = logs();
    // It is these logs that hold what happened.
    expect(written).toContain('"part":"edge"');
    expect(written).toContain('"part":"calls"');
    for (const [name, secret] of Object.entries(known)) {
      expect(secret.length, name).toBeGreaterThan(8);
      const at = written.indexOf(secret);
      expect(at < 0 ? '' : `${name}: …${written.slice(Math.max(0, at - 300), at)}`).toBe('');
    }
  },
);

it.each([
  [
    'RINGBACK_TENANTS',
    '[{"id":"default","apiKey":"rbk_default","apiSecret":"too-short-secret"}]',
    'too-short-secret',
  ],
  ['RINGBACK_TENANTS', '[{"apiSecret":"not-json-but-secret"', 'not-json-but-secret'],
])('a setting that is wrong is named, not shown: %s', async (name, value, secret) => {
  const main = fileURLToPath(new URL('../../gateways/edge/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      RINGBACK_NATS_URL: 'nats://127.0.0.1:1',
      RINGBACK_NATS_PASSWORD: 'any',
      RINGBACK_WEB_DIST: '/nowhere',
      [name]: value,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).not.toBe(0);
  expect(said).toContain(name);
  expect(said).not.toContain(secret);
});
