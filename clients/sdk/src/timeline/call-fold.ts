import { evolveShown } from '@ringback/domain';
import type { CallEvent, CallView } from '@ringback/schemas';

/** A view kept every so many events: a jump back folds at most this many, about a millisecond. */
const checkpointEvery = 256;

/**
 * A call as it was after any of its events. Folds on demand and keeps checkpoints, so that going back and forth is
 * cheap. Events of newer code, which this one can not fold, change nothing but `seq`.
 */
export class CallFold {
  readonly #events: readonly CallEvent[];
  readonly #checkpoints: (CallView | undefined)[] = [];
  /** Who goes forward, event by event, folds each once. */
  #last: { count: number; view: CallView | undefined } = { count: 0, view: undefined };

  /** @param events of one call, from its first on. The list may grow at its end; nothing else in it may change. */
  constructor(events: readonly CallEvent[]) {
    this.#events = events;
  }

  /**
   * The state after the first `count` events; where there are fewer, after the last. Never changed in place.
   *
   * @returns `undefined` before the first event.
   */
  after(count: number): CallView | undefined {
    const wanted = Math.max(0, Math.min(count, this.#events.length));
    const kept = Math.min(Math.floor(wanted / checkpointEvery), this.#checkpoints.length);
    const last = this.#last;
    const goesOn = last.count <= wanted && last.count >= kept * checkpointEvery;
    let view = goesOn ? last.view : kept === 0 ? undefined : this.#checkpoints[kept - 1];
    for (let i = goesOn ? last.count : kept * checkpointEvery; i < wanted; i += 1) {
      view = evolveShown(view, this.#events[i]!);
      const done = i + 1;
      if (done % checkpointEvery === 0) this.#checkpoints[done / checkpointEvery - 1] = view;
    }
    this.#last = { count: wanted, view };
    return view;
  }
}
