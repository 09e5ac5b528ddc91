import { current, partitionOf, timeOfCallId, type CallEvent } from '@ringback/schemas';
import type { EventLog } from './event-log.ts';
import { limits } from './limits.ts';

/**
 * A call's facts in order, from the log, in today's versions; what is not known, as it was stored. The id says when
 * the call began, so the scan starts there and needs no index; it stops at `call.ended`, or at the head of the log
 * as it was when the read began.
 */
export async function* readCall(
  log: EventLog,
  callId: string,
  range: { after?: number } = {},
): AsyncIterable<CallEvent> {
  const after = range.after ?? 0;
  const fromTime = Math.max(0, timeOfCallId(callId) - limits.clockSkewMs);
  for await (const commit of log.read(partitionOf(callId), { fromTime })) {
    for (const event of commit.body.events) {
      if (event.subject !== callId) continue;
      if (event.sequence > after) yield current(event);
      if (event.type === 'call.ended') return;
    }
  }
}
