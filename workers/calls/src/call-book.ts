import { evolve, initialState, nextDeadline, summarize, tookPart, type CallState } from '@ringback/domain';
import { msOfTime, type CallEvent, type CallSummary, type Rejection } from '@ringback/schemas';
import { limits } from './limits.ts';
import { RecentEvents, type Keeping } from './recent-events.ts';
import { write, type Written } from './written.ts';

export type Outcome =
  { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly error: Rejection };

/** An open call, or one that ended a moment ago. */
export interface CallEntry {
  readonly callId: string;
  state: CallState;
  readonly recent: RecentEvents;
  /** When something last happened to it, milliseconds since 1970 as its events say. */
  changedAt: number;
  /** Milliseconds since 1970; `undefined` once ended. */
  deadline: number | undefined;
  /**
   * Outcomes that left nothing in the log: refusals, and commands that changed nothing. The same command again
   * gets the same reply for as long as we remember.
   */
  readonly outcomes: Map<string, Outcome>;
  /** Why it can not be folded any further; it stands still then, and all other calls go on. */
  parked: unknown;
}

interface EndedCall {
  readonly tenantId: string;
  readonly users: ReadonlySet<string>;
  readonly summary: CallSummary;
}

/** All calls of one partition, as folded from its log. No I/O. */
export class CallBook {
  readonly #live = new Map<string, CallEntry>();
  /** In the order they ended. */
  readonly #ended = new Map<string, EndedCall>();
  /** Ended calls by `<tenant>/<user>`, so that a list costs what it shows. */
  readonly #endedOf = new Map<string, Set<string>>();
  readonly #keeping: Keeping = { bytes: 0 };
  readonly #onParked: (entry: CallEntry, event: CallEvent) => void;

  constructor(onParked: (entry: CallEntry, event: CallEvent) => void) {
    this.#onParked = onParked;
  }

  get(callId: string): CallEntry | undefined {
    return this.#live.get(callId);
  }

  /** Was there such a call, though it is no longer in memory? */
  ended(callId: string): EndedCall | undefined {
    return this.#ended.get(callId);
  }

  get liveCount(): number {
    return this.#live.size;
  }

  live(): IterableIterator<CallEntry> {
    return this.#live.values();
  }

  /** The entry of this call, made where there is none: for a command that may create it. */
  open(callId: string): CallEntry {
    let entry = this.#live.get(callId);
    if (entry === undefined) {
      entry = {
        callId,
        state: initialState,
        recent: new RecentEvents(this.#keeping),
        changedAt: 0,
        deadline: undefined,
        outcomes: new Map(),
        parked: undefined,
      };
      this.#live.set(callId, entry);
    }
    return entry;
  }

  /** Forgets an entry that no fact ever came to. */
  drop(callId: string): void {
    const entry = this.#live.get(callId);
    if (entry?.state.view === undefined && entry?.parked === undefined) this.#live.delete(callId);
  }

  /** Takes what was just decided. Throws before anything changed where it can not be folded. */
  append(entry: CallEntry, events: readonly Written[]): void {
    let { state } = entry;
    for (const { event } of events) state = evolve(state, event);
    entry.state = state;
    for (const written of events) this.#keep(entry, written);
  }

  /**
   * Takes one fact from the log. One that can not be folded parks its call.
   *
   * @param now milliseconds since 1970; events from long before are folded but not kept.
   */
  replay(event: CallEvent, now: number): void {
    const entry = this.open(event.subject);
    if (entry.parked === undefined) {
      try {
        const expected = (entry.state.view?.seq ?? 0) + 1;
        if (event.sequence !== expected)
          throw new Error(`event ${event.sequence} stands where ${expected} belongs`);
        entry.state = evolve(entry.state, event);
      } catch (error) {
        entry.parked = error;
        this.#onParked(entry, event);
      }
    }
    if (msOfTime(event.time) + limits.endedKeepMs > now) return this.#keep(entry, write(event));
    // What is kept ends at the head without a gap: an older time behind a newer one (a clock was corrected) empties it.
    entry.recent.clear();
    this.#settleDeadline(entry);
  }

  #keep(entry: CallEntry, written: Written): void {
    entry.recent.push(written);
    if (this.#keeping.bytes > limits.recentBytesMax) for (const { recent } of this.live()) recent.halve();
    entry.changedAt = msOfTime(written.event.time);
    this.#settleDeadline(entry);
  }

  #settleDeadline(entry: CallEntry): void {
    const { view } = entry.state;
    entry.deadline = view === undefined || entry.parked !== undefined ? undefined : nextDeadline(view);
  }

