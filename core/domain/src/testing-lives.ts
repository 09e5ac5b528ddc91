import { limits, type CallView, type Command, type ProducerDescription } from '@ringback/schemas';
import fc from 'fast-check';
import { presentParticipants } from './call/state.ts';
import { connectionIdOf } from './routing/people.ts';
import {
  able,
  host,
  ask,
  callServer,
  second,
  camera,
  capabilities,
  third,
  join,
  person,
  producer,
  sdp,
  settings,
  uuid,
  type Person,
} from './testing.ts';

const people: readonly Person[] = [
  able(host),
  able(second),
  { ...able(third), guest: true },
  { ...able(person(4, 'fourth')), admin: true },
];
const trackIds = ['t-1', 't-1', 't-2', 'constructor'];

/** Somebody, on one of a few sessions and pages, now and then under another's participant id. */
const somebody = fc
  .record({
    who: fc.constantFrom(...people),
    session: fc.constantFrom(...Array<number>(9).fill(0), 0x10),
    page: fc.constantFrom(...Array<number>(9).fill(0), 0x10),
    as: fc.option(fc.constantFrom(...people), { freq: 12, nil: undefined }),
    device: fc.constantFrom(...Array<'able'>(12).fill('able'), 'shy' as const, 'older' as const),
  })
  .map(({ who, session, page, as, device }): Person => ({
    ...(device === 'older' ? withoutCertificate(who) : who),
    ...(device === 'shy' ? { capabilities: { ...capabilities, version: 2, peerToPeer: false } } : {}),
    participantId: (as ?? who).participantId,
    sessionId: uuid(0xc000 + session + people.indexOf(who)),
    instanceId: uuid(0xb000 + page + people.indexOf(who)),
  }));

function withoutCertificate(who: Person): Person {
  const { fingerprints: _, ...older } = who;
  return older;
}

const candidatePair = fc.record(
  {
    localCandidateType: fc.constantFrom('host', 'relay'),
    remoteCandidateType: fc.constantFrom('host', 'srflx'),
    protocol: fc.constantFrom('udp', 'tcp'),
    currentRoundTripTime: fc.constantFrom(0, 0.05),
  },
  { requiredKeys: ['localCandidateType', 'remoteCandidateType', 'protocol'] },
);

/** What may arrive, with time going on: much that is right, and everything that is wrong. */
const arrivals = fc.record({
  /** Right: from somebody who is in the call then, on their session, about a track that they have. */
  right: fc.constantFrom(true, true, true, false),
  pick: fc.nat(11),
  who: somebody,
  peer: fc.constantFrom(...people, person(5, 'fifth')),
  trackId: fc.constantFrom(...trackIds),
  source: fc.constantFrom('camera', 'microphone', 'screen', 'screen-audio'),
  state: fc.constantFrom('connecting', 'connected', 'failed'),
  pair: fc.option(candidatePair, { nil: undefined }),
  muted: fc.boolean(),
  screenShare: fc.boolean(),
  /** Of the route: mostly the present one. */
  late: fc.constantFrom(...Array<number>(12).fill(0), 1),
  servers: fc.constantFrom([callServer(1)], [callServer(1), callServer(2)], [callServer(2)], []),
  direction: fc.constantFrom('send', 'recv'),
  restart: fc.constantFrom(undefined, true),
  producers: fc.constantFrom(1, 2),
  mimeType: fc.constantFrom(...Array<string>(6).fill('video/VP8'), 'audio/opus'),
  decision: fc.constantFrom('audio-only', 'video'),
  limitsOfCall: fc.record({
    participantsMax: fc.constantFrom(1, 2, 4),
    guestsAllowed: fc.boolean(),
    emptyTimeoutMs: fc.constantFrom(0, 60_000),
    durationMsMax: fc.constantFrom(1_000, 3_600_000, limits.callDurationMsMax),
  }),
  id: fc.integer({ min: 1, max: 400 }),
  tenantId: fc.constantFrom(...Array<string>(15).fill('default'), 'other'),
  elapsedMs: fc.constantFrom(
    ...Array<number>(60).fill(0),
    ...[
      1,
      500,
      limits.routeCalmMs,
      limits.routeCalmMs,
      limits.routeSettleMs,
      limits.graceMs,
      61_000,
      1_800_000,
    ],
  ),
  kind: fc.constantFrom(
    ...Array<'join'>(10).fill('join'),
    ...Array<'publish'>(8).fill('publish'),
    ...(['mute', 'mute', 'unmute', 'unmute'] as const),
    ...(['create', 'leave', 'lock', 'unlock', 'unlock', 'end', 'unpublish', 'unpublish'] as const),
    ...(['offer', 'answer', 'candidate', 'capabilities', 'connection', 'connection'] as const),
    ...(['disconnect', 'disconnect', 'deadline', 'deadline', 'deadline', 'no-system'] as const),
    ...Array<'route'>(8).fill('route'),
    ...Array<'swapped'>(10).fill('swapped'),
    ...Array<'produce'>(6).fill('produce'),
    ...(['transport', 'transport', 'bandwidth'] as const),
    ...(['raise-hand', 'lower-hand', 'mute-participant', 'remove'] as const),
    ...(['server-failed', 'transports', 'transport-restarted', 'consumers'] as const),
    ...(['producer-refused', 'layers', 'encodings'] as const),
  ),
});
type Arrival = typeof arrivals extends fc.Arbitrary<infer T> ? T : never;
type Kind = Arrival['kind'];

