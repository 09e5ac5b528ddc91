import {
  able,
  back,
  callServer,
  camera,
  capabilities,
  created,
  disconnected,
  ended,
  fact,
  host,
  ask,
  joined,
  left,
  locked,
  producer,
  produced,
  published,
  reconnected,
  routed,
  sdp,
  second,
  settled,
  start,
  switched,
  third,
  uuid,
} from '@ringback/domain/testing';
import { canonicalJson, evolve, initialState, toEvents } from '@ringback/domain';
import { sha256 } from '@ringback/eventlog';
import { callEvents, type CallEvent, type CallEventBody } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { encodeCut } from './book-lines.ts';
import { CallBook } from './call-book.ts';
import { stateFormat } from './state-format.ts';

/** What today's fold makes of the life below, and how a snapshot writes it: by number, and never changed again. */
const recorded: Record<number, string> = {
  1: '78b20508ed079de336dac6bc18a58c44d58ee19d54db8b2c4e763d7cde2d912b',
  2: '206fc57a570d9570f39b62bf7712f405363790e60290599f7787f80fa73eda05',
};

const [a, b, c] = [able(host), able(second), able(third)];
const transport = {
  id: uuid(0xd1),
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [] },
};
const pair = { localCandidateType: 'host', remoteCandidateType: 'host', protocol: 'udp' } as const;
const toB = { to: b.participantId, epoch: 1 };
const negotiation = { from: a.participantId, to: b.participantId, connectionId: 'ab' };
const mute = { participantId: a.participantId, trackId: camera.trackId };
const moved = { decision: 'layer-up', layers: null, before: null, reason: 'tile-size', samples: {} } as const;
const { rtpParameters } = producer(1);
const consumer = { consumerId: uuid(0xd2), producerId: uuid(0xf001), rtpParameters, kind: 'video' } as const;

/** Every type of event that there is, some of them in more than one of their forms. */
const life: readonly CallEventBody[] = [
  created({ name: 'Weekly review' }),
  joined(a),
  joined(b),
  published(a),
  published(a, { ...camera, trackId: 'screen-1', source: 'screen' }),
  published(b),
  fact('call.track.muted', mute),
  fact('call.track.unmuted', mute),
  fact('call.track.unpublished', { ...mute, trackId: 'screen-1' }),
  fact('call.capabilities.announced', {
    participantId: a.participantId,
    capabilities: { ...capabilities, screenShare: false },
  }),
  fact('call.offer.sent', { ...negotiation, sdp }),
  fact('call.answer.sent', { ...negotiation, sdp }),
  fact('call.candidate.sent', { ...negotiation, candidate: { candidate: '' } }),
  fact('call.connection.changed', {
    ...{ participantId: a.participantId, peerId: b.participantId, connectionId: 'ab', state: 'failed', pair },
  }),
  joined(c),
  routed(1, 'third-joined', 3, callServer(1)),
  fact('call.transports.created', {
    ...toB,
    instanceId: b.instanceId,
    send: transport,
    recv: transport,
    consumers: [],
  }),
  fact('call.transport.changed', {
    ...{ participantId: a.participantId, direction: 'send', epoch: 1, state: 'connected', pair },
  }),
  fact('call.transport.restarted', {
    ...toB,
    ...{ direction: 'recv', transportId: transport.id, iceParameters: transport.iceParameters },
  }),
  produced(a, 1, producer(1)),
  fact('call.producer.refused', {
    ...toB,
    trackId: camera.trackId,
    producerId: uuid(0xf001),
    reason: 'codec',
  }),
  fact('call.consumers.created', {
    ...{ ...toB, instanceId: b.instanceId, consumers: [{ ...consumer, ...mute }] },
  }),
  switched(a, 1),
  fact('call.layers.changed', { ...toB, ...mute, ...moved }),
  fact('call.encodings.changed', {
    ...{ ...toB, trackId: camera.trackId, producerId: uuid(0xf001), maxSpatialLayer: -1 },
  }),
  fact('call.bandwidth.changed', { participantId: b.participantId, decision: 'audio-only', samples: {} }),
  settled(1, c),
  fact('call.hand.raised', { participantId: a.participantId }),
  fact('call.hand.raised', { participantId: b.participantId }),
  fact('call.hand.lowered', { participantId: a.participantId, by: b.participantId }),
  disconnected(b, start + 60_000),
  reconnected(b),
  disconnected(b, start + 90_000),
  back({ ...b, instanceId: uuid(0xb0ff), sessionId: uuid(0xc0ff) }),
  left(c),
  routed(2, 'two-again', 2),
  locked,
  fact('call.unlocked', { by: a.participantId }),
  left(a),
  left(b, 'lost'),
  ended('empty'),
];

/** Each caused by a command of its own, a second after the one before. */
function eventsOf(bodies: readonly CallEventBody[]): CallEvent[] {
  return bodies.flatMap((body, seq) => {
    const join = ask(seq % 2 === 0 ? a : b, 'call.leave', {}, { id: uuid(0xe000 + seq) });
    return toEvents(join, [body], { seq, now: start + seq * 1_000, codeVersion: 'any' });
  });
}

it('is another number whenever the same events fold to, or are written as, anything else', async () => {
  const events = eventsOf(life);
  expect(new Set(events.map((e) => e.type))).toEqual(new Set(callEvents.map((e) => e.type)));
  const texts: string[] = [];
  let state = initialState;
  for (const event of events) texts.push(canonicalJson((state = evolve(state, event))));

  const book = new CallBook(() => {});
  for (const event of events.slice(0, -1)) book.replay(event, start);
  // One that is over, and one whose first event is missing.
  const over = events.map((event) => ({ ...event, subject: event.subject.replace(/.$/, 'f') }));
  for (const event of over) book.replay(event, start);
  book.settle(start + 3_600_000);
  book.replay({ ...events[1]!, subject: events[1]!.subject.replace(/.$/, 'e') }, start);
  const refusal = { ok: false, error: { code: 'call_full', message: 'No.' } } as const;
  book.remember(book.get(events[0]!.subject)!, 'key', refusal);
  for await (const slice of encodeCut(book.cut(), { position: 1, owner: 'owner-1' }))
    texts.push(Buffer.from(slice).toString());

  const hash = sha256(texts.join('\n'));
  expect(
    hash,
    `the fold or a snapshot's lines changed: count stateFormat up and record ${hash} under its number`,
  ).toBe(recorded[stateFormat]);
});
