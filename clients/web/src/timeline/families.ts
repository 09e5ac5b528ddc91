import { isKnown, type CallEvent, type CallEventType } from '@ringback/schemas';

/** Events that tell one kind of story; each family has a colour and a shape on the lanes. */
export type Family =
  'call' | 'presence' | 'tracks' | 'negotiation' | 'connection' | 'route' | 'layers' | 'telemetry';

export const families: readonly { family: Family; label: string }[] = [
  { family: 'call', label: 'Call' },
  { family: 'presence', label: 'People' },
  { family: 'tracks', label: 'Tracks' },
  { family: 'negotiation', label: 'Negotiation' },
  { family: 'connection', label: 'Connection' },
  { family: 'route', label: 'Route' },
  { family: 'layers', label: 'Bandwidth' },
  // No events: what gateways note beside them.
  { family: 'telemetry', label: 'Refusals, joins' },
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
    case 'call.hand.raised':
    case 'call.hand.lowered':
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
    case 'call.transports.created':
    case 'call.transport.restarted':
    case 'call.track.produced':
    case 'call.producer.refused':
    case 'call.consumers.created':
      return 'negotiation';
    case 'call.connection.changed':
    case 'call.transport.changed':
      return 'connection';
    case 'call.route.changed':
    case 'call.route.settled':
    case 'call.leg.switched':
      return 'route';
    case 'call.layers.changed':
    case 'call.encodings.changed':
    case 'call.bandwidth.changed':
      return 'layers';
    default:
      return familyOfUnknown(type);
  }
}

/** Newer code wrote it: it stands on the call's own lane. */
function familyOfUnknown(_type: never): Family {
  return 'call';
}

/** Whose lane an event stands on; undefined: the call's own. */
export function participantOf(event: CallEvent): string | undefined {
  if (!isKnown(event)) return undefined;
  switch (event.type) {
    case 'call.created':
    case 'call.locked':
    case 'call.unlocked':
    case 'call.ended':
    case 'call.route.changed':
    case 'call.route.settled':
      return undefined;
    case 'call.transports.created':
    case 'call.transport.restarted':
    case 'call.producer.refused':
    case 'call.consumers.created':
    case 'call.encodings.changed':
    // The viewer's: what they get.
    case 'call.layers.changed':
      return event.data.to;
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
