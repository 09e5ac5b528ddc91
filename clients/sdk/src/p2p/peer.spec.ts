import { beforeEach, describe, expect, it } from 'vitest';
import { sdkLimits } from '../limits.ts';
import { portsOf } from '../ports.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { host, guest, event } from '../testing/fake-gateway.ts';
import { FakePeerConnection, fakeStream, fakeTrack } from '../testing/fake-peer-connection.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import { Peer, type NegotiationEvent } from './peer.ts';

const connectionId = 'a~b';
const camera = (trackId: string): OutgoingTrack => ({
  trackId,
  source: 'camera',
  track: fakeTrack('video'),
  streams: [fakeStream('group'), fakeStream(trackId)],
});

let sequence = 0;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

interface Side {
  peer: Peer;
  pc: FakePeerConnection;
  /** What it sent and nobody has delivered yet. */
  outbox: NegotiationEvent[];
  failures: unknown[];
}

function makeSide(me: string, polite: boolean, tracks: OutgoingTrack[] = []): Side {
  const outbox: NegotiationEvent[] = [];
  const failures: unknown[] = [];
  const other = me === host ? guest : host;
  const peer = new Peer({
    ports: portsOf({ clock, RTCPeerConnection: FakePeerConnection as unknown as typeof RTCPeerConnection }),
    peerId: other,
    connectionId,
    polite,
    iceServers: [],
    tracks,
    command: async (type, data) => {
      const sent = { 'call.offer': 'call.offer.sent', 'call.answer': 'call.answer.sent' }[type as string];
      const name = (sent ?? 'call.candidate.sent') as NegotiationEvent['type'];
      outbox.push(event(++sequence, name, { from: me, ...data } as never) as NegotiationEvent);
    },
    onTrack: () => {},
    onState: () => {},
    onIce: () => {},
    onFailure: (error) => failures.push(error),
  });
  return { peer, pc: peer.pc as unknown as FakePeerConnection, outbox, failures };
}

/** Host is impolite, Guest is polite. */
function makePair(hostTracks: OutgoingTrack[] = [], guestTracks: OutgoingTrack[] = []) {
  return { a: makeSide(host, false, hostTracks), b: makeSide(guest, true, guestTracks) };
}

/** Delivers everything, both ways at once, until nothing is sent any more. Returns the types in order. */
async function exchange({ a, b }: { a: Side; b: Side }): Promise<string[]> {
  const types: string[] = [];
  for (let round = 0; round < 20; round++) {
    await settle();
    const toGuest = a.outbox.splice(0);
    const toHost = b.outbox.splice(0);
    if (toGuest.length + toHost.length === 0) return types;
    for (const e of toGuest) b.peer.receive(e);
    for (const e of toHost) a.peer.receive(e);
    types.push(
      ...[...toGuest, ...toHost].map(
        (e) => `${e.data.from === host ? 'host' : 'guest'} ${e.type.split('.')[1]}`,
      ),
    );
  }
  throw new Error('they never come to rest');
}

describe('the first offer', () => {
  it("is the impolite side's, with room for microphone and camera; the polite one waits for it", async () => {
    const pair = makePair([], [camera('b1')]);
    await settle();
    expect([pair.a.outbox.length, pair.b.outbox.length]).toEqual([1, 0]);
    expect(pair.a.pc.transceivers.map((t) => `${t.receiver.track.kind} ${t.direction}`)).toEqual([
      'audio recvonly',
      'video recvonly',
    ]);
    expect((await exchange(pair)).slice(0, 2)).toEqual(['host offer', 'guest answer']);
    expect([pair.a.pc.signalingState, pair.b.pc.signalingState]).toEqual(['stable', 'stable']);
  });

  it("is the polite side's when none comes in time", async () => {
    const { b } = makePair([], [camera('b1')]);
    await clock.pass(sdkLimits.firstOfferMsMax);
    expect(b.outbox.map((e) => e.type)).toEqual(['call.offer.sent']);
  });
});

