import type { CallEvent } from '@ringback/schemas';

/** Between two pages, or between one and the Call Server. */
const negotiation: ReadonlySet<CallEvent['type']> = new Set<CallEvent['type']>([
  'call.offer.sent',
  'call.answer.sent',
  'call.candidate.sent',
  'call.transports.created',
  'call.transport.restarted',
  'call.consumers.created',
  'call.encodings.changed',
  'call.producer.refused',
]);

/** Whether the event changes nothing that is shown. */
export function isNegotiation(event: CallEvent): boolean {
  return negotiation.has(event.type);
}
