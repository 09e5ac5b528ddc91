import { evolve, initialState } from '@ringback/domain';
import { readCall, stateHash, type EventLog } from '@ringback/eventlog';
import {
  limits as callLimits,
  reject,
  type Answer,
  type CallView,
  type Question,
  type Rejection,
} from '@ringback/schemas';
import { parkedBecause, type CallBook } from './call-book.ts';
import { limits } from './limits.ts';

type Found<T> = T extends unknown ? Omit<T, 'partition' | 'epoch' | 'owner'> : never;

/** What the owner of a partition says when it is asked: from its book, else from the log. */
export class Answers {
  readonly #book: CallBook;
  readonly #log: EventLog;
  readonly #rereads = new Map<string, Promise<CallView | undefined>>();
  /** Ended calls do not change. */
  readonly #kept = new Map<string, CallView>();

  constructor(book: CallBook, log: EventLog) {
    this.#book = book;
    this.#log = log;
  }

  /** Never throws: what can not be had now is refused as `overloaded`. */
  async to(question: Question): Promise<Found<Answer>> {
    switch (question.ask) {
      case 'who':
        return { ok: true };
      case 'parked':
        return { ok: true, parked: this.#parked() };
      case 'placed':
        return { ok: true, placed: this.#placed(question.server) };
      case 'state':
        return this.#state(question.callId, question.tenantId);
      case 'events':
        return this.#events(question);
      default:
        return question satisfies never;
    }
  }

  /** Open calls whose media runs through this life of a media gateway, with their heads. */
  #placed(server: string): Record<string, number> {
    const placed: Record<string, number> = {};
    for (const { callId, state } of this.#book.live()) {
      const { view } = state;
      const servers = [view?.route?.server, view?.route?.before?.server];
      if (view?.status === 'open' && servers.some((s) => s?.gateway === server)) placed[callId] = view.seq;
    }
    return placed;
  }

  /** They stand still until another version of the code folds them, at its start. */
  #parked() {
    const found = [];
    for (const { callId, state, parked, changedAt } of this.#book.live()) {
      if (parked === undefined) continue;
      const seq = (state.view?.seq ?? 0) + 1;
      found.push({ callId, seq, reason: parkedBecause(parked), since: changedAt, kept: 0 });
      if (found.length >= callLimits.parkedPageMax) break;
    }
    return found;
  }

  async #state(callId: string, tenantId: string | undefined): Promise<Found<Answer>> {
    if (this.#book.get(callId)?.parked !== undefined) return no(reject('call_parked'));
    try {
      const view = await this.#view(callId, tenantId);
      return view === undefined
        ? no(reject('call_unknown'))
        : { ok: true, state: view, stateHash: stateHash(view) };
    } catch {
      return no(reject('overloaded'));
    }
  }

  /** What is in memory behind `after`; who finds the beginning missing reads the log. */
  #events({ callId, tenantId, after, limit }: Extract<Question, { ask: 'events' }>): Found<Answer> {
    const entry = this.#book.get(callId);
    const view = entry?.state.view;
    if (entry === undefined || view === undefined || (tenantId ?? view.tenantId) !== view.tenantId)
      return no(reject('call_unknown'));
    return { ok: true, events: entry.recent.after(after, limit), head: view.seq };
  }

  /** A call's folded state: from memory, or read back from the log once it ended long ago. */
  async #view(callId: string, tenantId: string | undefined): Promise<CallView | undefined> {
    let view = this.#book.get(callId)?.state.view;
    const past = this.#book.ended(callId);
    if (view === undefined && past !== undefined && (tenantId ?? past.tenantId) === past.tenantId)
      view = await this.#reread(callId);
    return view === undefined || (tenantId ?? view.tenantId) !== view.tenantId ? undefined : view;
  }

  async #reread(callId: string): Promise<CallView | undefined> {
    const kept = this.#kept.get(callId);
    if (kept !== undefined) return kept;
    let reading = this.#rereads.get(callId);
    if (reading === undefined) {
      if (this.#rereads.size >= limits.rereadsMax) throw new Error('too many calls are being read back');
      reading = this.#fold(callId).finally(() => this.#rereads.delete(callId));
      this.#rereads.set(callId, reading);
    }
    return reading;
  }

  async #fold(callId: string): Promise<CallView | undefined> {
    let state = initialState;
    for await (const event of readCall(this.#log, callId)) state = evolve(state, event);
    if (state.view?.status === 'ended') this.#kept.set(callId, state.view);
    if (this.#kept.size > limits.rereadKeptMax) this.#kept.delete(this.#kept.keys().next().value!);
    return state.view;
  }
}

function no(error: Rejection): Found<Answer> {
  return { ok: false, error };
}
