import { makeUpcast, type StepsTo } from '../upcast.ts';
import type { callEvents, CallEvent, CallEventType } from './events.ts';

/**
 * From each version of an event to the next: `call.x` is at version 1 + the number of its steps. Apart from the
 * schemas, since pages read events too and must not load zod for it. How to change an event: docs/evolution.md.
 */
const steps: Steps = {
  'call.created': [],
  'call.participant.joined': [],
  'call.participant.reconnected': [],
  'call.participant.disconnected': [],
  'call.participant.left': [],
  'call.capabilities.announced': [],
  'call.track.published': [],
  'call.track.unpublished': [],
  'call.track.muted': [],
  'call.track.unmuted': [],
  'call.offer.sent': [],
  'call.answer.sent': [],
  'call.candidate.sent': [],
  'call.connection.changed': [],
  'call.route.changed': [],
  'call.transports.created': [],
  'call.transport.changed': [],
  'call.transport.restarted': [],
  'call.track.produced': [],
  'call.producer.refused': [],
  'call.consumers.created': [],
  'call.leg.switched': [],
  'call.route.settled': [],
  'call.layers.changed': [],
  'call.encodings.changed': [],
  'call.bandwidth.changed': [],
  'call.hand.raised': [],
  'call.hand.lowered': [],
  'call.locked': [],
  'call.unlocked': [],
  'call.ended': [],
};

/** A type or a version that lacks its steps does not compile. */
type Steps = {
  readonly [E in (typeof callEvents)[number] as E['type']]: StepsTo<E['version'], DataOf<E['type']>>;
};
type DataOf<T extends CallEventType> = Omit<Extract<CallEvent, { type: T }>['data'], 'cause'>;

/** A stored event in today's version, or why this code can not have it. */
export const upcast = makeUpcast(steps);

/** Whether this code knows the event, in whichever version it was stored. */
export function isKnown(event: CallEvent): boolean {
  return typeof upcast(event) !== 'string';
}

/** For who shows or passes on: today's version; what this code does not know, as it was stored. */
export function current(event: CallEvent): CallEvent {
  const known = upcast(event);
  return typeof known === 'string' ? event : known;
}

/** False for a type that newer code wrote. */
export function isKnownType(type: string): type is CallEventType {
  return Object.hasOwn(steps, type);
}

/** Today's version of a type. */
export function versionOf(type: CallEventType): number {
  return steps[type].length + 1;
}
