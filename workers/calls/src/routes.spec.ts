import { limits as callLimits, commandSchema, subjects, type FeedMessage } from '@ringback/schemas';
import { commandOf } from '@ringback/domain';
import { able, ask, callId, host, join, second, third, uuid, type Person } from '@ringback/domain/testing';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { PartitionOwner } from './partition-owner.ts';
import { create, partition, stage, told, type Stage } from './testing.ts';

const [a, b, c] = [able(host), able(second), able(third)] as const;
const media = (n: number, more: object = {}) => ({
  gateway: `media-${n}`,
  incarnation: '1',
  region: 'home',
  load: n / 10,
  ...more,
});
const enter = (who: Person, n: number) => join(who, { id: uuid(0x60 + n), correlationId: uuid(0x70 + n) });
const shows = (who: Person, epoch: number, n: number) =>
  ask(who, 'call.swapped', { epoch }, { id: uuid(0x80 + n) });

/** Three in a call, with these Call Servers there. */
async function three(...servers: ReturnType<typeof media>[]) {
  const on = await stage();
  const heard: FeedMessage[] = [];
  on.bus.subscribe(subjects.feed('media-1'), (message) => heard.push(message as FeedMessage));
  for (const server of servers) on.beat(server);
  on.send(create, enter(a, 1), enter(b, 2));
  await told(on, 3);
  on.send(enter(c, 3));
  await told(on, 4);
  return { ...on, heard, fedTypes: () => heard.flatMap((m) => m.events.map((e) => e.type)) };
}

/** Time goes by, and these are heard each second, as everybody's gateway is. */
async function seconds(on: Stage, count: number, ...servers: ReturnType<typeof media>[]) {
  for (let i = 0; i < count; i++) {
    on.beat();
    for (const server of servers) on.beat(server);
    await on.pass(1_000);
  }
}

async function routes(on: Stage) {
  const events = (await on.commits()).flatMap((commit) => commit.body.events);
  return events.filter((event) => event.type === 'call.route.changed');
}
const said = async (on: Stage) =>
  (await routes(on)).map(({ data }) => [data.epoch, data.reason, data.server?.gateway]);

describe('the way of the media', () => {
  it('is decided in the commit of what it rests on, and for the same request', async () => {
    const on = await three(media(1), media(2));
    const { events } = (await on.commits()).at(-1)!.body;
    expect(events).toMatchObject([
      { type: 'call.participant.joined', sequence: 4, correlationid: uuid(0x73) },
      {
        type: 'call.route.changed',
        sequence: 5,
        correlationid: uuid(0x73),
        causationid: `${callId}/4/route`,
        data: { kind: 'call-server', epoch: 1, people: 3, server: { gateway: 'media-1/1', load: 0.1 } },
      },
    ]);
    // What it was decided on stands in the event; the joiner's reply is that of the join.
    const command = commandOf(events[1]!)!;
    expect(command).toMatchObject({ type: 'call.route', actor: { kind: 'system', name: 'calls' } });
    expect(on.replies().at(-1)).toMatchObject({ ok: true, seq: 4 });
  });

  it('stays as it is where there is no Call Server, until there is one', async () => {
    const on = await three();
    await seconds(on, 2);
    expect(await said(on)).toEqual([]);
    on.beat(media(1));
    await on.drained();
    on.clock.advance(limits.tickMs);
    await vi.waitFor(async () => expect(await said(on)).toEqual([[1, 'third-joined', 'media-1/1']]));
  });

  it('is near the people', async () => {
    const on = await stage();
    on.beat({ region: 'north' });
    on.beat(media(1, { region: 'south', load: 0 }));
    on.beat(media(2, { region: 'north', load: 0.9 }));
    on.send(create, enter(a, 1), enter(b, 2), enter(c, 3));
    await told(on, 4);
    expect(await said(on)).toEqual([[1, 'third-joined', 'media-2/1']]);
    expect(commandOf((await routes(on))[0]!)).toMatchObject({ data: { region: 'north' } });
  });

  it('goes back by its deadline', async () => {
    const on = await three(media(1));
    on.send(shows(a, 1, 1), shows(b, 1, 2), ask(c, 'call.leave', {}, { id: uuid(0x90) }));
    await told(on, 7);
    expect((await on.types()).slice(-4)).toEqual([
      'call.leg.switched',
      'call.leg.switched',
      'call.participant.left',
      'call.route.settled',
    ]);
    await seconds(on, callLimits.routeCalmMs / 1_000 + 1, media(1));
    expect((await said(on)).at(-1)).toEqual([2, 'two-again', undefined]);
  });

  it('is no matter of a Call Server that is not needed, however many there are', async () => {
    const many = Array.from({ length: callLimits.callServersMax + 3 }, (_, i) => media(i + 2, { load: 0.5 }));
    const on = await three(media(1, { load: 0.4 }));
    await seconds(on, 8, media(1, { load: 1 }), ...many);
    expect(await said(on)).toEqual([[1, 'third-joined', 'media-1/1']]);
    await seconds(on, 7, ...many);
    const moved = (await routes(on)).at(-1)!;
    expect(moved.data).toMatchObject({ epoch: 2, reason: 'call-server-lost' });
    const command = commandOf(moved)!;
    expect(commandSchema.safeParse({ ...command, id: uuid(1) }).error).toBeUndefined();
    expect(command.type === 'call.route' && command.data.servers).toHaveLength(callLimits.callServersMax);
  });
});

