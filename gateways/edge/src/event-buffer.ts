import type { CallEvent } from '@ringback/schemas';
import { eventLength } from './subscription.ts';

/** Events by their sequence, bounded by number and by size. */
export class EventBuffer {
  readonly #events = new Map<number, CallEvent>();
  readonly #countMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
  }

  get size(): number {
    return this.#events.size;
  }

  /** The sequence of the one put in first. */
  get first(): number | undefined {
    return this.#events.keys().next().value;
  }

  /** Adds one where there is room. */
  add(event: CallEvent): void {
    if (this.#events.has(event.sequence) || !this.#hasRoom(event)) return;
    this.#events.set(event.sequence, event);
    this.#bytes += eventLength(event);
  }

  /** Adds one behind all others; those put in first make room for it. */
  push(event: CallEvent): void {
    if (this.#events.has(event.sequence)) return;
    while (this.#events.size > 0 && !this.#hasRoom(event)) this.take(this.first!);
    this.add(event);
  }

  take(sequence: number): CallEvent | undefined {
    const event = this.#events.get(sequence);
    if (event === undefined) return undefined;
    this.#events.delete(sequence);
    this.#bytes -= eventLength(event);
    return event;
  }

  /** Forgets those up to here. */
  dropUpTo(sequence: number): void {
    for (const held of this.#events.keys()) if (held <= sequence) this.take(held);
  }

  values(): Iterable<CallEvent> {
    return this.#events.values();
  }

  /** One alone always has: every event is shorter than any of these bounds. */
  #hasRoom(event: CallEvent): boolean {
    if (this.#events.size === 0) return true;
    return this.#events.size < this.#countMax && this.#bytes + eventLength(event) <= this.#bytesMax;
  }
}
