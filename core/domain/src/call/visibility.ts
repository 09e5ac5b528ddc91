import { isKnownType, type CallEvent } from '@ringback/schemas';

/**
 * Does this participant get this event? Negotiation goes to its addressee alone; all else to everyone in the call.
 * What newer code wrote for somebody alone has a `to` as well.
 */
export function visibleTo(event: CallEvent, participantId: string): boolean {
  switch (event.type) {
    case 'call.offer.sent':
    case 'call.answer.sent':
    case 'call.candidate.sent':
    case 'call.transports.created':
    case 'call.transport.restarted':
    case 'call.producer.refused':
    case 'call.consumers.created':
    case 'call.layers.changed':
    case 'call.encodings.changed':
      return event.data.to === participantId;
    default:
      return isKnownType(event.type) || !('to' in event.data) || event.data.to === participantId;
  }
}

/** The event without the command behind it: what goes to people in the call, at half the bytes. */
export function withoutCause(event: CallEvent): CallEvent {
  if (event.data.cause === undefined) return event;
  const { cause: _, ...data } = event.data;
  return { ...event, data } as CallEvent;
}

/** The first member of a cause is the command's type: within a text its quotes would be escaped. */
const causeBegins = '"cause":{"command":';

/**
 * The JSON of `withoutCause`, cut out of what is there: the cause stands last in the data, the data last in the event.
 *
 * @param text the event's JSON.
 */
export function textWithoutCause(event: CallEvent, text: string): string {
  if (event.data.cause === undefined) return text;
  const at = text.lastIndexOf(causeBegins);
  const last = Object.keys(event.data).at(-1) === 'cause' && text.endsWith('}}}');
  if (at < 0 || !last) return JSON.stringify(withoutCause(event));
  return `${text.slice(0, text[at - 1] === ',' ? at - 1 : at)}}}`;
}
