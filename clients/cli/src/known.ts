import { evolveShown } from '@ringback/domain';
import type { CallEvent, CallView } from '@ringback/schemas';

/** The call after these facts; those that this version can not fold change nothing. */
export function foldKnown(events: Iterable<CallEvent>): CallView | undefined {
  let view: CallView | undefined;
  for (const event of events) view = evolveShown(view, event);
  return view;
}
