import { describe, expect, it } from 'vitest';
import type { Bus } from '@ringback/runtime';
import { subjects } from '@ringback/schemas';
import { limits } from '../limits.ts';
import { PeopleStage, type TestEdge } from './testing.ts';

const message = (userId: string, tenantId = 'default') => ({
  ...{ tenantId, userId, messageId: '00000000-0000-4000-8000-000000000001' },
  ...{ from: 'app', sentAt: 5, message: { type: 'hello', data: { n: 1 } } },
});
const presenceOf = async ({ people }: TestEdge, userId: string, tenantId = 'default') =>
  (await people.presenceOf(tenantId, [userId])).users[0]!.presence;

describe('whether people are there', () => {
  it('any gateway knows, of its tenant alone, by the most present of all devices', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const phone = a.device('u');
    const laptop = b.device('u');
    expect(await presenceOf(a, 'u')).toBe('online');
    laptop.is({ isInCall: true });
    phone.is({ isAway: true });
    expect([await presenceOf(a, 'u'), await presenceOf(b, 'u')]).toEqual(['in-call', 'in-call']);
    laptop.is({ isInCall: false, isAway: true });
    expect(await presenceOf(a, 'u')).toBe('away');
    expect(await presenceOf(a, 'u', 'other')).toBe('offline');
    expect(await a.people.presenceOf('default', ['u', 'v'])).toEqual({
      users: [
        { userId: 'u', presence: 'away' },
        { userId: 'v', presence: 'offline' },
      ],
      complete: true,
    });
  });

  it('a gateway that has just begun, or hears nobody, says that its answer may lack something', async () => {
    const stage = new PeopleStage();
    const a = stage.edge('edge-1');
    await stage.pass(1_000);
    expect((await a.people.presenceOf('default', ['u'])).complete).toBe(false);
    await stage.pass(3_000);
    expect((await a.people.presenceOf('default', ['u'])).complete).toBe(true);
    stage.clock.advance(limits.neighbourDeafMs + 1);
    expect((await a.people.presenceOf('default', ['u'])).complete).toBe(false);
  });

  it('nor is the answer whole where a gateway of another version does not know what it was asked', async () => {
    const stage = new PeopleStage();
    const a = stage.edge('edge-1');
    const beat = { gateway: 'edge-2', incarnation: '1', edge: { sockets: 1, open: true, told: 0 } };
    const refusal = { ok: false, error: { code: 'invalid', message: 'ask: not known' } };
    stage.bus.subscribe(subjects.people('edge-2'), (_question, _subject, reply) => reply(refusal));
    await stage.pass(3_000);
    stage.bus.publish(subjects.beat('edge-2'), beat);
    await stage.drained();
    expect((await a.people.presenceOf('default', ['u'])).complete).toBe(false);
    expect(await a.people.send(message('u'))).toEqual({ sessions: 0, complete: false });
  });

  it('who says nothing for long is away, who is in a call is not', async () => {
    const stage = new PeopleStage();
    const a = stage.edge('edge-1');
    await stage.pass(3_000);
    const [quiet, inCall] = [a.device('quiet'), a.device('in-call')];
    inCall.is({ isInCall: true });
    stage.clock.advance(limits.idleMs + limits.idleCheckMs);
    expect([await presenceOf(a, 'quiet'), await presenceOf(a, 'in-call')]).toEqual(['away', 'in-call']);
    quiet.heardAt = stage.clock.monotonic();
    quiet.is({});
    expect(await presenceOf(a, 'quiet')).toBe('online');
  });
});

