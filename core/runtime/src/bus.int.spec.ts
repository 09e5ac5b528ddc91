import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { MemoryBus, NatsBus, type Bus, type NoAnswer } from './bus.ts';
import { connectNats } from './nats.ts';

/** What a bus must do. Run on core NATS and on its in-memory twin. */
describe.each([
  ['memory', async () => ({ bus: new MemoryBus() as Bus, close: async () => {} })],
  [
    'NATS',
    async () => {
      const server = await NatsServer.start();
      const nc = await connectNats(server.address('bus'));
      return { bus: new NatsBus(nc, () => {}) as Bus, close: async () => (await nc.close(), server.stop()) };
    },
  ],
])('%s bus', (_, open: () => Promise<{ bus: Bus; close: () => Promise<void> }>) => {
  let bus: Bus;
  let close: () => Promise<void>;
  beforeAll(async () => ({ bus, close } = await open()));
  afterAll(() => close());

  it('delivers in order, a copy to each subscriber, by wildcard', async () => {
    const one: unknown[] = [];
    const all: string[] = [];
    const ends = [
      bus.subscribe('a.b', (m) => one.push(m)),
      bus.subscribe('a.*', (_m, subject) => all.push(subject)),
    ];
    const message = { n: 1 };
    bus.publish('a.b', message);
    message.n = 2;
    bus.publish('a.b', message);
    bus.publish('a.c', {});
    bus.publish('a.b.c', {});
    await waitFor(() => all.length === 3, 'three messages');
    expect(one).toEqual([{ n: 1 }, { n: 2 }]);
    expect(all).toEqual(['a.b', 'a.b', 'a.c']);
    for (const end of ends) end();
  });

  it('answers a request', async () => {
    const end = bus.subscribe('sum', (m, _s, reply) => reply((m as number[]).reduce((a, b) => a + b)));
    expect(await bus.request('sum', [1, 2, 3], 5_000)).toBe(6);
    end();
  });

  it('says at once where nobody listens, which is not the same as nobody answering in time', async () => {
    // A limit so long that only "nobody listens" can be what ends it.
    const nobody = await bus.request('void', {}, 600_000).catch((error: NoAnswer) => error);
    expect(nobody).toMatchObject({ name: 'NoAnswer', nobodyListens: true });
    const end = bus.subscribe('deaf', () => {});
    const deaf = await bus.request('deaf', {}, 50).catch((error: NoAnswer) => error);
    expect(deaf).toMatchObject({ name: 'NoAnswer', nobodyListens: false });
    end();
  });

  it('says nothing more to one who has unsubscribed', async () => {
    const seen: unknown[] = [];
    bus.subscribe('x', (m) => seen.push(m))();
    const end = bus.subscribe('x', (m) => seen.push(`other ${String(m)}`));
    bus.publish('x', 1);
    await waitFor(() => seen.length > 0, 'the message');
    expect(seen).toEqual(['other 1']);
    end();
  });
});