describe('a Call Server', () => {
  it('is fed the calls that are placed on it, though it follows none, up to the event that ends it', async () => {
    const on = await three(media(1));
    expect(on.fedTypes()).toEqual(['call.participant.joined', 'call.route.changed']);
    on.send(shows(a, 1, 1), shows(b, 1, 2), shows(c, 1, 3), ask(c, 'call.leave', {}, { id: uuid(0x90) }));
    await told(on, 8);
    await seconds(on, callLimits.routeCalmMs / 1_000 + 1, media(1));
    expect(on.fedTypes().at(-1)).toBe('call.route.changed');
    on.send(shows(a, 2, 4), shows(b, 2, 5));
    await told(on, 10);
    expect(on.fedTypes().slice(-3)).toEqual(['call.leg.switched', 'call.leg.switched', 'call.route.settled']);
    const count = on.fedTypes().length;
    on.send(ask(host, 'call.lock', {}, { id: uuid(0x91) }));
    await told(on, 11);
    await on.drained();
    expect(on.fedTypes()).toHaveLength(count);
  });

  it('learns what is placed on this life of it', async () => {
    const on = await three(media(1));
    const placed = async (server: string) => {
      const answer = await on.ask({ ask: 'placed', server });
      return answer.ok && 'placed' in answer ? answer.placed : undefined;
    };
    expect(await placed('media-1/1')).toEqual({ [callId]: 5 });
    expect(await placed('media-1/2')).toEqual({});
    // Kept until everybody has switched.
    await seconds(on, 7, media(2));
    expect((await said(on)).at(-1)).toEqual([2, 'call-server-lost', 'media-2/1']);
    expect(await placed('media-1/1')).toEqual({});
    expect(Object.keys((await placed('media-2/1'))!)).toEqual([callId]);
    on.send(ask(host, 'call.end', {}, { id: uuid(0x92) }));
    await told(on, 5);
    expect(await placed('media-2/1')).toEqual({});
  });

  it('that begins another life is replaced when that is heard, not on the next tick', async () => {
    const on = await three(media(1));
    await seconds(on, 7, media(1));
    on.beat(media(1, { incarnation: '2' }));
    await vi.waitFor(async () =>
      expect((await said(on)).at(-1)).toEqual([2, 'call-server-lost', 'media-1/2']),
    );
  });

  it('that is silent is replaced by another', async () => {
    const on = await three(media(1), media(2));
    await seconds(on, 5, media(2));
    expect(await said(on)).toHaveLength(1);
    await seconds(on, 2, media(2));
    expect(await said(on)).toEqual([
      [1, 'third-joined', 'media-1/1'],
      [2, 'call-server-lost', 'media-2/1'],
    ]);
  });

  it('that is silent, with no other: it may come back; then a mesh, until there is one', async () => {
    const on = await three(media(1));
    await seconds(on, 20);
    expect(await said(on)).toHaveLength(1);
    await seconds(on, 8);
    expect((await said(on)).at(-1)).toEqual([2, 'no-call-server', undefined]);
    await seconds(on, 2, media(2));
    expect((await said(on)).at(-1)).toEqual([3, 'third-joined', 'media-2/1']);
  });
});

describe('a new owner', () => {
  const takeOver = async (on: Stage) => {
    await on.owner.stop();
    await PartitionOwner.take(partition, 'owner-2', on.ports);
  };

  it('moves nothing before everybody had the time to be heard', async () => {
    const on = await three(media(1));
    await takeOver(on);
    await seconds(on, 4, media(2));
    expect(await said(on)).toHaveLength(1);
    await seconds(on, 8, media(1), media(2));
    expect(await said(on)).toHaveLength(1);
  });

  it('moves what is gone once it had', async () => {
    const on = await three(media(1));
    await takeOver(on);
    await seconds(on, 8, media(2));
    expect((await said(on)).at(-1)).toEqual([2, 'call-server-lost', 'media-2/1']);
  });

  it('knows at once that a Call Server began another life', async () => {
    const on = await three(media(1));
    await takeOver(on);
    on.beat(media(1, { incarnation: '2' }));
    await on.drained();
    on.clock.advance(limits.tickMs);
    await vi.waitFor(async () =>
      expect((await said(on)).at(-1)).toEqual([2, 'call-server-lost', 'media-1/2']),
    );
  });
});
