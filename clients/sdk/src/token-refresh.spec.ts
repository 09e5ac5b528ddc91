import { describe, expect, it } from 'vitest';
import { RingbackClient } from './client.ts';
import { sdkLimits } from './limits.ts';
import { FakeGateway, heartbeatMs, refused } from './testing/fake-gateway.ts';
import type { ClientOptions, TokenRequest } from './types.ts';

describe('a token that ends soon', () => {
  const leftMs = 120_000;
  const expiring = { type: 'token.expiring', expiresAt: 0, leftMs } as const;
  /** A session whose tokens come from here, with what `token-expiring` told. */
  async function session(token: ClientOptions['token']) {
    const gateway = new FakeGateway();
    const client = new RingbackClient({ url: 'https://meet.example.org', token, ports: gateway.ports });
    const told: unknown[] = [];
    client.on('token-expiring', ({ error }) => told.push(error?.code));
    client.connect();
    return { gateway, client, clock: gateway.clock, told, socket: await gateway.accept() };
  }
  /** With signs of life, or the socket would be taken for dead. */
  async function pass(on: Awaited<ReturnType<typeof session>>, ms: number) {
    for (let left = ms; left > 0; left -= heartbeatMs) {
      await on.clock.pass(Math.min(left, heartbeatMs));
      on.socket.deliver();
    }
  }

  it('is renewed on the same socket, at a moment of its own', async () => {
    const asked: TokenRequest[] = [];
    const on = await session(async (request) => `token-${asked.push(request)}`);
    on.socket.deliver(expiring);
    const share = (sdkLimits.tokenRenewShareMin + sdkLimits.tokenRenewShareMax) / 2;
    await pass(on, leftMs * share - 1);
    expect(on.socket.all('token.renew')).toHaveLength(0);
    await pass(on, 1);
    const { id, token } = on.socket.last('token.renew');
    expect([token, asked]).toEqual(['token-2', [{}, { expiring: true }]]);
    on.socket.deliver({ type: 'token.renewed', id, expiresAt: 1 });
    await pass(on, 2 * leftMs);
    expect([on.gateway.sockets.length, on.socket.all('token.renew').length, on.told]).toEqual([1, 1, []]);
  });

  it('is asked for again, sooner each time, and each failure is told', async () => {
    let tries = 0;
    const on = await session(async ({ expiring: soon }) => {
      if (soon === undefined) return 'first';
      tries += 1;
      if (tries === 1) throw new Error('the server of the app is away');
      return tries === 2 ? 'first' : `token-${tries}`;
    });
    on.socket.deliver(expiring);
    await pass(on, leftMs * (1 - 0.7 ** 3));
    expect([on.told, on.socket.last('token.renew').token]).toEqual([['network', 'token_expired'], 'token-3']);
    on.client.close();
    expect(on.clock.timers).toBe(0);
  });

  it('of somebody else is told, and not tried again', async () => {
    const on = await session(async ({ expiring: soon }) => (soon ? 'of another' : 'first'));
    on.socket.deliver(expiring);
    await pass(on, leftMs * 0.3);
    on.socket.deliver(refused(on.socket.last('token.renew').id, 'token_mismatch'));
    await pass(on, leftMs);
    expect([on.told, on.socket.all('token.renew').length]).toEqual([['token_mismatch'], 1]);
  });

  it('and is a text is told, and then the client is closed for good', async () => {
    const on = await session('a-token');
    const ended: unknown[] = [];
    on.client.on('closed', ({ error }) => ended.push(error?.code));
    on.socket.deliver(expiring);
    expect(on.told).toEqual([undefined]);
    on.socket.fail(4004);
    expect([ended, on.client.status, on.clock.timers]).toEqual([['token_expired'], 'closed', 0]);
  });

  it('and was not renewed leads to a session with another one', async () => {
    const asked: TokenRequest[] = [];
    const on = await session(async (request) => `token-${asked.push(request)}`);
    on.socket.fail(4004);
    expect(on.client.status).toBe('reconnecting');
    await on.clock.pass(250);
    expect((await on.gateway.accept()).last('connect').token).toBe('token-2');
    expect(asked).toEqual([{}, { refused: 'token_expired' }]);
  });
});
