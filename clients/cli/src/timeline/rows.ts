import { msOfTime, type CallEvent, type CallView, type CommandRejected } from '@ringback/schemas';
import { nameOfUser } from './names.ts';
import { advance, foldKnown, isKnown } from '../known.ts';
import { actorOf, rejectionSentence, sentenceOf } from './sentence.ts';

/** One line of a timeline. */
export interface TimelineRow {
  /** Milliseconds since the call was made. */
  readonly at: number;
  /** Absent for refusals: they are no facts and have no sequence. */
  readonly seq?: number;
  readonly actor: string;
  readonly type: string;
  readonly sentence: string;
  readonly kind: 'fact' | 'refusal' | 'unknown';
}

/** Turns events into rows while it folds them, since an event alone does not say what a track shows. */
export class RowMaker {
  readonly #history: CallView | undefined;
  #view: CallView | undefined;
  #startedAt: number | undefined;

  /** @param history what is to come, as far as it is known: whoever made the call has a name only once they join */
  constructor(history: readonly CallEvent[]) {
    this.#history = foldKnown(history);
  }

  fact(event: CallEvent): TimelineRow {
    const before = this.#view;
    const at = this.#since(event.time);
    this.#view = advance(before, event);
    const type = event.type.replace(/^call\./, '');
    if (!isKnown(event)) {
      const sentence = `of a kind that this version does not know (${event.type}, version ${event.schemaversion})`;
      return { at, seq: event.sequence, actor: '', type, sentence, kind: 'unknown' };
    }
    const names = this.#names();
    const sentence = sentenceOf(event, before, names);
    return { at, seq: event.sequence, actor: actorOf(event, names), type, sentence, kind: 'fact' };
  }

  refusal(event: CommandRejected): TimelineRow {
    const { actor } = event.data;
    return {
      at: this.#since(event.time),
      actor: actor.kind === 'user' ? nameOfUser(this.#names(), actor.userId) : 'the platform',
      type: 'refused',
      sentence: rejectionSentence(event),
      kind: 'refusal',
    };
  }

  #names(): CallView | undefined {
    return (this.#history?.seq ?? 0) > (this.#view?.seq ?? 0) ? this.#history : this.#view;
  }

  #since(time: string): number {
    const ms = msOfTime(time);
    this.#startedAt ??= ms;
    return ms - this.#startedAt;
  }
}

/** Facts in their order, refusals put between them by time. */
export function merged(
  facts: readonly CallEvent[],
  refusals: readonly CommandRejected[],
): (CallEvent | CommandRejected)[] {
  const waiting = refusals.toSorted((a, b) => msOfTime(a.time) - msOfTime(b.time));
  const all: (CallEvent | CommandRejected)[] = [];
  for (const fact of facts) {
    // The first fact stays first: a refusal by a skewed clock can not be before the call.
    while (all.length > 0 && waiting[0] !== undefined && waiting[0].time < fact.time)
      all.push(waiting.shift()!);
    all.push(fact);
  }
  return [...all, ...waiting];
}
