import type { ServerMessage } from '@ringback/schemas';
import { sdkLimits } from './limits.ts';

export type FeedMessage = Extract<ServerMessage, { type: 'snapshot' | 'event' }>;

/**
 * What a message is: the `next` event, a `snapshot` that replaces the state, something one `had` already, or the
 * sign of a `gap` that must be asked for.
 */
export type FeedStep = 'next' | 'snapshot' | 'had' | 'gap';

/** The order of one call's events for one recipient: each once, in order, none missing. */
export class Feed {
  #seq: number;
  #gaps = 0;

  /** `seq`: the last event one has; 0 for none. */
  constructor(seq: number) {
    this.#seq = seq;
  }

  /** The last event that was delivered, or is in the snapshot that was. */
  get seq(): number {
    return this.#seq;
  }

  /**
   * What to name as `after` when asking again; undefined asks for a snapshot: at the start, and where asking for
   * the missing events did not help.
   */
  get after(): number | undefined {
    return this.#seq === 0 || this.#gaps > sdkLimits.gapRejoinsMax ? undefined : this.#seq;
  }

  /** Takes a message; `next` and `snapshot` must then be delivered. */
  step(message: FeedMessage): FeedStep {
    if (message.type === 'snapshot') {
      // Lower: the answer to an old question, overtaken by events.
      return message.seq < this.#seq ? 'had' : this.#advance(message.seq, 'snapshot');
    }
    if (message.seq <= this.#seq) return 'had';
    // `after` may be lower than what is held: a snapshot also covers events that only others were sent.
    if (message.after <= this.#seq) return this.#advance(message.seq, 'next');
    this.#gaps += 1;
    return 'gap';
  }

  /** The state can not be trusted any more: only a snapshot helps. */
  distrust(): void {
    this.#gaps = sdkLimits.gapRejoinsMax + 1;
  }

  #advance(seq: number, step: FeedStep): FeedStep {
    this.#seq = seq;
    this.#gaps = 0;
    return step;
  }
}