describe('a collision of offers', () => {
  it('is resolved by the polite side giving way; both offers are answered in the end', async () => {
    const pair = makePair();
    await exchange(pair);
    pair.a.peer.addTrack(camera('a1'));
    pair.b.peer.addTrack(camera('b1'));
    const types = await exchange(pair);
    expect(types).toEqual(['host offer', 'guest offer', 'guest answer', 'guest offer', 'host answer']);
    expect([pair.a.pc.signalingState, pair.b.pc.signalingState]).toEqual(['stable', 'stable']);
    expect([...pair.a.failures, ...pair.b.failures]).toEqual([]);
  });

  it('does not happen where the other has not made its offer yet', async () => {
    const pair = makePair();
    await exchange(pair);
    pair.b.peer.addTrack(camera('b1'));
    expect(await exchange(pair)).toEqual(['guest offer', 'host answer']);
  });
});

describe('what is not meant for this connection', () => {
  it('is ignored: another connection id, an answer nobody waits for, anything after closing', async () => {
    const b = makeSide(guest, true);
    const offer = { from: host, to: guest, connectionId: 'a~older', sdp: 'v=0' };
    b.peer.receive(event(1, 'call.offer.sent', offer));
    b.peer.receive(event(2, 'call.answer.sent', { ...offer, connectionId }));
    b.peer.close();
    b.peer.receive(event(3, 'call.offer.sent', { ...offer, connectionId }));
    await settle();
    expect([b.pc.remoteDescription, b.failures, clock.timers]).toEqual([null, [], 0]);
  });
});

describe('candidates', () => {
  const candidate = (n: number) =>
    event(n, 'call.candidate.sent', {
      from: host,
      to: guest,
      connectionId,
      candidate: { candidate: `candidate:${n}`, sdpMid: '0' },
    });

  it('that come before the description wait for it, in order and not without bound', async () => {
    const { a, b } = makePair();
    await settle();
    for (let n = 0; n < sdkLimits.candidatesQueuedMax + 10; n++) b.peer.receive(candidate(n));
    expect(b.pc.candidates).toHaveLength(0);
    b.peer.receive(a.outbox[0]!);
    await settle();
    expect(b.pc.candidates).toHaveLength(sdkLimits.candidatesQueuedMax);
    b.peer.receive(candidate(999));
    expect([b.pc.candidates[0]?.candidate, b.pc.candidates.at(-1)?.candidate]).toEqual([
      'candidate:0',
      'candidate:999',
    ]);
  });

  it('are sent as they are found, with an empty one at the end', async () => {
    const { a } = makePair();
    await settle();
    a.outbox.length = 0;
    a.pc.onicecandidate?.({ candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } });
    a.pc.onicecandidate?.({ candidate: null });
    expect(a.outbox.map((e) => e.data)).toMatchObject([
      {
        to: guest,
        connectionId,
        candidate: { candidate: 'candidate:1', sdpMid: '0', usernameFragment: null },
      },
      { candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null } },
    ]);
  });
});

describe('an offer without an answer', () => {
  it('is sent again, the same one, a few times', async () => {
    const { a } = makePair();
    await clock.pass(60_000);
    const offers = a.outbox.filter((e) => e.type === 'call.offer.sent');
    expect(offers).toHaveLength(1 + sdkLimits.offerRepeatsMax);
    expect(new Set(offers.map((e) => e.data.sdp)).size).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it('is not, while the other side has no socket', async () => {
    const { a } = makePair();
    a.peer.setPresent(false);
    await clock.pass(60_000);
    expect(a.outbox).toHaveLength(1);
    a.peer.setPresent(true);
    await clock.pass(sdkLimits.answerMsMax);
    expect(a.outbox).toHaveLength(2);
    a.peer.close();
    expect(clock.timers).toBe(0);
  });
});

describe('a broken connection', () => {
  it('is restarted when it failed, by an offer', async () => {
    const pair = makePair();
    await exchange(pair);
    pair.a.pc.become('failed');
    await clock.pass(1);
    expect(pair.a.pc.restarts).toBe(1);
    expect(await exchange(pair)).toEqual(['host offer', 'guest answer']);
  });
});
