import type { CallEvent } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { Written } from './written.ts';

interface Kept {
  readonly sequence: number;
  readonly text: string;
  readonly bytes: number;
}

/** What the calls of one partition keep together. */
export interface Keeping {
  bytes: number;
}

/**
 * The last events of a call, without a gap up to the head, for those who ask again. As texts: a third of the memory
 * that the events themselves take, and nothing to look through for the garbage collector.
 */
export class RecentEvents {
  #kept: Kept[] = [];
  #bytes = 0;
  readonly #together: Keeping;

  constructor(together: Keeping) {
    this.#together = together;
  }

  get length(): number {
    return this.#kept.length;
  }

  push({ event: { sequence }, text, bytes }: Written): void {
    this.#kept.push({ sequence, text, bytes });
    this.#bytes += bytes;
    this.#together.bytes += bytes;
    const { recentEventsPerCallMax, recentBytesPerCallMax } = limits;
    // To half of what is allowed, so that the cost of a cut is spread over many events.
    if (this.#kept.length > 2 * recentEventsPerCallMax || this.#bytes > 2 * recentBytesPerCallMax)
      this.#cut(recentEventsPerCallMax, recentBytesPerCallMax);
  }

  clear(): void {
    this.#cut(0, 0);
  }

  /** Too much is kept in all: the older half goes. */
  halve(): void {
    this.#cut(this.#kept.length >> 1, this.#bytes);
  }

  /** Those behind `after`: so many at most, and together no longer than an answer may be. */
  after(after: number, limit: number): CallEvent[] {
    const events: CallEvent[] = [];
    let sum = 0;
    for (const { sequence, text, bytes } of this.#kept) {
      if (sequence <= after) continue;
      sum += bytes;
      if (events.length >= limit || (events.length > 0 && sum > limits.answerBytesMax)) break;
      events.push(JSON.parse(text) as CallEvent);
    }
    return events;
  }

  #cut(eventsMax: number, bytesMax: number): void {
    let sum = 0;
    let from = this.#kept.length;
    while (from > 0 && this.#kept.length - from < eventsMax) {
      const { bytes } = this.#kept[from - 1]!;
      if (sum + bytes > bytesMax) break;
      sum += bytes;
      from -= 1;
    }
    this.#kept = this.#kept.slice(from);
    this.#together.bytes -= this.#bytes - sum;
    this.#bytes = sum;
  }
}