  /**
   * Turns calls that ended long enough ago into summaries, and lets go of the events of quiet ones: who asks for
   * them reads the log.
   *
   * @returns the calls that left memory.
   */
  settle(now: number): string[] {
    const left: string[] = [];
    for (const [callId, entry] of this.#live) {
      const { view } = entry.state;
      if (entry.recent.length > 0 && entry.changedAt + limits.endedKeepMs <= now) {
        entry.recent.clear();
        entry.outcomes.clear();
      }
      if (
        view?.endedAt === undefined ||
        entry.parked !== undefined ||
        view.endedAt + limits.endedKeepMs > now
      )
        continue;
      const users = new Set([view.createdBy, ...Object.values(view.participants).map((p) => p.userId)]);
      this.#ended.set(callId, { tenantId: view.tenantId, users, summary: summarize(view) });
      for (const user of users) {
        const key = `${view.tenantId}/${user}`;
        const theirs = this.#endedOf.get(key);
        if (theirs === undefined) this.#endedOf.set(key, new Set([callId]));
        else theirs.add(callId);
      }
      entry.recent.clear();
      this.#live.delete(callId);
      left.push(callId);
    }
    for (const [callId, call] of this.#ended) {
      if (this.#ended.size <= limits.endedSummariesMax) break;
      this.#forget(callId, call);
    }
    return left;
  }

  #forget(callId: string, { tenantId, users }: EndedCall): void {
    this.#ended.delete(callId);
    for (const user of users) {
      const theirs = this.#endedOf.get(`${tenantId}/${user}`);
      theirs?.delete(callId);
      if (theirs?.size === 0) this.#endedOf.delete(`${tenantId}/${user}`);
    }
  }

  /** Newest first. Without a tenant: all of them, for operators. */
  list(filter: { tenantId?: string | undefined; userId?: string | undefined; limit: number }): CallSummary[] {
    const found: CallSummary[] = [];
    for (const { state } of this.#live.values()) {
      const { view } = state;
      if (view === undefined || (filter.tenantId ?? view.tenantId) !== view.tenantId) continue;
      if (filter.userId === undefined || tookPart(view, filter.userId)) found.push(summarize(view));
    }
    for (const call of this.#endedFor(filter)) found.push(call.summary);
    return found.sort((a, b) => b.createdAt - a.createdAt).slice(0, filter.limit);
  }

  *#endedFor({
    tenantId,
    userId,
  }: {
    tenantId?: string | undefined;
    userId?: string | undefined;
  }): Iterable<EndedCall> {
    if (tenantId !== undefined && userId !== undefined) {
      for (const callId of this.#endedOf.get(`${tenantId}/${userId}`) ?? []) yield this.#ended.get(callId)!;
      return;
    }
    for (const call of this.#ended.values()) {
      if ((tenantId ?? call.tenantId) === call.tenantId && (userId === undefined || call.users.has(userId)))
        yield call;
    }
  }

  /** @param key tells one person's command from another's of the same id. */
  remember(entry: CallEntry, key: string, outcome: Outcome): void {
    entry.outcomes.set(key, outcome);
    if (entry.outcomes.size > limits.outcomesPerCallMax)
      entry.outcomes.delete(entry.outcomes.keys().next().value!);
  }
}
