import { limits } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import {
  able,
  ask,
  at,
  back,
  callServer,
  camera,
  created,
  disconnected,
  ended,
  fact,
  given,
  host,
  joined,
  left,
  nothing,
  person,
  produced,
  producer,
  published,
  reconnected,
  reloaded,
  routed,
  second,
  settled,
  start,
  switched,
  third,
  type Fact,
  type Person,
} from '../testing.ts';
import { connectionIdOf } from './people.ts';

const [a, b, c] = [able(host), able(second), able(third)] as const;
const first = callServer(1);
const other = callServer(2);
const three = [created(), joined(a), joined(b), joined(c)] as const;
const switching = [...three, routed(1, 'third-joined', 3, first)] as const;
const onServer = [...switching, settled(1)] as const;
const wayBack = [...onServer, left(c), routed(2, 'two-again', 2)] as const;
const tick = ask('system', 'call.deadline', {});
const shows = (who: Person, epoch: number) => ask(who, 'call.swapped', { epoch });
const routeAfter = (...facts: Fact[]) => given(...facts).state.view?.route;
const mesh = { kind: 'p2p', epoch: 0 };
const server = (epoch: number) => ({ kind: 'call-server', epoch, server: first });

describe('what is kept', () => {
  it('[SW1] the route before, until the switch is over', () => {
    expect(routeAfter(...switching)).toEqual({
      kind: 'call-server',
      epoch: 1,
      reason: 'third-joined',
      since: start,
      server: first,
      before: mesh,
      failedConnections: [],
    });
    expect(routeAfter(...onServer)).not.toHaveProperty('before');
    expect(routeAfter(...wayBack)).toMatchObject({ kind: 'p2p', epoch: 2, before: server(1) });
  });

  it('[SW1] not what was lost', () => {
    for (const change of [
      routed(2, 'call-server-lost', 3, other),
      routed(2, 'call-server-failed', 3, first),
      routed(2, 'no-call-server', 3),
    ])
      expect(routeAfter(...onServer, change)).not.toHaveProperty('before');
  });

  it('[SW2] what was kept already, beside what never came about', () => {
    expect(routeAfter(...switching, routed(2, 'call-server-lost', 3, other))?.before).toEqual(mesh);
    expect(routeAfter(...wayBack, routed(3, 'p2p-failed', 2, first))).toMatchObject({
      epoch: 3,
      before: server(1),
    });
    expect(routeAfter(...switching, routed(2, 'no-call-server', 3))).not.toHaveProperty('before');
  });
});

