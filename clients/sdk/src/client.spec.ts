import { describe, expect, it } from 'vitest';
import { RingbackClient } from './client.ts';
import type { RingbackError } from './errors.ts';
import { sdkLimits } from './limits.ts';
import { FakeGateway, callId, heartbeatMs, ok, refused } from './testing/fake-gateway.ts';
import { settle } from './testing/fake-clock.ts';
import type { ClientOptions, TokenRequest } from './types.ts';

function start(token: ClientOptions['token'] = 'a-token') {
  const gateway = new FakeGateway();
  const client = new RingbackClient({ url: 'https://meet.example.org/', token, ports: gateway.ports });
  return { gateway, client, clock: gateway.clock };
}

async function connected(token?: ClientOptions['token']) {
  const started = start(token);
  started.client.connect();
  return { ...started, socket: await started.gateway.accept() };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: RingbackError) => error.code,
  );

describe('connecting', () => {
  it('says who it is first', async () => {
    const { socket, client } = await connected();
    expect(socket.url).toBe('wss://meet.example.org/v1/ws');
    expect(socket.received).toMatchObject([{ type: 'connect', protocol: 1, token: 'a-token' }]);
    expect(client.status).toBe('connected');
    expect(client.session).toMatchObject({ userId: 'guest:1', gateway: 'edge-1' });
  });

  it('asks for a fresh token each time', async () => {
    let n = 0;
    const { socket, gateway, clock } = await connected(async () => `token-${++n}`);
    socket.fail();
    await clock.pass(250);
    expect((await gateway.accept()).last('connect').token).toBe('token-2');
  });

  it('tries again when there is no answer in time', async () => {
    const { client, gateway, clock } = start();
    client.connect();
    await clock.pass(sdkLimits.connectMsMax + 250);
    expect(gateway.sockets).toHaveLength(2);
    expect(gateway.sockets[0]!.closedByClient).toBe(true);
  });

  it('gives up when its token is refused, with the reason', async () => {
    const { client, gateway, clock } = start();
    const ended: unknown[] = [];
    client.on('closed', ({ error }) => ended.push(error?.code));
    client.connect();
    await settle();
    gateway.socket.onopen?.();
    gateway.socket.deliver(refused(gateway.socket.last('connect').id, 'token_expired'));
    expect([client.status, ended]).toEqual(['closed', ['token_expired']]);
    expect(clock.timers).toBe(0);
  });
});

describe('a token that expires', () => {
  /** Gives `token-1`, `token-2` … and keeps what it was asked. */
  function tokens() {
    const asked: TokenRequest[] = [];
    return { asked, next: async (request: TokenRequest) => `token-${asked.push(request)}` };
  }

  it('in mid-session leads to a session with another one, and no command is lost', async () => {
    const { asked, next } = tokens();
    const { socket, gateway, client, clock } = await connected(next);
    const lock = client.command(callId, 'call.lock', {});
    const unlock = client.command(callId, 'call.unlock', {});
    const [lockId, unlockId] = [socket.last('call.lock').id, socket.last('call.unlock').id];
    socket.deliver(refused(lockId, 'token_expired'), refused(unlockId, 'token_expired'));
    await clock.pass(250);
    const second = await gateway.accept();
    expect(asked).toEqual([{}, { refused: 'token_expired' }]);
    expect(second.received).toMatchObject([{ token: 'token-2' }, { id: lockId }, { id: unlockId }]);
    second.deliver(ok(lockId, 3), ok(unlockId, 4));
    expect([await lock, await unlock, gateway.sockets.length]).toEqual([{ seq: 3 }, { seq: 4 }, 2]);
  });

  it('on connecting is replaced once; a second refusal is final', async () => {
    const { asked, next } = tokens();
    const { client, gateway, clock } = start(next);
    client.connect();
    for (const status of ['reconnecting', 'closed']) {
      await clock.pass(500);
      gateway.socket.onopen?.();
      gateway.socket.deliver(refused(gateway.socket.last('connect').id, 'token_expired'));
      expect(client.status).toBe(status);
    }
    expect(asked).toEqual([{}, { refused: 'token_expired' }]);
  });

  it('and can not be replaced refuses commands, and the session goes on', async () => {
    const { socket, client } = await connected();
    const lock = codeOf(client.command(callId, 'call.lock', {}));
    socket.deliver(refused(socket.last('call.lock').id, 'token_expired'));
    expect([await lock, client.status]).toEqual(['token_expired', 'connected']);
  });
});

