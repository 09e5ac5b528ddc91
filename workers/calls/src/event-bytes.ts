import type { CallEvent } from '@ringback/schemas';

const known = new WeakMap<CallEvent, number>();

/** How long an event is as JSON, in bytes; worked out once an event. */
export function eventBytes(event: CallEvent): number {
  let bytes = known.get(event);
  if (bytes === undefined) known.set(event, (bytes = Buffer.byteLength(JSON.stringify(event))));
  return bytes;
}