describe('who follows people', () => {
  it('is told how they are, also where somebody else began to follow them just now', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    b.device('u');
    const [first, second] = [a.device('first'), a.device('second')];
    const online = [{ userId: 'u', presence: 'online' }];
    expect(await Promise.all([first.follow('u'), second.follow('u')])).toEqual([online, online]);
    expect([first.heard, second.heard]).toEqual([[], []]);
  });

  it('hears each change, and nothing of those that are no longer on the list', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const me = a.device('me');
    const other = b.device('me', 'other');
    const there = b.device('u');
    expect(await me.follow('u', 'v', 'u')).toEqual([
      { userId: 'u', presence: 'online' },
      { userId: 'v', presence: 'offline' },
    ]);
    expect(await other.follow('u')).toEqual([{ userId: 'u', presence: 'offline' }]);
    there.is({ isInCall: true });
    there.is({ isAway: true });
    await stage.drained();
    const v = a.device('v');
    await stage.drained();
    expect(me.heard).toEqual([
      { userId: 'u', presence: 'in-call' },
      { userId: 'v', presence: 'online' },
    ]);
    expect(other.heard).toEqual([]);
    await me.follow('u');
    v.is({ isAway: true });
    there.is({ isInCall: false });
    await stage.drained();
    expect(me.heard.slice(2)).toEqual([{ userId: 'u', presence: 'away' }]);
  });

  it('hears nothing wrong from a gateway that has just begun and has not heard the others yet', async () => {
    const stage = new PeopleStage();
    const b = stage.edge('edge-2');
    b.device('u').is({ isInCall: true });
    await stage.pass(3_000);
    const me = stage.edge('edge-1').device('me');
    const following = me.follow('u');
    await stage.pass(3_000);
    expect(await following).toEqual([{ userId: 'u', presence: 'in-call' }]);
    expect(me.heard).toEqual([]);
  });

  it('does not hear of a socket that is lost and comes back, at another gateway too', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const me = a.device('me');
    const first = a.device('u');
    first.is({ isInCall: true });
    await me.follow('u');
    first.leave();
    await stage.pass(1_000);
    const second = b.device('u');
    await stage.drained();
    second.is({ isInCall: true });
    await stage.pass(limits.presenceLingerMs + 2_000);
    expect(me.heard).toEqual([]);
    second.leave();
    await stage.pass(limits.presenceLingerMs + 2_000);
    expect(me.heard).toEqual([{ userId: 'u', presence: 'offline' }]);
    expect([a.people.beat().sockets, b.people.beat().sockets]).toEqual([1, 0]);
  });

  it('does not hear of a socket that comes back to the same gateway and into its call, but of who stays out', async () => {
    const stage = new PeopleStage();
    const a = stage.edge('edge-1');
    await stage.pass(3_000);
    const me = a.device('me');
    const first = a.device('u');
    first.is({ isInCall: true });
    await me.follow('u');
    first.leave();
    const second = a.device('u');
    await stage.pass(1_000);
    second.is({ isInCall: true });
    await stage.pass(limits.presenceLingerMs + 2_000);
    expect(me.heard).toEqual([]);
    second.leave();
    a.device('u');
    await stage.pass(limits.presenceLingerMs + 2_000);
    expect(me.heard).toEqual([{ userId: 'u', presence: 'online' }]);
  });

  it('hears that those of a dead gateway are gone, and their devices elsewhere stay', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(limits.neighbourSilentMs + 1_000);
    const me = a.device('me');
    [a.device('u'), b.device('u'), b.device('v')].forEach((device) => device.is({}));
    expect(await me.follow('u', 'v')).toHaveLength(2);
    b.kill();
    await stage.pass(limits.neighbourSilentMs - 1_000);
    expect(me.heard).toEqual([]);
    expect(a.people.gateways()).toEqual(['edge-1', 'edge-2']);
    await stage.pass(2_000);
    expect(me.heard).toEqual([{ userId: 'v', presence: 'offline' }]);
    expect(a.people.gateways()).toEqual(['edge-1']);
  });

  it('hears it at once where the gateway lives anew', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const me = a.device('me');
    b.device('v');
    await me.follow('v');
    b.kill();
    const again = stage.edge('edge-2', { incarnation: '2' });
    again.beat();
    await stage.drained();
    expect(me.heard).toEqual([{ userId: 'v', presence: 'offline' }]);
    again.device('v');
    await stage.drained();
    expect(me.heard.slice(1)).toEqual([{ userId: 'v', presence: 'online' }]);
  });

  it('a gateway that hears nobody, itself included, takes nobody for gone', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(limits.neighbourSilentMs + 1_000);
    const me = a.device('me');
    b.device('v');
    await me.follow('v');
    stage.clock.advance(10 * limits.neighbourSilentMs);
    a.beat();
    await stage.drained();
    stage.clock.advance(limits.neighbourSilentMs - 1_000);
    expect(a.people.gateways()).toEqual(['edge-1', 'edge-2']);
    await stage.pass(2 * limits.neighbourSilentMs);
    expect(me.heard).toEqual([]);
  });

  it('news that are lost are noticed at the next sign of life, and asked for', async () => {
    const stage = new PeopleStage();
    const losing: Bus = {
      publish: (subject, news) => {
        if (!subject.startsWith('presence.')) stage.bus.publish(subject, news);
      },
      subscribe: (...args) => stage.bus.subscribe(...args),
      request: (...args) => stage.bus.request(...args),
    };
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2', { bus: losing })];
    await stage.pass(3_000);
    const me = a.device('me');
    await me.follow('v');
    b.device('v');
    await stage.drained();
    expect(me.heard).toEqual([]);
    b.beat();
    await stage.drained();
    expect(me.heard).toEqual([{ userId: 'v', presence: 'online' }]);
  });

  it('an answer that is older than news that overtook it changes nothing', async () => {
    const stage = new PeopleStage();
    const held: (() => void)[] = [];
    const slow: Bus = {
      publish: (...args) => stage.bus.publish(...args),
      subscribe: (...args) => stage.bus.subscribe(...args),
      request: async (...args) => {
        const answer = await stage.bus.request(...args);
        await new Promise<void>((resolve) => held.push(resolve));
        return answer;
      },
    };
    const [a, b] = [stage.edge('edge-1', { bus: slow }), stage.edge('edge-2')];
    await stage.pass(3_000);
    const me = a.device('me');
    const following = me.follow('v');
    await stage.drained();
    b.device('v');
    await stage.drained();
    for (const release of held) release();
    expect(await following).toEqual([{ userId: 'v', presence: 'online' }]);
  });

  it('is refused where too many are followed already', async () => {
    const stage = new PeopleStage();
    const a = stage.edge('edge-1');
    await stage.pass(3_000);
    const many = Array.from({ length: limits.followedUsersTotalMax }, (_, i) => `u${i}`);
    void a.device('one').follow(...many);
    const me = a.device('me');
    expect(await me.follow('another')).toBeUndefined();
    expect(await me.follow('u1')).toEqual([{ userId: 'u1', presence: 'offline' }]);
  });
});

