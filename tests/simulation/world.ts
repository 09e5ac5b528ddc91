import { createHash } from 'node:crypto';
import { Chance } from './chance.ts';
import { limits } from './limits.ts';

interface Step {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** The one clock, queue and diary of a simulation. One step at a time, and all promises that can settle do so between two. */
export class World {
  readonly chance: Chance;
  /** What was found wrong. The world stands still after the first. */
  readonly failures: string[] = [];
  steps = 0;
  #now = 0;
  #order = 0;
  readonly #queue: Step[] = [];
  readonly #lines: string[] = [];
  #unhashed: string[] = [];
  readonly #hash = createHash('sha256');

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  /** True time, which no process knows. Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Runs `task` in `delayMs`; the returned function takes that back. */
  after(delayMs: number, task: () => void): () => void {
    const step: Step = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run: task };
    push(this.#queue, step);
    return () => (step.run = undefined);
  }

  /** Step by step, until this moment, or until `done`, or until something is wrong. */
  async runUntil(endMs: number, done: () => boolean = () => false): Promise<void> {
    while (this.failures.length === 0 && !done()) {
      const next = this.#queue[0];
      if (next === undefined || next.at > endMs) {
        this.#now = endMs;
        return;
      }
      pop(this.#queue);
      if (next.run === undefined) continue;
      this.#now = next.at;
      if (++this.steps > limits.stepsMax)
        return this.fail(`more than ${limits.stepsMax} steps: something runs in circles`);
      try {
        next.run();
      } catch (error) {
        this.fail(`thrown out of a callback, which ends a process: ${describe(error)}`);
      }
      // A macrotask: every microtask has run by then, and those that came of it.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /**
   * A line of the diary.
   *
   * @param exact counted into the hash, not shown.
   */
  note(who: string, what: string, exact = ''): void {
    const line = `${this.#now.toFixed(3).padStart(11)}  ${who.padEnd(12)} ${what}`;
    this.#lines.push(line);
    if (this.#lines.length > 2 * limits.linesKept) this.#lines.splice(0, limits.linesKept);
    this.#unhashed.push(line, exact);
    if (this.#unhashed.length > 1_000) this.#flush();
  }

  fail(what: string): void {
    this.note('CHECK', what);
    this.failures.push(what);
  }

  /** The last lines of the diary. */
  lines(count: number): string[] {
    return this.#lines.slice(-count);
  }

  /** Of everything that was noted: equal exactly where all of it was. Ends the diary. */
  hash(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#unhashed.join('\n'));
    this.#unhashed = [];
  }
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A binary heap: soonest first, of equals the one that was there first. */
function push(heap: Step[], step: Step): void {
  let at = heap.length;
  heap.push(step);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(step, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = step;
}

function pop(heap: Step[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}

function isBefore(a: Step, b: Step): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
