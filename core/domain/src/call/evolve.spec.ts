import { versionOf, type CallEvent, type CallView } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical.ts';
import {
  host,
  ask,
  at,
  second,
  callId,
  camera,
  capabilities,
  third,
  created,
  deepFreeze,
  disconnected,
  ended,
  fact,
  given,
  givenState,
  history,
  joined,
  left,
  locked,
  published,
  reconnected,
  sdp,
  settings,
  start,
  uuid,
  type Fact,
  type Person,
} from '../testing.ts';
import { evolve, evolveCall, evolveShown, fold, foldCall, NewerEvent } from './evolve.ts';
import { findRecent, recentOf } from './recent.ts';

const view = (...facts: Fact[]): CallView => deepFreeze(foldCall(history(...facts))!);
const inView = (call: CallView, { participantId }: Person) => call.participants[participantId]!;
const connected = (who: Person, peer: Person) =>
  fact('call.connection.changed', {
    participantId: who.participantId,
    peerId: peer.participantId,
    connectionId: 'ab',
    state: 'connected',
  });
const meshed = [
  created(),
  joined(host),
  joined(second),
  connected(host, second),
  connected(second, host),
] as const;
const newPage = { ...second, instanceId: uuid(0xb0ff), sessionId: uuid(0xc0ff) };

