import { canonicalJson } from '@ringback/domain';
import { callEventsByType, type CallEvent, type CallView } from '@ringback/schemas';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** What one client was shown of one call: each event once, in order, none left out. */
export class Follower {
  readonly #world: World;
  readonly #truth: Truth;
  readonly #who: string;
  readonly #callId: string;
  /** Undefined: somebody who sees everything. */
  readonly #participantId: string | undefined;
  readonly #seen = new Set<number>();
  /** The last event shown, or in the snapshot that was. */
  #last = 0;
  /** What a snapshot stands for. */
  #covered = 0;

  constructor(world: World, truth: Truth, who: string, callId: string, participantId: string | undefined) {
    this.#world = world;
    this.#truth = truth;
    this.#who = who;
    this.#callId = callId;
    this.#participantId = participantId;
  }

  event(event: CallEvent): void {
    const { sequence } = event;
    const what = `${this.#who} was shown ${event.id} (${event.type})`;
    if (this.#seen.has(sequence)) return this.#world.fail(`${what} twice`);
    this.#seen.add(sequence);
    // What is addressed to somebody comes along with a snapshot, which does not show it.
    const addressed = callEventsByType.get(event.type)?.visibility === 'addressee';
    const comesAlong = addressed && sequence <= this.#covered;
    if (sequence <= this.#last && !comesAlong) return this.#world.fail(`${what} after ${this.#last}`);
    const after = comesAlong ? sequence - 1 : this.#last;
    this.#truth.shown(this.#who, event, { after, participantId: this.#participantId });
    this.#last = Math.max(this.#last, sequence);
  }

  /** A state that is further than what was shown: a snapshot. */
  state({ seq }: CallView): void {
    if (seq <= this.#last) return;
    if (seq > this.#truth.head(this.#callId))
      this.#world.fail(
        `${this.#who} got a snapshot at ${seq}; the log has ${this.#truth.head(this.#callId)}`,
      );
    this.#last = this.#covered = seq;
  }

  /** Has everything there is to see. */
  get isComplete(): boolean {
    return this.#last >= this.#truth.lastVisible(this.#callId, this.#participantId);
  }

  /** What it folded is what anybody folds from the log. */
  compare(view: CallView): void {
    const fresh = this.#truth.freshView(this.#callId, view.seq);
    if (fresh === undefined || canonicalJson(view) !== canonicalJson(fresh))
      this.#world.fail(
        `${this.#who} has another state of ${this.#callId} at ${view.seq} than the log folds to:\n` +
          `  has  ${canonicalJson(view)}\n  log  ${fresh && canonicalJson(fresh)}`,
      );
  }
}