describe('coming back', () => {
  it('backs off with doubled limits while the gateway is away', async () => {
    const { socket, gateway, client, clock } = await connected();
    const delays: number[] = [];
    client.on('reconnecting', ({ delayMs }) => delays.push(delayMs));
    socket.fail();
    for (let i = 0; i < 7; i++) {
      await clock.pass(delays.at(-1)!);
      gateway.socket.fail();
    }
    expect(delays).toEqual([125, 250, 500, 1_000, 1_500, 1_500, 1_500, 1_500]);
  });

  it('starts from the shortest only after a connection that lasted', async () => {
    const { socket, gateway, client, clock } = await connected();
    const delays: number[] = [];
    client.on('reconnecting', ({ delayMs }) => delays.push(delayMs));
    socket.fail(4200);
    await clock.pass(250);
    (await gateway.accept()).fail(4200);
    await clock.pass(1_000);
    const third = await gateway.accept();
    await clock.pass(sdkLimits.stableMs);
    third.fail(4200);
    expect(delays).toEqual([125, 250, 125]);
  });

  it.each([
    [4000, 'protocol'],
    [4002, 'token_invalid'],
    [4003, 'session_replaced'],
  ])('does not after %i', async (code, error) => {
    const { socket, gateway, client, clock } = await connected();
    const ended: unknown[] = [];
    client.on('closed', (end) => ended.push(end.error?.code));
    socket.fail(code);
    await clock.pass(60_000);
    expect([gateway.sockets.length, client.status, ended]).toEqual([1, 'closed', [error]]);
  });

  it('does when the gateway said it would be time', async () => {
    const { socket, gateway, clock } = await connected();
    socket.deliver({ type: 'bye', code: 4200, reason: 'The gateway is stopping.', retryAfterMs: 3_000 });
    socket.fail(4200);
    await clock.pass(2_999);
    expect(gateway.sockets).toHaveLength(1);
    await clock.pass(1);
    expect(gateway.sockets).toHaveLength(2);
  });

  it('does at once when the network is there again', async () => {
    const { socket, gateway, clock } = await connected();
    gateway.random = 1;
    socket.fail();
    gateway.changeNetwork();
    await settle();
    expect(gateway.sockets).toHaveLength(2);
    await gateway.accept();
    await clock.pass(2_000);
    expect(gateway.sockets).toHaveLength(2);
  });

  it('does when the network is another one: the socket of the one before is likely dead', async () => {
    const { socket, gateway, client, clock } = await connected();
    gateway.changeNetwork();
    expect([client.status, socket.closedByClient]).toEqual(['reconnecting', true]);
    await clock.pass(250);
    // Not yet open, and the network changes again: that handshake will not end either.
    gateway.changeNetwork();
    await settle();
    expect([gateway.sockets.length, gateway.sockets[1]!.closedByClient]).toEqual([3, true]);
    await gateway.accept();
    expect(client.status).toBe('connected');
  });

  it('does when nothing is heard for two heartbeats; an empty frame is enough to hear', async () => {
    const { socket, gateway, client, clock } = await connected();
    await clock.pass(2 * heartbeatMs - 1);
    socket.deliver();
    await clock.pass(2 * heartbeatMs - 1_000);
    expect(client.status).toBe('connected');
    await clock.pass(1_500);
    expect(client.status).toBe('reconnecting');
    expect(socket.closedByClient).toBe(true);
    await clock.pass(250);
    expect(gateway.sockets).toHaveLength(2);
  });

  it('does within a second of waking up from sleep', async () => {
    const { client, clock } = await connected();
    clock.sleep(3_600_000);
    await clock.pass(1_000);
    expect(client.status).toBe('reconnecting');
  });

  it('treats a frame that is no list as no gateway of ours', async () => {
    const { socket, client } = await connected();
    socket.onmessage?.({ data: '<html>' });
    expect(client.status).toBe('reconnecting');
  });
});

