import { evolveCall } from '@ringback/domain';
import { callEventsByType, type CallEvent, type CallView } from '@ringback/schemas';

/** Whether this version knows the event. A newer one may have written types, or versions of types, of its own. */
export function isKnown(event: { type: string; schemaversion: number }): boolean {
  return callEventsByType.get(event.type)?.version === event.schemaversion;
}

/** One fact more; what is not known changes nothing. */
export function advance(view: CallView | undefined, event: CallEvent): CallView | undefined {
  return isKnown(event) ? evolveCall(view, event) : view;
}

export function foldKnown(events: Iterable<CallEvent>): CallView | undefined {
  let view: CallView | undefined;
  for (const event of events) view = advance(view, event);
  return view;
}