/** The command that an arrival is, in the call as it is by then. */
export function commandFrom(arrival: Arrival, view: CallView | undefined): Command {
  return isMedia(arrival.kind)
    ? mediaCommandFrom(arrival, arrival.kind, view)
    : callCommandFrom(arrival, arrival.kind, view);
}

const mediaKinds = [
  ...(['route', 'swapped', 'produce', 'transport', 'bandwidth', 'server-failed', 'transports'] as const),
  ...(['transport-restarted', 'consumers', 'producer-refused', 'layers', 'encodings'] as const),
];
type MediaKind = (typeof mediaKinds)[number];
const isMedia = (kind: Kind): kind is MediaKind => (mediaKinds as readonly Kind[]).includes(kind);

/** Who asks, and about which track; the id and the tenant are the arrival's. */
function asker(arrival: Arrival, view: CallView | undefined) {
  const { kind, pick } = arrival;
  const inCall = arrival.right && view !== undefined && kind !== 'join' ? presentParticipants(view) : [];
  const someone = inCall[pick % inCall.length];
  const theirs = Object.keys(someone?.tracks ?? {});
  return {
    who: someone === undefined ? arrival.who : { ...arrival.who, ...someone },
    trackId: kind === 'publish' ? arrival.trackId : (theirs[pick % theirs.length] ?? arrival.trackId),
    more: { id: uuid(arrival.id), tenantId: arrival.tenantId },
  };
}

const transport = {
  id: uuid(0xd1),
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [] },
};

/** What has to do with the way of the media: asked by the owner, by a media gateway, by a page. */
function mediaCommandFrom(arrival: Arrival, kind: MediaKind, view: CallView | undefined): Command {
  const { peer, servers, direction, restart, state, pair, decision } = arrival;
  const { who, trackId, more } = asker(arrival, view);
  const epoch = Math.max(0, (view?.route?.epoch ?? 0) - arrival.late);
  const to = { to: who.participantId, epoch };
  const sent: ProducerDescription = producer(arrival.pick % 3, trackId);
  const consumer = {
    ...{ consumerId: uuid(0xd2), producerId: sent.producerId, rtpParameters: sent.rtpParameters },
    ...{ participantId: peer.participantId, trackId, kind: 'video' as const },
  };
  switch (kind) {
    case 'route':
      return ask('system', 'call.route', { servers: [...servers] }, more);
    case 'swapped':
      return ask(who, 'call.swapped', { epoch }, more);
    case 'produce': {
      const codecs = [{ mimeType: arrival.mimeType, payloadType: 96, clockRate: 90_000 }];
      const first = { ...sent, rtpParameters: { ...sent.rtpParameters, codecs } };
      const producers = [first, producer((arrival.pick + 1) % 3, arrival.trackId)].slice(
        0,
        arrival.producers,
      );
      return ask(who, 'call.produce', { epoch, producers }, more);
    }
    case 'transport': {
      const end = { direction, epoch, state, ...(pair && { pair }), ...(restart && { restart }) };
      return ask(who, 'call.transport', end, more);
    }
    case 'bandwidth':
      return ask(who, 'call.bandwidth', { decision, samples: { availableOutgoingBitrate: 1 } }, more);
    case 'server-failed':
      return ask('system', 'call.server-failed', { epoch, server: callServer(1) }, more);
    case 'transports': {
      const made = { send: transport, recv: transport, consumers: [consumer] };
      return ask('system', 'call.transports', { ...to, instanceId: who.instanceId, ...made }, more);
    }
    case 'transport-restarted': {
      const { id: transportId, iceParameters } = transport;
      const again = { ...to, direction, transportId, iceParameters };
      return ask('system', 'call.transport-restarted', again, more);
    }
    case 'consumers':
      return ask(
        'system',
        'call.consumers',
        { ...to, instanceId: who.instanceId, consumers: [consumer] },
        more,
      );
    case 'producer-refused': {
      const no = { ...to, trackId, producerId: sent.producerId, reason: 'codec' };
      return ask('system', 'call.producer-refused', no, more);
    }
    case 'layers': {
      const what = { decision: 'layer-up', layers: null, before: null, reason: 'tile-size' } as const;
      const data = { ...to, participantId: peer.participantId, trackId, ...what, samples: {} };
      return ask('system', 'call.layers', data, more);
    }
    case 'encodings': {
      const data = { ...to, trackId, producerId: sent.producerId, maxSpatialLayer: -1 };
      return ask('system', 'call.encodings', data, more);
    }
    default:
      return kind satisfies never;
  }
}

