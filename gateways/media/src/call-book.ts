import { evolveCall, isHostedBy } from '@ringback/domain';
import type { Clock, Logger } from '@ringback/runtime';
import type { CallEvent, CallView } from '@ringback/schemas';
import { limits } from './limits.ts';

export interface CallBookPorts {
  /** The state as the owner knows it; undefined where it can not be had now; `gone`: there is no such call. */
  readonly ask: (callId: string) => Promise<CallView | 'gone' | undefined>;
  /** `<gateway>/<incarnation>`: which calls are ours. */
  readonly server: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The view moved on; by this event, or (undefined) to a state that was asked for. */
  readonly onView: (view: CallView, event: CallEvent | undefined) => void;
  /** The call is not ours any more. */
  readonly onGone: (callId: string) => void;
}

interface Entry {
  view: CallView | undefined;
  /** Behind a gap, by sequence. */
  ahead: Map<number, CallEvent>;
  asking: boolean;
  /** Something came meanwhile that the answer may not hold. */
  again: boolean;
}

/** The views of the calls that are here, folded from what owners feed; a gap is filled by asking for the state. */
export class CallBook {
  readonly #ports: CallBookPorts;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: string[] = [];
  #asks = 0;
  #stopped = false;

  constructor(ports: CallBookPorts) {
    this.#ports = ports;
  }

  get callIds(): string[] {
    return [...this.#entries.keys()];
  }

  view(callId: string): CallView | undefined {
    return this.#entries.get(callId)?.view;
  }

  fold(event: CallEvent): void {
    const entry = this.#entry(event.subject);
    if (entry.view !== undefined && event.sequence <= entry.view.seq) return;
    if (entry.ahead.size < limits.aheadMax) entry.ahead.set(event.sequence, event);
    else entry.again = true;
    this.#catchUp(event.subject, entry);
  }

  /** The owner says how far a call is: one of ours that is not as far has missed something. */
  head(callId: string, seq: number): void {
    const entry = this.#entries.get(callId);
    if (entry !== undefined && (entry.view?.seq ?? 0) < seq) this.#ask(callId, entry);
  }

  /** The owner says that this call is here. */
  placed(callId: string, seq: number): void {
    this.#entry(callId);
    this.head(callId, seq);
  }

  /** The owner did not name this call among those that are here. */
  notPlaced(callId: string): void {
    const entry = this.#entries.get(callId);
    if (entry !== undefined) this.#ask(callId, entry);
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #entry(callId: string): Entry {
    let entry = this.#entries.get(callId);
    if (entry === undefined) {
      entry = { view: undefined, ahead: new Map(), asking: false, again: false };
      this.#entries.set(callId, entry);
    }
    return entry;
  }

  /** Folds what follows without a gap; asks for the state where that is not all. */
  #catchUp(callId: string, entry: Entry): void {
    while (entry.view !== undefined) {
      const event = entry.ahead.get(entry.view.seq + 1);
      if (event === undefined) break;
      entry.ahead.delete(event.sequence);
      try {
        entry.view = evolveCall(entry.view, event);
      } catch (error) {
        // Newer code wrote it, or our view is not what it was written for: the owner's is.
        this.#ports.logger.error(
          { callId, event: event.id, type: event.type, err: error },
          'event not folded',
        );
        entry.view = undefined;
        break;
      }
      if (this.#moved(callId, entry.view, event)) return;
    }
    if (entry.view === undefined || entry.ahead.size > 0 || entry.again) this.#ask(callId, entry);
  }

  /** @returns whether the call is gone. */
  #moved(callId: string, view: CallView, event: CallEvent | undefined): boolean {
    if (!isHostedBy(view, this.#ports.server)) {
      this.#entries.delete(callId);
      this.#ports.onGone(callId);
      return true;
    }
    this.#ports.onView(view, event);
    return false;
  }

  #ask(callId: string, entry: Entry): void {
    if (this.#stopped) return;
    if (entry.asking) {
      entry.again = true;
      return;
    }
    entry.asking = true;
    this.#waiting.push(callId);
    this.#askNext();
  }

  #askNext(): void {
    while (this.#asks < limits.asksMax && this.#waiting.length > 0) {
      const callId = this.#waiting.shift()!;
      this.#asks += 1;
      void this.#ports.ask(callId).then((state) => {
        this.#asks -= 1;
        this.#answered(callId, state);
        this.#askNext();
      });
    }
  }

  #answered(callId: string, state: CallView | 'gone' | undefined): void {
    const entry = this.#entries.get(callId);
    if (entry === undefined || this.#stopped) return;
    if (state === undefined) {
      this.#ports.clock.after(limits.askAgainMs, () => {
        entry.asking = false;
        if (this.#entries.get(callId) === entry) this.#ask(callId, entry);
      });
      return;
    }
    entry.asking = false;
    if (state === 'gone') {
      this.#entries.delete(callId);
      this.#ports.onGone(callId);
      return;
    }
    if (entry.view === undefined || state.seq > entry.view.seq) {
      entry.view = state;
      if (this.#moved(callId, state, undefined)) return;
    }
    for (const sequence of entry.ahead.keys()) if (sequence <= entry.view.seq) entry.ahead.delete(sequence);
    // What came meanwhile stands in `ahead` or is looked for once more.
    const again = entry.again && entry.ahead.size === 0;
    entry.again = false;
    if (again) this.#ask(callId, entry);
    else this.#catchUp(callId, entry);
  }
}
