import type { CallView, ServerMessage } from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import type { CallEvent } from '@ringback/schemas';
import { RingbackClient } from './client.ts';
import { sdkLimits } from './limits.ts';
import {
  instanceId,
  viewOf,
  hostJoined,
  joining,
  inCall,
  nextSocket,
  endedReason,
  codeOf,
} from './testing/call-stage.ts';
import { settle } from './testing/fake-clock.ts';
import {
  FakeGateway,
  host,
  guest,
  callId,
  created,
  delivery,
  event,
  joined,
  ok,
  refused,
  snapshot,
  uuid,
} from './testing/fake-gateway.ts';
import { FakeMediaStream, FakePeerConnection } from './testing/fake-peer-connection.ts';

const lockBy = (sequence: number) => event(sequence, 'call.locked', { by: host });
const unlockBy = (sequence: number) => event(sequence, 'call.unlocked', { by: host });

describe('joining', () => {
  it('names who it is and asks for a snapshot', async () => {
    const { socket } = await joining();
    expect(socket.last('call.join')).toMatchObject({
      callId,
      data: { participantId: host, instanceId, displayName: 'Host', capabilities: { version: 2 } },
    });
    expect(socket.last('call.join')).not.toHaveProperty('after');
  });

  it('takes what came for it alone beside its first state', async () => {
    const { socket, seen } = await joining();
    const refused = event(3, 'call.producer.refused', {
      to: host,
      epoch: 1,
      trackId: 't',
      producerId: uuid(9),
      reason: 'none',
    });
    const first = { ...snapshot(viewOf(hostJoined)), addressed: [refused] } as ReturnType<typeof snapshot>;
    socket.deliver(ok(socket.last('call.join').id, 2), first);
    await settle();
    expect(seen.events).toEqual([3]);
  });

  it('takes that once, though a later state brings it along again', async () => {
    const { socket, seen } = await inCall();
    const data = { to: host, epoch: 1, trackId: 't', producerId: uuid(9), reason: 'none' } as const;
    const refused = event(3, 'call.producer.refused', data);
    const state = { ...viewOf(hostJoined), seq: 3 };
    socket.deliver(delivery(refused), { ...snapshot(state, true), addressed: [refused] } as ServerMessage);
    expect(seen.events).toEqual([3]);
  });

  it('is over at once where the first state tells of the end', async () => {
    for (const [state, reason] of [
      [{ ...viewOf(hostJoined), status: 'ended', endReason: 'host' }, 'host'],
      [
        viewOf(hostJoined, event(3, 'call.participant.left', { participantId: host, reason: 'removed' })),
        'removed',
      ],
    ] as [CallView, string][]) {
      const { socket, call, seen } = await joining();
      socket.deliver(ok(socket.last('call.join').id, 2), snapshot(state));
      await settle();
      expect([call.status, seen.names.at(-1)]).toEqual(['ended', `ended: ${reason}`]);
    }
  });

  it('is asked for again where the first state says that we were given up', async () => {
    const { socket, call } = await joining();
    const state = viewOf(
      hostJoined,
      event(3, 'call.participant.left', { participantId: host, reason: 'lost' }),
    );
    socket.deliver(ok(socket.last('call.join').id, 2), snapshot(state));
    await settle();
    expect([call.status, socket.last('call.join').after]).toEqual(['joining', 3]);
  });

  it('takes no more of that once it is over', async () => {
    const { socket, call, client, seen } = await joining();
    const refusedAt = (sequence: number) =>
      event(sequence, 'call.producer.refused', {
        to: host,
        epoch: 1,
        trackId: 't',
        producerId: uuid(9),
        reason: 'none',
      });
    const addressed = [refusedAt(3), refusedAt(4)];
    const first = { ...snapshot(viewOf(hostJoined)), addressed } as ReturnType<typeof snapshot>;
    call.on('event', () => client.close());
    socket.deliver(ok(socket.last('call.join').id, 2), first);
    await settle();
    expect(seen.events).toEqual([3]);
  });

  it('is done when both the reply and the snapshot are here', async () => {
    const { socket, call, seen } = await joining();
    socket.deliver(ok(socket.last('call.join').id, 2));
    await settle();
    expect(call.status).toBe('joining');
    socket.deliver(snapshot(viewOf(hostJoined)));
    await call.ready;
    expect([call.status, call.seq, call.me?.displayName, seen.names]).toEqual([
      'joined',
      2,
      'Host',
      ['+Host'],
    ]);
  });

  it('says why it was refused', async () => {
    const { socket, call, seen } = await joining();
    socket.deliver(refused(socket.last('call.join').id, 'call_locked'));
    expect(await codeOf(call.ready)).toBe('call_locked');
    expect([call.status, seen.names]).toEqual(['ended', ['ended: refused']]);
  });

  it('holds commands back until it is done', async () => {
    const { socket, call } = await joining();
    const lock = call.lock();
    expect(socket.all('call.lock')).toHaveLength(0);
    socket.deliver(ok(socket.last('call.join').id, 2), snapshot(viewOf(hostJoined)));
    await settle();
    socket.deliver(ok(socket.last('call.lock').id, 3));
    expect(await lock).toEqual({ seq: 3 });
  });

  it('can not be done twice', async () => {
    const { client } = await joining();
    expect(() => client.join(callId, { displayName: 'Host' })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });

  it('that fails at once leaves no timer', () => {
    vi.stubGlobal('MediaStream', FakeMediaStream);
    const { ports, clock } = new FakeGateway();
    const RTCPeerConnection = FakePeerConnection as unknown as typeof globalThis.RTCPeerConnection;
    const client = new RingbackClient({
      url: 'http://localhost',
      token: 't',
      ports: { ...ports, RTCPeerConnection },
    });
    client.close();
    expect(() => client.join(callId, { displayName: 'Host' })).toThrow();
    vi.unstubAllGlobals();
    expect(clock.timers).toBe(0);
  });
});

describe('events', () => {
  it('come once and in order, and make the state', async () => {
    const { socket, call, seen } = await inCall();
    socket.deliver(delivery(joined(3, guest, uuid(202))), delivery(lockBy(4)), delivery(lockBy(4)));
    expect([seen.events, seen.names, call.state?.locked]).toEqual([[3, 4], ['+Host', '+Guest'], true]);
  });

  it('that are missing are asked for by joining again, once', async () => {
    const { socket, seen } = await inCall();
    socket.deliver(delivery(unlockBy(5)), delivery(lockBy(6)));
    const joins = socket.all('call.join');
    expect(joins.map((j) => j.after)).toEqual([undefined, 2]);
    expect(new Set(joins.map((j) => j.id)).size).toBe(2);
    socket.deliver(ok(joins[1]!.id, 6));
    socket.deliver(
      ...[joined(3, guest, uuid(202)), lockBy(4), unlockBy(5), lockBy(6)].map((e) => delivery(e)),
    );
    expect(seen.events).toEqual([3, 4, 5, 6]);
  });

  it('that stay missing are given up for a snapshot, which tells the same story', async () => {
    const { socket, call, seen } = await inCall();
    for (let i = 0; i <= sdkLimits.gapRejoinsMax; i++) {
      socket.deliver(delivery(lockBy(9)));
      socket.deliver(ok(socket.last('call.join').id, 9));
      await settle();
    }
    socket.deliver(delivery(lockBy(9)));
    expect(socket.last('call.join')).not.toHaveProperty('after');
    socket.deliver(snapshot({ ...viewOf(hostJoined, joined(3, guest, uuid(202))), seq: 9 }, true));
    expect([call.seq, seen.names, seen.events]).toEqual([9, ['+Host', '+Guest'], []]);
  });

  it('that do not fit the state lead to a snapshot, not to an exception', async () => {
    const { socket, call } = await inCall();
    socket.deliver(delivery(event(3, 'call.participant.left', { participantId: guest, reason: 'left' })));
    expect(socket.last('call.join')).not.toHaveProperty('after');
    expect(call.status).toBe('joined');
  });
});

describe('events that this page is too old for', () => {
  const strange = (type: string, schemaversion: number) =>
    ({ ...lockBy(3), type, schemaversion }) as unknown as CallEvent;

  it('are passed over where their type is new', async () => {
    const { socket, call, seen } = await inCall();
    socket.deliver(delivery(strange('call.levitated', 1)), delivery(lockBy(4)));
    expect([call.seq, call.state?.locked, seen.events]).toEqual([4, true, [3, 4]]);
    expect(socket.all('call.join')).toHaveLength(1);
  });

  it('lead to a snapshot where a type that it knows has a new version', async () => {
    const { socket, call } = await inCall();
    socket.deliver(delivery(strange('call.locked', 2)));
    expect(call.state?.locked).toBe(false);
    expect(socket.last('call.join')).not.toHaveProperty('after');
  });
});

describe('a lost socket', () => {
  it('is followed by a join as the same instance from where one was', async () => {
    const it = await inCall();
    it.socket.deliver(delivery(lockBy(3)));
    it.socket.fail();
    expect(it.call.status).toBe('rejoining');
    await it.clock.pass(250);
    const socket = await it.gateway.accept();
    expect(socket.last('call.join')).toMatchObject({ after: 3, data: { participantId: host, instanceId } });
    expect(socket.last('call.join').id).not.toBe(it.socket.last('call.join').id);
  });

  it('keeps what is unanswered until what was missed is here, then sends it with the same id', async () => {
    const it = await inCall();
    const lock = it.call.lock();
    const { id } = it.socket.last('call.lock');
    const socket = await nextSocket(it, it.socket);
    socket.deliver(ok(socket.last('call.join').id, 3));
    await settle();
    expect([socket.all('call.lock').length, it.call.status]).toEqual([0, 'rejoining']);
    const back = { participantId: host, instanceId, sessionId: uuid(9_002), gateway: 'edge-1' };
    socket.deliver(delivery(event(3, 'call.participant.reconnected', back)));
    expect([socket.last('call.lock').id, it.call.status]).toEqual([id, 'joined']);
    socket.deliver(ok(id, 4));
    expect(await lock).toEqual({ seq: 4 });
  });

  it('may hide that the call ended', async () => {
    const it = await inCall();
    const socket = await nextSocket(it, it.socket);
    const end = endedReason(it.call);
    socket.deliver(refused(socket.last('call.join').id, 'call_ended'));
    expect(await end).toBe('over');
  });

  it('that comes while a join is on its way loses that join only', async () => {
    const it = await joining();
    const socket = await nextSocket(it, it.socket);
    socket.deliver(ok(socket.last('call.join').id, 2), snapshot(viewOf(hostJoined)));
    await it.call.ready;
    expect(it.call.status).toBe('joined');
  });
});

describe('watching', () => {
  it('goes on from the last event after a lost socket', async () => {
    const gateway = new FakeGateway();
    const client = new RingbackClient({ url: 'http://localhost', token: 't', ports: gateway.ports });
    const watch = client.watch(callId);
    const seen: number[] = [];
    watch.on('event', (e) => seen.push(e.sequence));
    const socket = await gateway.accept();
    socket.deliver(ok(socket.last('watch').id, 2), delivery(created, 0), delivery(hostJoined));
    await settle();
    const next = await nextSocket({ gateway }, socket);
    expect([socket.last('watch').after, next.last('watch').after, seen]).toEqual([0, 2, [1, 2]]);
    next.deliver(ok(next.last('watch').id, 2));
    await settle();
    watch.stop();
    next.deliver(delivery(lockBy(3)));
    expect([next.all('unwatch').length, seen]).toEqual([1, [1, 2]]);
  });

  it('stopped before it began is undone once it did, without a word', async () => {
    const gateway = new FakeGateway();
    const client = new RingbackClient({ url: 'http://localhost', token: 't', ports: gateway.ports });
    const watch = client.watch(callId);
    const ended: unknown[] = [];
    watch.on('ended', (end) => ended.push(end));
    const socket = await gateway.accept();
    watch.stop();
    expect(socket.all('unwatch')).toHaveLength(0);
    socket.deliver(ok(socket.last('watch').id, 2));
    await settle();
    expect([socket.all('unwatch').length, ended]).toEqual([1, []]);
  });

  it('stopped and begun anew goes on, though the answers come late', async () => {
    const gateway = new FakeGateway();
    const client = new RingbackClient({ url: 'http://localhost', token: 't', ports: gateway.ports });
    const first = client.watch(callId);
    const socket = await gateway.accept();
    first.stop();
    client.watch(callId);
    for (const { id } of socket.all('watch')) socket.deliver(ok(id, 2));
    await settle();
    expect([socket.all('watch').length, socket.all('unwatch').length]).toEqual([2, 0]);
  });

  it('ends where it is refused', async () => {
    const gateway = new FakeGateway();
    const client = new RingbackClient({ url: 'http://localhost', token: 't', ports: gateway.ports });
    const watch = client.watch(callId);
    const ended = new Promise((resolve) => watch.on('ended', ({ error }) => resolve(error?.code)));
    const socket = await gateway.accept();
    socket.deliver(refused(socket.last('watch').id, 'not_permitted'));
    expect(await ended).toBe('not_permitted');
  });
});