function callCommandFrom(
  arrival: Arrival,
  kind: Exclude<Kind, MediaKind>,
  view: CallView | undefined,
): Command {
  const { peer, source, state, pair, muted, screenShare } = arrival;
  const { who, trackId, more } = asker(arrival, view);
  const { participantId, sessionId } = who;
  const { instanceId = peer.instanceId } = view?.participants[peer.participantId] ?? {};
  const connectionId = connectionIdOf(who.instanceId, instanceId);
  const toPeer = { to: peer.participantId, connectionId };
  switch (kind) {
    case 'join':
      return join(who, more);
    case 'create':
      return ask(who, 'call.create', { ...settings, ...arrival.limitsOfCall }, more);
    case 'publish':
      return ask(who, 'call.publish', { track: { ...camera, trackId, source, muted } }, more);
    case 'unpublish':
    case 'mute':
    case 'unmute':
      return ask(who, `call.${kind}`, { trackId }, more);
    case 'offer':
    case 'answer':
      return ask(who, `call.${kind}`, { ...toPeer, sdp }, more);
    case 'candidate':
      return ask(who, 'call.candidate', { ...toPeer, candidate: { candidate: '' } }, more);
    case 'capabilities':
      return ask(who, 'call.capabilities', { capabilities: { ...capabilities, screenShare } }, more);
    case 'connection': {
      const report = { peerId: peer.participantId, connectionId, state };
      return ask(who, 'call.connection', pair === undefined ? report : { ...report, pair }, more);
    }
    case 'disconnect':
      return ask(
        'system',
        'call.disconnect',
        { reason: 'socket-closed' },
        { ...more, participantId, sessionId },
      );
    case 'deadline':
      return ask('system', 'call.deadline', {}, more);
    case 'lower-hand':
    case 'remove':
      return ask(who, `call.${kind}`, { participantId: peer.participantId }, more);
    case 'mute-participant': {
      const theirs = Object.keys(view?.participants[peer.participantId]?.tracks ?? {});
      const about = { participantId: peer.participantId, trackId: theirs[0] ?? trackId };
      return ask(who, 'call.mute-participant', about, more);
    }
    case 'no-system':
      return ask(who, 'call.deadline', {}, more);
    default:
      return ask(who, `call.${kind}`, {}, more);
  }
}

/** A life of a call: made, joined by some, then up to 80 commands. */
export const lives = fc.tuple(
  fc.record({
    participantsMax: fc.constantFrom(1, 2, 4, 4, 4),
    guestsAllowed: fc.constantFrom(true, true, true, false),
    durationMsMax: fc.constantFrom(1_000, ...Array<number>(9).fill(limits.callDurationMsMax)),
  }),
  fc.subarray([...people]),
  fc.array(arrivals, { minLength: 1, maxLength: 80, size: 'max' }),
);
