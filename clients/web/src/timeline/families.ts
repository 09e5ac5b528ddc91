import type { CallEvent, CallEventType } from '@ringback/schemas';

/** Events that tell one kind of story; each family has a colour and a shape on the lanes. */
export type Family = 'call' | 'presence' | 'tracks' | 'negotiation' | 'connection';

export const families: readonly { family: Family; label: string }[] = [
  { family: 'call', label: 'Call' },
  { family: 'presence', label: 'Join / leave' },
  { family: 'tracks', label: 'Tracks' },
  { family: 'negotiation', label: 'Negotiation' },
  { family: 'connection', label: 'Connection' },
];

export function familyOf(type: CallEventType): Family {
  switch (type) {
    case 'call.created':
    case 'call.locked':
    case 'call.unlocked':
    case 'call.ended':
      return 'call';
    case 'call.participant.joined':
    case 'call.participant.reconnected':
    case 'call.participant.disconnected':
    case 'call.participant.left':
      return 'presence';
    case 'call.track.published':
    case 'call.track.unpublished':
    case 'call.track.muted':
    case 'call.track.unmuted':
      return 'tracks';
    case 'call.capabilities.announced':
    case 'call.offer.sent':
    case 'call.answer.sent':
    case 'call.candidate.sent':
      return 'negotiation';
    case 'call.connection.changed':
      return 'connection';
    default:
      return unreachable(type);
  }
}

/** Whose lane an event stands on; undefined: the call's own. */
export function participantOf(event: CallEvent): string | undefined {
  switch (event.type) {
    case 'call.created':
    case 'call.locked':
    case 'call.unlocked':
    case 'call.ended':
      return undefined;
    case 'call.offer.sent':
    case 'call.answer.sent':
    case 'call.candidate.sent':
      return event.data.from;
    default:
      return event.data.participantId;
  }
}

export function unreachable(value: never): never {
  throw new Error(`unexpected: ${JSON.stringify(value)}`);
}