describe('the end of a switch', () => {
  it('[SW3] who shows the new route has switched, once', () => {
    const samples = { gapMs: 11 };
    const swapped = ask(a, 'call.swapped', { epoch: 1, samples });
    const { participantId } = a;
    expect(given(...switching).when(swapped)).toEqual([
      fact('call.leg.switched', { participantId, epoch: 1, samples }),
    ]);
    expect(given(...switching, switched(a, 1)).when(swapped)).toEqual(nothing);
    expect(given(...switching).when(shows(a, 0))).toEqual(nothing);
    expect(given(...switching).when(shows(a, 2))).toEqual(nothing);
    expect(given(...three).when(shows(a, 0))).toEqual(nothing);
    // Who comes later says so too.
    expect(given(...onServer, joined(able(person(4, 'fourth')))).when(shows(a, 1))).toEqual([switched(a, 1)]);
  });

  it('[SW4] it is over with the last of them', () => {
    expect(given(...switching, switched(a, 1)).when(shows(b, 1))).toEqual([switched(b, 1)]);
    const last = given(...switching, switched(a, 1), switched(b, 1));
    expect(last.when(shows(c, 1))).toEqual([switched(c, 1), settled(1)]);
    // A reloaded page shows nothing yet.
    const reload = given(...switching, switched(a, 1), switched(b, 1), back(able(reloaded(second))));
    expect(reload.when(shows(c, 1))).toEqual([switched(c, 1)]);
  });

  it('[SW4] who has no media is not waited for', () => {
    const bot = able(person(4, 'bot'), { audioCodecs: [], videoCodecs: [] });
    const call = given(...switching, joined(bot), switched(a, 1), switched(b, 1));
    expect(call.when(shows(c, 1))).toEqual([switched(c, 1), settled(1)]);
  });

  it('[SW5] nor who is gone', () => {
    const call = given(...switching, switched(a, 1), switched(b, 1));
    expect(call.when(ask(c, 'call.leave', {}))).toEqual([left(c), settled(1)]);
    const { participantId } = c;
    const removed = fact('call.participant.left', { participantId, reason: 'removed', by: a.participantId });
    expect(call.when(ask(a, 'call.remove', { participantId }))).toEqual([removed, settled(1)]);
    expect(given(...switching, switched(a, 1)).when(ask(c, 'call.leave', {}))).toEqual([left(c)]);
    // Once it is over, it is over.
    expect(given(...onServer).when(ask(c, 'call.leave', {}))).toEqual([left(c)]);
  });

  it('[SW5] but who only lost their socket is waited for', () => {
    const lose = ({ participantId, sessionId }: Person) =>
      ask('system', 'call.disconnect', { reason: 'socket-closed' }, { participantId, sessionId });
    const graceUntil = start + limits.graceMs;
    const call = given(...switching, switched(a, 1), switched(b, 1));
    expect(call.when(lose(c))).toEqual([disconnected(c, graceUntil)]);
    const away = given(...switching, disconnected(c, graceUntil), switched(a, 1));
    expect(away.when(shows(b, 1))).toEqual([switched(b, 1)]);
    // The edge of everybody is gone, and their media goes on by the route before.
    const last = given(...switching, disconnected(b, graceUntil), disconnected(c, graceUntil));
    expect(last.when(lose(a))).toEqual([disconnected(a, graceUntil)]);
    // What they said before they lost it holds.
    const said = given(...switching, switched(c, 1), disconnected(c, graceUntil), switched(a, 1));
    expect(said.when(shows(b, 1))).toEqual([switched(b, 1), settled(1)]);
  });

  it('[SW6] or when the time is over, without who is missing', () => {
    const call = given(...switching, switched(b, 1));
    expect(call.when(tick, start + limits.routeSettleMs - 1)).toEqual(nothing);
    expect(call.when(tick, start + limits.routeSettleMs)).toEqual([settled(1, a, c)]);
    const graceUntil = start + limits.graceMs;
    const away = given(...switching, switched(b, 1), disconnected(c, graceUntil));
    expect(away.when(tick, start + limits.routeSettleMs)).toEqual([settled(1, a)]);
    const nobody = [a, b, c].map((who) => disconnected(who, graceUntil));
    expect(given(...switching, ...nobody).when(tick, start + limits.routeSettleMs)).toEqual([
      settled(1, a, b, c),
    ]);
  });

  it('[SW7] a way back that did not come about is undone', () => {
    const late = given(...wayBack, switched(a, 2));
    const [undone] = late.when(tick, start + limits.routeSettleMs) as Fact[];
    expect(undone).toEqual(routed(3, 'p2p-failed', 2, first));
    const graceUntil = start + limits.graceMs;
    const away = given(...wayBack, disconnected(a, graceUntil), disconnected(b, graceUntil));
    expect(away.when(tick, start + limits.routeSettleMs)).toEqual([routed(3, 'p2p-failed', 2, first)]);
    const after = given(...wayBack, undone!, settled(3));
    expect(after.state.view?.route?.failedConnections).toEqual([connectionIdOf(a.instanceId, b.instanceId)]);
    expect(after.when(tick, start + 600_000)).toEqual(nothing);
    const third = given(...wayBack, joined(c));
    expect(third.when(tick, start + limits.routeSettleMs)).toEqual([routed(3, 'third-joined', 3, first)]);
  });

  it('[SW7] which is no failure of theirs where one of them is away', () => {
    const away = [...wayBack, disconnected(b, start + 600_000)] as const;
    const late = given(...away);
    const [undone] = late.when(tick, start + limits.routeSettleMs) as Fact[];
    expect(undone).toEqual(routed(3, 'p2p-failed', 2, first));
    const failed = fact('call.connection.changed', {
      participantId: a.participantId,
      peerId: b.participantId,
      connectionId: connectionIdOf(a.instanceId, b.instanceId),
      state: 'failed',
    });
    for (const facts of [
      [...away, undone!],
      [...away, failed, undone!],
    ])
      expect(routeAfter(...facts)?.failedConnections).toEqual([]);
    // Once both are back it is tried again.
    const here = [...away, at(start + 1, undone!), settled(3), at(start + 2, reconnected(b))];
    expect(given(...here).when(tick, start + 1 + limits.routeCalmMs)).toEqual([routed(4, 'two-again', 2)]);
  });

  it('[SW7] but not for one alone, nor by somebody who can not come along', () => {
    const one = given(...wayBack, left(b));
    expect(one.when(tick, start + limits.routeSettleMs)).toEqual([settled(2, a)]);
    const older = given(...wayBack, joined(third));
    expect(older.when(tick, start + limits.routeSettleMs)).toEqual([settled(2, a, b, third)]);
  });

  it('[SW8] the end of the call settles nothing', () => {
    const ends = [left(a, 'call-ended'), left(b, 'call-ended'), left(c, 'call-ended'), ended('host', a)];
    expect(given(...switching).when(ask(a, 'call.end', {}))).toEqual(ends);
  });

  it('[EN11] the grace time first, then the end of the switch, then the way back', () => {
    const graceUntil = start + limits.routeSettleMs;
    const call = given(...switching, disconnected(c, graceUntil), switched(a, 1));
    expect(call.when(tick, graceUntil)).toEqual([left(c, 'lost')]);
    const gone = given(
      ...switching,
      disconnected(c, graceUntil),
      switched(a, 1),
      at(graceUntil, left(c, 'lost')),
    );
    expect(gone.when(tick, graceUntil)).toEqual([settled(1, b)]);
    const late = graceUntil + limits.routeCalmMs;
    const two = given(...onServer, left(c), disconnected(b, late));
    expect(two.when(tick, late)).toEqual([left(b, 'lost')]);
  });
});