describe('commands', () => {
  it('resolve with the sequence of the reply with their id', async () => {
    const { socket, client } = await connected();
    const first = client.command(callId, 'call.lock', {});
    const second = client.command(callId, 'call.unlock', {});
    socket.deliver(ok(socket.last('call.unlock').id, 8), ok(socket.last('call.lock').id, 7));
    expect([await first, await second]).toEqual([{ seq: 7 }, { seq: 8 }]);
  });

  it('reject with the refusal', async () => {
    const { socket, client } = await connected();
    const lock = client.command(callId, 'call.lock', {});
    socket.deliver(refused(socket.last('call.lock').id, 'not_host'));
    await expect(lock).rejects.toMatchObject({ code: 'not_host', retryable: false });
  });

  it('are sent again with the same id after a lost socket, in their order', async () => {
    const { socket, gateway, client, clock } = await connected();
    const lock = client.command(callId, 'call.lock', {});
    void codeOf(client.command(callId, 'call.unlock', {}));
    const ids = socket.received.slice(1).map((m) => m.id);
    socket.fail();
    await clock.pass(250);
    const next = await gateway.accept();
    expect(next.received.slice(1).map((m) => m.id)).toEqual(ids);
    next.deliver(ok(ids[0]!, 3));
    expect(await lock).toEqual({ seq: 3 });
  });

  it.each(['overloaded', 'unknown_outcome'] as const)(
    'are sent again after %s, with the same id',
    async (code) => {
      const { socket, client, clock } = await connected();
      const lock = client.command(callId, 'call.lock', {});
      const { id } = socket.last('call.lock');
      socket.deliver(refused(id, code));
      await clock.pass(250);
      socket.deliver(refused(id, code));
      await clock.pass(500);
      expect(socket.all('call.lock').map((m) => m.id)).toEqual([id, id, id]);
      socket.deliver(ok(id, 5));
      expect(await lock).toEqual({ seq: 5 });
    },
  );

  it('are sent again after a refusal that names none of them', async () => {
    const { socket, client, clock } = await connected();
    void codeOf(client.command(callId, 'call.lock', {}));
    socket.deliver(refused(null, 'rate_limited'));
    await clock.pass(sdkLimits.unreadMs);
    expect(socket.all('call.lock')).toHaveLength(2);
  });

  describe('without a connection', () => {
    const offline = async () => {
      const on = await connected();
      on.socket.fail();
      return on;
    };
    const end = (client: RingbackClient) => client.command(callId, 'call.end', {});

    it('wait for the next one, and go out in their order', async () => {
      const { gateway, client, clock } = await offline();
      const ids = ['call.raise-hand', 'call.lock', 'call.lower-hand'] as const;
      const done = Promise.all(ids.map((type) => client.command(callId, type, {})));
      for (let ms = 0; ms < 2 * sdkLimits.unsentMsMax; ms += 1_000) {
        await clock.pass(1_000);
        gateway.socket.fail();
      }
      await clock.pass(sdkLimits.backoffMsMax / 2);
      const next = await gateway.accept();
      expect(next.received.slice(1).map(({ type }) => type)).toEqual(ids);
      next.deliver(...next.received.slice(1).map(({ id }, n) => ok(id, n + 2)));
      expect(await done).toEqual([{ seq: 2 }, { seq: 3 }, { seq: 4 }]);
    });

    it('are given up in the end, which says that they did not happen; sooner where they act on others', async () => {
      const { client, clock } = await offline();
      const told: string[] = [];
      void codeOf(client.command(callId, 'call.lock', {})).then((code) => told.push(`lock: ${code}`));
      void codeOf(end(client)).then((code) => told.push(`end: ${code}`));
      await clock.pass(sdkLimits.unsentMsMax);
      expect(told).toEqual(['end: network']);
      await clock.pass(sdkLimits.commandMsMax - sdkLimits.unsentMsMax);
      expect(told).toEqual(['end: network', 'lock: network']);
    });

    it('and sent before are kept for their reply, whatever they act on', async () => {
      const { socket, gateway, client, clock } = await connected();
      const ending = end(client);
      const { id } = socket.last('call.end');
      socket.fail();
      await clock.pass(100);
      for (let ms = 0; ms < 2 * sdkLimits.unsentMsMax; ms += 1_000) {
        await clock.pass(1_000);
        gateway.socket.fail();
      }
      await clock.pass(sdkLimits.backoffMsMax / 2);
      const next = await gateway.accept();
      expect(next.last('call.end').id).toBe(id);
      next.deliver(ok(id, 9));
      expect(await ending).toEqual({ seq: 9 });
    });

    it('are sent in time where it is back soon, whatever they act on', async () => {
      const { gateway, client, clock } = await offline();
      const ending = end(client);
      await clock.pass(250);
      const next = await gateway.accept();
      await clock.pass(2 * sdkLimits.unsentMsMax);
      next.deliver(ok(next.last('call.end').id, 9));
      expect(await ending).toEqual({ seq: 9 });
    });
  });

  it('are given up after their time', async () => {
    const { client, clock } = await connected();
    const lock = codeOf(client.command(callId, 'call.lock', {}));
    await clock.pass(sdkLimits.commandMsMax);
    expect(await lock).toBe('timeout');
  });

  it('are bounded in number', async () => {
    const { client } = await connected();
    const pending = Array.from({ length: sdkLimits.pendingCommandsMax }, () =>
      codeOf(client.command(callId, 'call.lock', {})),
    );
    expect(await codeOf(client.command(callId, 'call.lock', {}))).toBe('queue_full');
    client.close();
    expect(new Set(await Promise.all(pending))).toEqual(new Set(['closed']));
  });
});

describe('closing', () => {
  it('leaves no timer, and nothing works afterwards', async () => {
    const { socket, client, clock } = await connected();
    const lock = codeOf(client.command(callId, 'call.lock', {}));
    client.close();
    expect([await lock, clock.timers, socket.closedByClient, client.status]).toEqual([
      'closed',
      0,
      true,
      'closed',
    ]);
    expect(await codeOf(client.command(callId, 'call.lock', {}))).toBe('closed');
    expect(() => client.join(callId, { displayName: 'Host' })).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
  });
});
