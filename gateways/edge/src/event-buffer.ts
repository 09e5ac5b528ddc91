import type { CallEvent } from '@ringback/schemas';
import { textsOf } from './subscription.ts';

/** What many buffers keep together. */
export interface Keeping {
  bytes: number;
}

/**
 * Events by their sequence, bounded by number and by size. Kept as texts: a third of the memory that the events
 * themselves take, and nothing to look through for the garbage collector.
 */
export class EventBuffer {
  readonly #texts = new Map<number, string>();
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #together: Keeping;
  #bytes = 0;

  constructor(countMax: number, bytesMax: number, together: Keeping = { bytes: 0 }) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
    this.#together = together;
  }

  get size(): number {
    return this.#texts.size;
  }

  /** The sequence of the one put in first. */
  get first(): number | undefined {
    return this.#texts.keys().next().value;
  }

  /** Adds one where there is room. */
  add(event: CallEvent): void {
    const { full } = textsOf(event);
    if (this.#texts.has(event.sequence) || !this.#hasRoom(full)) return;
    this.#texts.set(event.sequence, full);
    this.#bytes += full.length;
    this.#together.bytes += full.length;
  }

  /** Adds one behind all others; those put in first make room for it. */
  push(event: CallEvent): void {
    if (this.#texts.has(event.sequence)) return;
    const { full } = textsOf(event);
    while (this.#texts.size > 0 && !this.#hasRoom(full)) this.#drop(this.first!);
    this.add(event);
  }

  take(sequence: number): CallEvent | undefined {
    const text = this.#drop(sequence);
    return text === undefined ? undefined : parse(text);
  }

  /** Forgets those up to here. */
  dropUpTo(sequence: number): void {
    for (const held of this.#texts.keys()) if (held <= sequence) this.#drop(held);
  }

  /** Forgets those put in first, down to this size. */
  cut(bytesMax: number): void {
    while (this.#bytes > bytesMax) this.#drop(this.first!);
  }

  /** Too much is kept in all: the older half goes. */
  halve(): void {
    this.cut(this.#bytes / 2);
  }

  /** Those behind this one, in the order they were put in. */
  *after(sequence: number): Iterable<CallEvent> {
    for (const [held, text] of this.#texts) if (held > sequence) yield parse(text);
  }

  #drop(sequence: number): string | undefined {
    const text = this.#texts.get(sequence);
    if (text === undefined) return undefined;
    this.#texts.delete(sequence);
    this.#bytes -= text.length;
    this.#together.bytes -= text.length;
    return text;
  }

  /** One alone always has: every event is shorter than any of these bounds. */
  #hasRoom(text: string): boolean {
    if (this.#texts.size === 0) return true;
    return this.#texts.size < this.#countMax && this.#bytes + text.length <= this.#bytesMax;
  }
}

function parse(text: string): CallEvent {
  return JSON.parse(text) as CallEvent;
}