describe('a message to a user', () => {
  it('reaches each device, at whichever gateway, and nobody of another tenant', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const [phone, laptop, stranger, other] = [
      a.device('u'),
      b.device('u'),
      b.device('v'),
      b.device('u', 'other'),
    ];
    expect(await a.people.send(message('u'))).toEqual({ sessions: 2, complete: true });
    const { messageId, from, sentAt, message: sent } = message('u');
    const told = { type: 'message', messageId, from, sentAt, message: sent };
    expect([phone.told, laptop.told, stranger.told, other.told]).toEqual([[told], [told], [], []]);
    laptop.leave();
    expect(await b.people.send(message('u'))).toEqual({ sessions: 1, complete: true });
    expect(await b.people.send(message('nobody'))).toEqual({ sessions: 0, complete: true });
  });

  it('says so where a gateway that should be there does not answer', async () => {
    const stage = new PeopleStage();
    const [a, b] = [stage.edge('edge-1'), stage.edge('edge-2')];
    await stage.pass(3_000);
    const phone = a.device('u');
    b.device('u');
    b.kill();
    expect(await a.people.send(message('u'))).toEqual({ sessions: 1, complete: false });
    expect(phone.told).toHaveLength(1);
  });
});

describe('where the people of a call gather', () => {
  const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';

  it('is the same whoever is asked, with the address of that gateway', async () => {
    const stage = new PeopleStage();
    const url = (n: number) => `wss://edge-${n}.example.org/v1/ws`;
    for (const n of [1, 2, 3]) stage.edge(`edge-${n}`, { url: url(n) });
    await stage.pass(1_000);
    const places = stage.edges.map(({ people }) => people.gatherAt(callId));
    expect(new Set(places.map(({ gateway }) => gateway)).size).toBe(1);
    const { gateway, region } = places[0]!;
    expect([places[0]!.url, region]).toEqual([url(Number(gateway.at(-1))), 'local']);
    // All calls together are spread.
    const all = Array.from({ length: 60 }, (_, i) => stage.edges[0]!.people.gatherAt(`call-${i}`).gateway);
    expect(new Set(all).size).toBe(3);
  });

  it('is not a gateway that is about to end, nor one that is gone', async () => {
    const stage = new PeopleStage();
    for (const n of [1, 2, 3]) stage.edge(`edge-${n}`);
    await stage.pass(limits.neighbourSilentMs + 1_000);
    const chosen = () =>
      stage.edges.find((e) => e.gateway === stage.edges[0]!.people.gatherAt(callId).gateway)!;
    const first = chosen();
    first.people.drain();
    await stage.drained();
    const second = chosen();
    expect(second).not.toBe(first);
    second.kill();
    await stage.pass(limits.neighbourSilentMs + 2_000);
    const last = stage.edges.find((edge) => edge !== first && edge !== second)!;
    expect(last.people.gatherAt(callId).gateway).toBe(last.gateway);
  });

  it('is here as long as nobody was heard', () => {
    const stage = new PeopleStage();
    expect(stage.edge('edge-1').people.gatherAt(callId)).toEqual({
      gateway: 'edge-1',
      region: 'local',
      url: undefined,
    });
  });
});
