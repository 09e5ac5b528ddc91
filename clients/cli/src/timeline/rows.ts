import { evolveShown } from '@ringback/domain';
import {
  current,
  isKnown,
  msOfTime,
  type CallEvent,
  type CallView,
  type TelemetryEvent,
} from '@ringback/schemas';
import { reportSentence, sampledSentence } from './media-text.ts';
import { nameOf, nameOfUser } from './names.ts';
import { foldKnown } from '../known.ts';
import { actorOf, rejectionSentence, sentenceOf } from './sentence.ts';

/** One line of a timeline. */
export interface TimelineRow {
  /** Milliseconds since the call was made. */
  readonly at: number;
  /** Absent for telemetry: it is no fact and has no sequence. */
  readonly seq?: number;
  readonly actor: string;
  readonly type: string;
  readonly sentence: string;
  readonly kind: 'fact' | 'refusal' | 'measured' | 'unknown';
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

  fact(stored: CallEvent): TimelineRow {
    const event = current(stored);
    const before = this.#view;
    const at = this.#since(event.time);
    this.#view = evolveShown(before, event);
    const type = event.type.replace(/^call\./, '');
    if (!isKnown(event)) {
      const sentence = `of a kind that this version does not know (${event.type}, version ${event.schemaversion})`;
      return { at, seq: event.sequence, actor: '', type, sentence, kind: 'unknown' };
    }
    const names = this.#names();
    const sentence = sentenceOf(event, before, names);
    return { at, seq: event.sequence, actor: actorOf(event, names), type, sentence, kind: 'fact' };
  }

  telemetry(event: TelemetryEvent): TimelineRow {
    const at = this.#since(event.time);
    const names = this.#names();
    if (event.type === 'call.command.rejected') {
      const { actor } = event.data;
      const who = actor.kind === 'user' ? nameOfUser(names, actor.userId) : 'the platform';
      return { at, actor: who, type: 'refused', sentence: rejectionSentence(event), kind: 'refusal' };
    }
    const sentence =
      event.type === 'call.client.reported' ? reportSentence(event, names) : sampledSentence(event);
    const type = event.type.replace(/^call\./, '');
    return { at, actor: nameOf(names, event.data.participantId), type, sentence, kind: 'measured' };
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

/** Measured again and again, as opposed to what happened. */
export function isSample(event: TelemetryEvent): boolean {
  return (
    event.type === 'call.transport.sampled' ||
    (event.type === 'call.client.reported' && event.data.report.kind === 'quality')
  );
}

/** Facts in their order, telemetry put between them by time. */
export function merged(
  facts: readonly CallEvent[],
  telemetry: readonly TelemetryEvent[],
): (CallEvent | TelemetryEvent)[] {
  const waiting = telemetry.toSorted((a, b) => msOfTime(a.time) - msOfTime(b.time));
  const all: (CallEvent | TelemetryEvent)[] = [];
  let next = 0;
  for (const fact of facts) {
    // The first fact stays first: a refusal by a skewed clock can not be before the call.
    while (all.length > 0 && waiting[next] !== undefined && waiting[next]!.time < fact.time)
      all.push(waiting[next++]!);
    all.push(fact);
  }
  return [...all, ...waiting.slice(next)];
}

export function isFact(event: CallEvent | TelemetryEvent): event is CallEvent {
  return 'sequence' in event;
}
