import { actorKey, decide, toEvents } from '@ringback/domain';
import { reject, type CallEvent, type Command } from '@ringback/schemas';
import type { CallBook, Outcome } from './call-book.ts';

export interface Decided {
  readonly events: readonly CallEvent[];
  readonly outcome: Outcome;
  /** What broke, where the command could not be decided at all. */
  readonly fault?: unknown;
}

/** Decides one command on the calls of a partition and moves them on. Whatever a command is, only it can fail. */
export function decideOn(
  book: CallBook,
  command: Command,
  context: { now: number; codeVersion: string },
): Decided {
  try {
    return decideOne(book, command, context);
  } catch (fault) {
    return { events: [], outcome: { ok: false, error: reject('internal_error') }, fault };
  }
}

function decideOne(book: CallBook, command: Command, context: { now: number; codeVersion: string }): Decided {
  const { id, callId } = command;
  const past = book.ended(callId);
  if (past !== undefined) {
    const code = past.tenantId === command.tenantId ? 'call_ended' : 'call_unknown';
    return { events: [], outcome: { ok: false, error: reject(code) } };
  }
  const entry = book.open(callId);
  if (entry.parked !== undefined) return { events: [], outcome: { ok: false, error: reject('call_parked') } };
  // Two people may use the same id, and the outcome of one is none of the other's; a join is its session's.
  const session = command.type === 'call.join' ? command.sessionId : '';
  const key = `${command.tenantId}/${actorKey(command)}/${session}/${id}`;
  const before = entry.outcomes.get(key);
  if (before !== undefined) return { events: [], outcome: before };
  const decision = decide(entry.state, command, context.now);
  const seq = entry.state.view?.seq ?? 0;
  switch (decision.kind) {
    case 'repeated':
      return { events: [], outcome: { ok: true, seq: decision.seq } };
    case 'rejected': {
      const outcome = { ok: false, error: decision.rejection } as const;
      if (entry.state.view === undefined) book.drop(callId);
      else book.remember(entry, key, outcome);
      return { events: [], outcome };
    }
    case 'accepted': {
      const events = toEvents(command, decision.events, { seq, ...context });
      const outcome = { ok: true, seq: seq + events.length } as const;
      // What changed nothing is not in the log; done again later it might change something.
      if (events.length === 0) book.remember(entry, key, outcome);
      else book.append(entry, events);
      return { events, outcome };
    }
    default:
      return decision satisfies never;
  }
}