describe('folding', () => {
  it('[FO1] begins with call.created', () => {
    expect(() => fold(history(joined(host)))).toThrow();
    expect(fold([])).toEqual({ view: undefined, recent: [] });
    expect(view(created({ name: 'Daily' }))).toEqual({
      callId,
      tenantId: 'default',
      seq: 1,
      status: 'open',
      name: 'Daily',
      ...settings,
      createdBy: 'host',
      createdAt: start,
      locked: false,
      participants: {},
    });
  });

  it('[FO2] an event about somebody who never joined is an error', () => {
    for (const body of [left(second), reconnected(second), published(second), disconnected(second, start)])
      expect(() => fold(history(created(), joined(host), body))).toThrow();
  });

  it('[FO3] who joins starts afresh', () => {
    const again = { ...second, displayName: 'Renamed' };
    const back = view(
      ...meshed,
      fact('call.capabilities.announced', { participantId: second.participantId, capabilities }),
      published(second),
      left(second),
      at(start + 9, joined(again)),
    );
    const { admin: _, ...person } = again;
    expect(inView(back, second)).toEqual({
      ...person,
      role: 'participant',
      gateway: 'edge-1/1',
      presence: 'connected',
      joinedAt: start + 9,
      tracks: {},
      connections: {},
    });
  });

  it('[FO4] the same page keeps what it had, a new one does not', () => {
    const away = [...meshed, published(second), disconnected(second, start + 1_000)] as const;
    const same = view(...away, reconnected({ ...second, sessionId: newPage.sessionId }));
    expect(inView(same, second)).toMatchObject({
      presence: 'connected',
      sessionId: newPage.sessionId,
      tracks: { [camera.trackId]: camera },
    });
    expect(inView(same, second)).not.toHaveProperty('graceUntil');
    expect(Object.keys(inView(same, second).connections)).toEqual([host.participantId]);
    expect(Object.keys(inView(same, host).connections)).toEqual([second.participantId]);

    const fresh = view(...away, reconnected(newPage));
    expect(inView(fresh, second)).toMatchObject({
      instanceId: newPage.instanceId,
      tracks: {},
      connections: {},
    });
    expect(inView(fresh, host).connections).toEqual({});
  });

  it('[FO5] who left has nothing, and nobody is connected to them', () => {
    const gone = view(
      ...meshed,
      joined(third),
      connected(host, third),
      fact('call.capabilities.announced', { participantId: second.participantId, capabilities }),
      published(second),
      disconnected(second, start + 1_000),
      at(start + 5, left(second, 'lost')),
    );
    expect(inView(gone, second)).toMatchObject({
      presence: 'left',
      leftAt: start + 5,
      leftReason: 'lost',
      tracks: {},
      connections: {},
    });
    expect(inView(gone, second)).not.toHaveProperty('graceUntil');
    expect(inView(gone, second)).not.toHaveProperty('capabilities');
    expect(Object.keys(inView(gone, host).connections)).toEqual([third.participantId]);
  });

  it('[FO5] a connection to who came back is news again', () => {
    const report = ask(host, 'call.connection', {
      peerId: second.participantId,
      connectionId: 'ab',
      state: 'connected',
    });
    expect(given(...meshed).when(report)).toEqual([]);
    expect(given(...meshed, left(second), joined(second)).when(report)).toHaveLength(1);
  });

  it('[FO6] emptySince stands while nobody is there any more', () => {
    expect(view(created())).not.toHaveProperty('emptySince');
    expect(view(created(), joined(host))).not.toHaveProperty('emptySince');
    const last = [created(), joined(host), joined(second), at(start + 1, left(host))] as const;
    expect(view(...last)).not.toHaveProperty('emptySince');
    expect(view(...last, at(start + 2, left(second))).emptySince).toBe(start + 2);
    expect(view(...last, at(start + 2, left(second)), joined(second))).not.toHaveProperty('emptySince');
    // Who is thought gone is still there.
    expect(view(created(), joined(host), disconnected(host, start + 1_000))).not.toHaveProperty('emptySince');
  });

  it('[FO7] negotiation changes nothing but the sequence', () => {
    const between = { from: host.participantId, to: second.participantId, connectionId: 'ab' };
    const before = view(...meshed);
    for (const body of [
      fact('call.offer.sent', { ...between, sdp }),
      fact('call.answer.sent', { ...between, sdp }),
      fact('call.candidate.sent', { ...between, candidate: { candidate: '' } }),
    ])
      expect(view(...meshed, body)).toEqual({ ...before, seq: before.seq + 1 });
  });

  it('[FO8] every other event changes what it names', () => {
    const facts = [created(), joined(host), joined(second), published(second)] as const;
    const before = view(...facts);
    const changed = (body: Fact, change: (call: CallView) => void) => {
      const expected = structuredClone(before) as CallView;
      expected.seq += 1;
      change(expected);
      expect(view(...facts, body)).toEqual(expected);
    };
    const ofSecond = { participantId: second.participantId, trackId: camera.trackId };
    const me = (call: CallView) => inView(call, second);
    changed(locked, (call) => void (call.locked = true));
    changed(published(second, { ...camera, trackId: 'x' }), (call) => {
      me(call).tracks.x = { ...camera, trackId: 'x' };
    });
    changed(fact('call.track.unpublished', ofSecond), (call) => void (me(call).tracks = {}));
    changed(fact('call.track.muted', ofSecond), (call) => {
      me(call).tracks[camera.trackId]!.muted = true;
    });
    changed(disconnected(second, start + 7), (call) => {
      Object.assign(me(call), { presence: 'disconnected', graceUntil: start + 7 });
    });
    changed(connected(second, host), (call) => {
      me(call).connections[host.participantId] = {
        peerId: host.participantId,
        connectionId: 'ab',
        state: 'connected',
      };
    });
    changed(at(start + 3, ended('host', host)), (call) => {
      Object.assign(call, { status: 'ended', endedAt: start + 3, endReason: 'host' });
    });

    const wasLocked = view(...facts, locked, fact('call.unlocked', { by: host.participantId }));
    expect(wasLocked).toEqual({ ...before, seq: before.seq + 2 });
    const wasMuted = view(...facts, fact('call.track.muted', ofSecond), fact('call.track.unmuted', ofSecond));
    expect(wasMuted).toEqual({ ...before, seq: before.seq + 2 });
  });

  it('[FO13] an event of an unknown type changes nothing but the sequence', () => {
    const events = history(created(), joined(host), locked, ended('host', host));
    const odd = { ...events[2]!, type: 'call.levitated', schemaversion: 7 } as unknown as CallEvent;
    const before = fold(events.slice(0, 2));
    expect(evolve(before, odd)).toEqual({ ...before, view: { ...before.view, seq: 3 } });
    expect(foldCall(events.with(2, odd))).toMatchObject({ seq: 4, status: 'ended', locked: false });
    // What caused it had its effect: asked again, it gets its reply.
    const cause = { command: 'call.levitate', actor: { kind: 'system', name: 'new' }, same: [], data: {} };
    const asked = { ...odd, causationid: uuid(9), data: { cause } } as unknown as CallEvent;
    const theirs = recentOf(evolve(before, asked).recent, 'system:new')!;
    expect(findRecent(theirs, uuid(9), () => true)).toMatchObject({ id: uuid(9), seq: 3 });
  });

  it('[FO14] an event in an unknown version is an error, for who decides', () => {
    const events = history(created(), joined(host), published(host), locked);
    const newer = ({ type, ...event }: CallEvent) =>
      ({ ...event, type, schemaversion: versionOf(type) + 1, codeversion: '9.9.9' }) as CallEvent;
    expect(() => fold(events.with(1, newer(events[1]!)))).toThrow(NewerEvent);
    expect(() => fold([newer(events[0]!)])).toThrow(NewerEvent);
    expect(() => fold([newer(events[0]!)])).toThrow(/version 2 of call\.created .* 9\.9\.9 /);
    // Who shows goes on, also over what can not be folded for want of it.
    const shown = (list: readonly CallEvent[]) => list.reduce<CallView | undefined>(evolveShown, undefined);
    expect(shown(events.with(1, newer(events[1]!)))).toMatchObject({
      seq: 4,
      locked: true,
      participants: {},
    });
    expect(shown(events.with(0, newer(events[0]!)))).toBeUndefined();
    expect(shown(events)).toEqual(foldCall(events));
  });

  it('[FO9] the same events give the same state, also after JSON', () => {
    const events = history(...meshed, published(second), locked, left(host));
    const again = fold(JSON.parse(JSON.stringify(events)));
    expect(again).toEqual(fold(events));
    expect(again.view).toEqual(foldCall(events));
    expect(evolveCall(foldCall(events.slice(0, -1)), events.at(-1)!)).toEqual(again.view);
  });

  it('[FO9] decisions do not depend on the order of keys', () => {
    const call = given(created(), at(start + 1, joined(second)), at(start + 2, joined(host)));
    const sorted = JSON.parse(canonicalJson(call.state)) as typeof call.state;
    expect(Object.keys(sorted.view!.participants)).toEqual([host.participantId, second.participantId]);
    const end = ask(host, 'call.end', {});
    expect(givenState(sorted).when(end)).toEqual(call.when(end));
    expect(call.when(end)).toEqual([
      left(second, 'call-ended'),
      left(host, 'call-ended'),
      ended('host', host),
    ]);
  });
});
