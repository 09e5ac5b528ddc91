import type { Clock, Timer } from '../ports.ts';

interface Waiting {
  atMs: number;
  order: number;
  run: () => void;
}

/** Lets every promise that can settle do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Time that passes when told. */
export class FakeClock implements Clock {
  #nowMs = 1_800_000_000_000;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#nowMs;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const waiting = { atMs: this.#nowMs + delayMs, order: this.#order++, run };
    this.#waiting.add(waiting);
    return waiting;
  }

  clearTimeout(timer: Timer): void {
    this.#waiting.delete(timer as Waiting);
  }

  /** Timers that are set: none may be left after a close. */
  get timers(): number {
    return this.#waiting.size;
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#waiting.delete(next);
      this.#nowMs = next.atMs;
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** The machine sleeps: the wall clock goes on, timers do not. */
  sleep(ms: number): void {
    this.#nowMs += ms;
    for (const waiting of this.#waiting) waiting.atMs += ms;
  }

  #next(endMs: number): Waiting | undefined {
    return [...this.#waiting]
      .filter((w) => w.atMs <= endMs)
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  }
}
