import { evolve, initialState, nextDeadline, type CallState } from '@ringback/domain';
import { current, isKnownType, msOfTime, type CallEvent, type Rejection } from '@ringback/schemas';
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

/** A call as a snapshot holds it: what can not be worked out of the rest. */
export type KeptCall = Pick<CallEntry, 'callId' | 'state' | 'parked'> & {
  readonly outcomes: readonly (readonly [key: string, outcome: Outcome])[];
};

/** Everything in a book at one moment. Nothing in it changes any more. */
export interface BookCut {
  readonly calls: readonly KeptCall[];
  /** Call id and tenant, in the order they ended. */
  readonly ended: readonly (readonly [callId: string, tenantId: string])[];
}

/** All calls of one partition, as folded from its log. No I/O. */
export class CallBook {
  readonly #live = new Map<string, CallEntry>();
  /** Tenants of calls that are no longer in memory, in the order they ended. */
  readonly #ended = new Map<string, string>();
  readonly #keeping: Keeping = { bytes: 0 };
  readonly #onParked: (entry: CallEntry) => void;
  readonly #onSkipped: (event: CallEvent) => void;

  /** @param onSkipped an event of a type that only newer code knows: it changes nothing here */
  constructor(onParked: (entry: CallEntry) => void, onSkipped: (event: CallEvent) => void = () => {}) {
    this.#onParked = onParked;
    this.#onSkipped = onSkipped;
  }

  get(callId: string): CallEntry | undefined {
    return this.#live.get(callId);
  }

  /** Was there such a call, though it is no longer in memory? */
  ended(callId: string): { readonly tenantId: string } | undefined {
    const tenantId = this.#ended.get(callId);
    return tenantId === undefined ? undefined : { tenantId };
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
  replay(stored: CallEvent, now: number): void {
    const entry = this.open(stored.subject);
    let event = stored;
    if (entry.parked === undefined) {
      try {
        event = current(stored);
        const expected = (entry.state.view?.seq ?? 0) + 1;
        if (event.sequence !== expected)
          throw new Error(`event ${event.sequence} stands where ${expected} belongs`);
        entry.state = evolve(entry.state, event);
        if (!isKnownType(event.type)) this.#onSkipped(event);
      } catch (error) {
        entry.parked = new Error(`${event.id} (${event.type}) can not be folded`, { cause: error });
        this.#onParked(entry);
      }
    }
    if (msOfTime(event.time) + limits.endedKeepMs > now) return this.#keep(entry, write(event));
    // What is kept ends at the head without a gap: an older time behind a newer one (a clock was corrected) empties it.
    entry.recent.clear();
    entry.changedAt = msOfTime(event.time);
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
   * Lets go of calls that ended long enough ago, and of the events of quiet ones: who asks for them reads the log.
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
      this.#addEnded(callId, view.tenantId);
      entry.recent.clear();
      this.#live.delete(callId);
      left.push(callId);
    }
    return left;
  }

  #addEnded(callId: string, tenantId: string): void {
    this.#ended.set(callId, tenantId);
    if (this.#ended.size > limits.endedCallsMax) this.#ended.delete(this.#ended.keys().next().value!);
  }

  /** Costs little, whatever is in it: states are values that nobody changes. */
  cut(): BookCut {
    const calls: KeptCall[] = [];
    for (const { callId, state, parked, outcomes } of this.#live.values())
      // One that no fact came to yet is of a command that waits.
      if (state.view !== undefined || parked !== undefined)
        calls.push({ callId, state, parked, outcomes: [...outcomes] });
    return { calls, ended: [...this.#ended] };
  }

  /** Takes a part of a cut, in the order of the cut. Of events there are none: who asks for them reads the log. */
  restore({ calls = [], ended = [] }: Partial<BookCut>): void {
    for (const { callId, state, parked, outcomes } of calls) {
      const entry = this.open(callId);
      entry.state = state;
      entry.parked = parked;
      for (const [key, outcome] of outcomes) entry.outcomes.set(key, outcome);
      this.#settleDeadline(entry);
      if (parked !== undefined) this.#onParked(entry);
    }
    for (const [callId, tenantId] of ended) this.#addEnded(callId, tenantId);
  }

  /** @param key tells one person's command from another's of the same id. */
  remember(entry: CallEntry, key: string, outcome: Outcome): void {
    entry.outcomes.set(key, outcome);
    if (entry.outcomes.size > limits.outcomesPerCallMax)
      entry.outcomes.delete(entry.outcomes.keys().next().value!);
  }
}

/** For people, and for a snapshot: what could not be folded, and why. */
export function parkedBecause(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  return fault.cause instanceof Error ? `${fault.message}: ${fault.cause.message}` : fault.message;
}
