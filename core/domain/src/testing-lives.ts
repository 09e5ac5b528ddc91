import { limits, type CallView, type Command } from '@ringback/schemas';
import fc from 'fast-check';
import { presentParticipants } from './call/state.ts';
import {
  host,
  ask,
  second,
  camera,
  capabilities,
  third,
  join,
  person,
  sdp,
  settings,
  uuid,
  type Person,
} from './testing.ts';

const people: readonly Person[] = [
  host,
  second,
  { ...third, guest: true },
  { ...person(4, 'fourth'), admin: true },
];
const trackIds = ['t-1', 't-1', 't-2', 'constructor'];

/** Somebody, on one of a few sessions and pages, now and then under another's participant id. */
const somebody = fc
  .record({
    who: fc.constantFrom(...people),
    session: fc.constantFrom(...Array<number>(9).fill(0), 0x10),
    page: fc.constantFrom(...Array<number>(9).fill(0), 0x10),
    as: fc.option(fc.constantFrom(...people), { freq: 12, nil: undefined }),
  })
  .map(({ who, session, page, as }): Person => ({
    ...who,
    participantId: (as ?? who).participantId,
    sessionId: uuid(0xc000 + session + people.indexOf(who)),
    instanceId: uuid(0xb000 + page + people.indexOf(who)),
  }));

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
  limitsOfCall: fc.record({
    participantsMax: fc.constantFrom(1, 2, 4),
    guestsAllowed: fc.boolean(),
    emptyTimeoutMs: fc.constantFrom(0, 60_000),
    durationMsMax: fc.constantFrom(1_000, 3_600_000, limits.callDurationMsMax),
  }),
  id: fc.integer({ min: 1, max: 400 }),
  tenantId: fc.constantFrom(...Array<string>(15).fill('default'), 'other'),
  elapsedMs: fc.constantFrom(...Array<number>(40).fill(0), 1, 500, limits.graceMs, 61_000, 1_800_000),
  kind: fc.constantFrom(
    ...Array<'join'>(10).fill('join'),
    ...Array<'publish'>(8).fill('publish'),
    ...(['mute', 'mute', 'unmute', 'unmute'] as const),
    ...(['create', 'leave', 'lock', 'unlock', 'unlock', 'end', 'unpublish', 'unpublish'] as const),
    ...(['offer', 'answer', 'candidate', 'capabilities', 'connection', 'connection'] as const),
    ...(['disconnect', 'disconnect', 'deadline', 'deadline', 'no-system'] as const),
  ),
});
type Arrival = typeof arrivals extends fc.Arbitrary<infer T> ? T : never;

/** The command that an arrival is, in the call as it is by then. */
export function commandFrom(arrival: Arrival, view: CallView | undefined): Command {
  const { peer, source, state, pair, muted, screenShare, tenantId, kind } = arrival;
  const inCall = arrival.right && view !== undefined && kind !== 'join' ? presentParticipants(view) : [];
  const someone = inCall[arrival.pick % inCall.length];
  const who = someone === undefined ? arrival.who : { ...arrival.who, ...someone };
  const theirs = Object.keys(someone?.tracks ?? {});
  const trackId =
    kind === 'publish' ? arrival.trackId : (theirs[arrival.pick % theirs.length] ?? arrival.trackId);
  const { participantId, sessionId } = who;
  const more = { id: uuid(arrival.id), tenantId };
  const toPeer = { to: peer.participantId, connectionId: 'ab' };
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
      const report = { peerId: peer.participantId, connectionId: 'ab', state };
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