describe('what the fold forgets', () => {
  const { participantId } = b;
  const connected = (
    direction: 'send' | 'recv',
    epoch: number,
    state: 'connected' | 'closed' = 'connected',
  ) => fact('call.transport.changed', { participantId, direction, epoch, state });
  const sends = [
    published(b),
    published(b, { ...camera, trackId: 'x' }),
    produced(b, 1, producer(1)),
    produced(b, 1, producer(2, 'x')),
    connected('send', 1),
    connected('recv', 1),
  ] as const;
  const ofSecond = (...facts: Fact[]) => given(...facts).state.view!.participants[participantId]!;

  it('[FO10] what belongs to a route that is over', () => {
    const moved = [...onServer, ...sends, routed(2, 'two-again', 2)] as const;
    expect(ofSecond(...moved)).toMatchObject({
      producers: { [camera.trackId]: { epoch: 1 }, x: { epoch: 1 } },
      transports: { send: { epoch: 1, state: 'connected' }, recv: { epoch: 1, state: 'connected' } },
    });
    expect(ofSecond(...moved, settled(2))).not.toHaveProperty('producers');
    expect(ofSecond(...moved, settled(2))).not.toHaveProperty('transports');
    // What is sent by the new one stays.
    const again = [
      ...moved,
      routed(3, 'p2p-failed', 2, first),
      produced(b, 3, producer(3)),
      connected('send', 3),
    ];
    expect(Object.keys(ofSecond(...again).producers ?? {})).toEqual([camera.trackId, 'x']);
    const over = ofSecond(...again, settled(3));
    expect(over.producers).toEqual({ [camera.trackId]: { ...producer(3), epoch: 3 } });
    expect(over.transports).toEqual({ send: { epoch: 3, state: 'connected' } });
  });

  it('[FO10] what belonged to a lost one', () => {
    const moved = ofSecond(...onServer, ...sends, routed(2, 'call-server-lost', 3, other));
    expect(moved).not.toHaveProperty('producers');
    expect(moved).not.toHaveProperty('transports');
  });

  it('[FO11] no report about the old route hides one about the new', () => {
    const facts = [
      ...onServer,
      ...sends,
      routed(2, 'two-again', 2),
      routed(3, 'p2p-failed', 2, first),
    ] as const;
    const after = ofSecond(...facts, connected('send', 3), connected('send', 1, 'closed'));
    expect(after.transports?.send).toEqual({ epoch: 3, state: 'connected' });
  });

  it('[FO12] what is unpublished is sent no more', () => {
    const unpublished = fact('call.track.unpublished', { participantId, trackId: 'x' });
    expect(Object.keys(ofSecond(...onServer, ...sends, unpublished).producers ?? {})).toEqual([
      camera.trackId,
    ]);
  });

  it('[FO4] [FO5] with a page goes all that was its own at the Call Server', () => {
    const busy = [
      ...onServer,
      ...sends,
      switched(b, 1),
      fact('call.bandwidth.changed', { participantId, decision: 'audio-only', samples: {} }),
      fact('call.hand.raised', { participantId }),
    ] as const;
    expect(ofSecond(...busy)).toMatchObject({ shownEpoch: 1, bandwidth: 'audio-only', handRaisedAt: start });
    const { fingerprints: _, ...newPage } = able(reloaded(second));
    const renamed = { ...newPage, displayName: 'Renamed' };
    const fresh = ofSecond(...busy, back(renamed));
    expect(fresh).toMatchObject({
      displayName: 'Renamed',
      capabilities: b.capabilities,
      handRaisedAt: start,
    });
    const gone = ofSecond(...busy, left(b));
    for (const key of ['fingerprints', 'producers', 'transports', 'shownEpoch', 'bandwidth']) {
      expect(fresh).not.toHaveProperty(key);
      expect(gone).not.toHaveProperty(key);
    }
    expect(gone).not.toHaveProperty('handRaisedAt');
    expect(gone).not.toHaveProperty('capabilities');
  });
});
