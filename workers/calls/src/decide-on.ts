import { actorKey, decide, doneBefore, toEvents } from '@ringback/domain';
import { logLimits } from '@ringback/eventlog';
import { actorSchema, reject, type Command, type Rejection } from '@ringback/schemas';
import type { CallBook, Outcome } from './call-book.ts';
import { write, type Written } from './written.ts';

export interface Decided {
  readonly events: readonly Written[];
  readonly outcome: Outcome;
  /** What broke, where the command could not be decided at all. */
  readonly fault?: unknown;
}

export interface DecideContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly codeVersion: string;
  /** What the commit still takes. Bytes. */
  readonly bytesLeft: number;
  /** Why the command may not be done now; not asked for what was done already. Default: it may. */
  readonly mayAct?: () => Rejection | undefined;
  /** Why it can not be decided here. Default: it can. */
  readonly wrongForm?: Rejection | undefined;
}

/**
 * What stands in the log is done, by newer code too: of a command whose form this code does not know.
 *
 * @returns where in the call; nothing where it was not done, as far as is remembered.
 */
export function seqOfDone(book: CallBook, command: Command): number | undefined {
  const state = book.get(command.callId)?.state;
  return state && actorSchema.safeParse(command.actor).success ? doneBefore(state, command) : undefined;
}

/**
 * Decides one command on the calls of a partition and moves them on. Whatever a command is, only it can fail.
 *
 * @returns `later` where its events would fit into a commit, but not into this one any more: nothing was done.
 */
export function decideOn(book: CallBook, command: Command, context: DecideContext): Decided | 'later' {
  try {
    return decideOne(book, command, context);
  } catch (fault) {
    book.drop(command.callId);
    return { events: [], outcome: { ok: false, error: reject('internal_error') }, fault };
  }
}

function decideOne(book: CallBook, command: Command, context: DecideContext): Decided | 'later' {
  const { id, callId } = command;
  if (context.wrongForm !== undefined) {
    const seq = seqOfDone(book, command);
    return {
      events: [],
      outcome: seq === undefined ? { ok: false, error: context.wrongForm } : { ok: true, seq },
    };
  }
  const past = book.ended(callId);
  if (past !== undefined) {
    const code = past.tenantId === command.tenantId ? 'call_ended' : 'call_unknown';
    return { events: [], outcome: { ok: false, error: reject(code) } };
  }
  const entry = book.open(callId);
  if (entry.parked !== undefined) return { events: [], outcome: { ok: false, error: reject('call_parked') } };
  // Two people may use the same id, and the outcome of one is none of the other's; a join is its session's.
  const session = command.type === 'call.join' ? command.sessionId : '';
  const keyOf = () => `${command.tenantId}/${actorKey(command)}/${session}/${id}`;
  const before = entry.outcomes.size === 0 ? undefined : entry.outcomes.get(keyOf());
  if (before !== undefined) return { events: [], outcome: before };
  const decision = decide(entry.state, command, context.now);
  const seq = entry.state.view?.seq ?? 0;
  const refused = (error: Rejection): Decided => {
    const outcome = { ok: false, error } as const;
    if (entry.state.view === undefined) book.drop(callId);
    else book.remember(entry, keyOf(), outcome);
    return { events: [], outcome };
  };
  if (decision.kind === 'repeated') return { events: [], outcome: { ok: true, seq: decision.seq } };
  const tooMuch = context.mayAct?.();
  if (tooMuch !== undefined) {
    // Not remembered: the same command may be asked again, and done.
    if (entry.state.view === undefined) book.drop(callId);
    return { events: [], outcome: { ok: false, error: tooMuch } };
  }
  switch (decision.kind) {
    case 'rejected':
      return refused(decision.rejection);
    case 'accepted': {
      const { now, codeVersion } = context;
      const events = toEvents(command, decision.events, { seq, now, codeVersion }).map(write);
      const bytes = events.reduce((sum, written) => sum + written.bytes, 0);
      // A commit that no server takes would be tried for ever, and with it stands the whole partition.
      if (bytes > logLimits.commitBytesMax) return refused(reject('too_large', tooLarge(bytes)));
      if (bytes > context.bytesLeft) return 'later';
      const outcome = { ok: true, seq: seq + events.length } as const;
      // What changed nothing is not in the log; done again later it might change something.
      if (events.length === 0) book.remember(entry, keyOf(), outcome);
      else book.append(entry, events);
      return { events, outcome };
    }
    default:
      return decision satisfies never;
  }
}

function tooLarge(bytes: number): string {
  return `What comes of one command may have ${logLimits.commitBytesMax} bytes in the log, this would have ${bytes}.`;
}
