import { limits, type CallSummary, type CallView } from '@ringback/schemas';
import { presentParticipants } from './state.ts';

/** A call as one line of a list. */
export function summarize(view: CallView): CallSummary {
  return {
    callId: view.callId,
    status: view.status,
    ...(view.name === undefined ? {} : { name: view.name }),
    createdBy: view.createdBy,
    createdAt: view.createdAt,
    ...(view.endedAt === undefined ? {} : { endedAt: view.endedAt }),
    ...(view.endReason === undefined ? {} : { endReason: view.endReason }),
    people: [...new Set(Object.values(view.participants).map((p) => p.displayName))].slice(
      0,
      limits.summaryPeopleMax,
    ),
    participantsNow: presentParticipants(view).length,
    seq: view.seq,
  };
}
