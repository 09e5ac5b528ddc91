import { isKnown, type CallEvent, type TrackDescription } from '@ringback/schemas';
import { describeMedia } from './describe-media.ts';

type NameOf = (participantId: string) => string;

const sourceWords: Record<TrackDescription['source'], string> = {
  camera: 'camera',
  microphone: 'microphone',
  screen: 'screen',
  'screen-audio': 'sound of the screen',
};
export const sourceWord = (source: TrackDescription['source']) => sourceWords[source];

export const endReasonWords = {
  host: 'a host ended it',
  empty: 'everybody had left',
  'nobody-came': 'nobody came',
  'max-duration': 'it reached its longest duration',
} as const;

const disconnectWords = {
  'socket-closed': 'the connection closed',
  'gateway-lost': 'the gateway was lost',
  'slow-consumer': 'messages were not read fast enough',
  'heartbeat-missed': 'nothing was heard any more',
} as const;

const leaveWords = {
  left: 'left',
  lost: 'did not come back in time',
  removed: 'was removed',
  'call-ended': 'left because the call ended',
} as const;

/** An event as a sentence. `sourceOf` finds what a track shows, as later events name tracks by id only. */
export function describeEvent(
  event: CallEvent,
  nameOf: NameOf,
  sourceOf: (participantId: string, trackId: string) => string,
): string {
  if (!isKnown(event)) return `Unknown to this page: ${event.type}, version ${event.schemaversion}`;
  switch (event.type) {
    case 'call.created':
      return event.data.name ? `Call “${event.data.name}” created` : 'Call created';
    case 'call.locked':
      return `${nameOf(event.data.by)} locked the call`;
    case 'call.unlocked':
      return `${nameOf(event.data.by)} unlocked the call`;
    case 'call.ended':
      return `Call ended: ${endReasonWords[event.data.reason]}`;
    case 'call.participant.joined':
      return `${event.data.displayName} joined${event.data.role === 'host' ? ' as host' : ''}`;
    case 'call.participant.reconnected':
      return `${nameOf(event.data.participantId)} is back`;
    case 'call.participant.disconnected':
      return `${nameOf(event.data.participantId)} is away: ${disconnectWords[event.data.reason]}`;
    case 'call.participant.left':
      return `${nameOf(event.data.participantId)} ${leaveWords[event.data.reason]}${event.data.by ? ` by ${nameOf(event.data.by)}` : ''}`;
    case 'call.hand.raised':
      return `${nameOf(event.data.participantId)} raised a hand`;
    case 'call.hand.lowered':
      return event.data.by === event.data.participantId
        ? `${nameOf(event.data.by)} lowered the hand`
        : `${nameOf(event.data.by)} lowered the hand of ${nameOf(event.data.participantId)}`;
    case 'call.capabilities.announced':
      return `${nameOf(event.data.participantId)} said what the device can do`;
    case 'call.connection.changed':
      return `${nameOf(event.data.participantId)} ↔ ${nameOf(event.data.peerId)}: ${event.data.state}${pairWords(event.data.pair)}`;
    case 'call.track.published':
      return `${nameOf(event.data.participantId)} sends ${sourceWord(event.data.track.source)}${event.data.track.muted ? ', muted' : ''}`;
    case 'call.track.muted':
      if (event.data.by)
        return `${nameOf(event.data.by)} muted ${sourceOf(event.data.participantId, event.data.trackId)} of ${nameOf(event.data.participantId)}`;
      return `${nameOf(event.data.participantId)} muted ${sourceOf(event.data.participantId, event.data.trackId)}`;
    case 'call.track.unpublished':
    case 'call.track.unmuted':
      return `${nameOf(event.data.participantId)} ${trackVerbs[event.type]} ${sourceOf(event.data.participantId, event.data.trackId)}`;
    case 'call.offer.sent':
      return `Offer ${nameOf(event.data.from)} → ${nameOf(event.data.to)}`;
    case 'call.answer.sent':
      return `Answer ${nameOf(event.data.from)} → ${nameOf(event.data.to)}`;
    case 'call.candidate.sent':
      return `${candidateWord(event.data.candidate.candidate)} ${nameOf(event.data.from)} → ${nameOf(event.data.to)}`;
    default:
      return describeMedia(event, nameOf, sourceOf);
  }
}

const trackVerbs = {
  'call.track.unpublished': 'stopped',
  'call.track.unmuted': 'unmuted',
} as const;

function candidateWord(candidate: string): string {
  if (candidate === '') return 'Last candidate';
  const type = /\btyp (\w+)/.exec(candidate)?.[1];
  return type ? `Candidate (${type})` : 'Candidate';
}

type Pair = NonNullable<Extract<CallEvent, { type: 'call.connection.changed' }>['data']['pair']>;

function pairWords(pair: Pair | undefined): string {
  if (!pair) return '';
  return `, ${pair.localCandidateType} to ${pair.remoteCandidateType} by ${pair.protocol}`;
}
