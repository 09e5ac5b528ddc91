import type { CallEvent, CallView } from '@ringback/schemas';
import { evolveShown } from '@ringback/domain';

/** A view kept every so many events: a scrub folds at most this many, about a millisecond. */
const checkpointEvery = 256;

/** The call after any of its events: folds on demand and keeps checkpoints, so that scrubbing back is cheap. */
export class CallFold {
  readonly #events: readonly CallEvent[];
  readonly #checkpoints: (CallView | undefined)[] = [];

  /** `events` may grow at its end; nothing else in it may change. */
  constructor(events: readonly CallEvent[]) {
    this.#events = events;
  }

  /** The state after `count` events; undefined before the first. */
  after(count: number): CallView | undefined {
    const wanted = Math.min(count, this.#events.length);
    const kept = Math.min(Math.floor(wanted / checkpointEvery), this.#checkpoints.length);
    let view = kept === 0 ? undefined : this.#checkpoints[kept - 1];
    for (let i = kept * checkpointEvery; i < wanted; i += 1) {
      const event = this.#events[i];
      if (!event) break;
      view = evolveShown(view, event);
      const done = i + 1;
      if (done % checkpointEvery === 0) this.#checkpoints[done / checkpointEvery - 1] = view;
    }
    return view;
  }
}
