import type { JoinMarks as Marks, Report, RouteKind } from '@ringback/schemas';
import type { Clock } from '../ports.ts';

/** How long it took from the call of `join` to somebody's first picture, step by step. Told once. */
export class JoinMarks {
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #marks: Marks = {};
  #isTold = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.now();
  }

  /** The first time counts. What was there before anybody asked took no time: it has no mark. */
  mark(name: keyof Marks, atMs: number = this.#clock.now()): void {
    if (atMs >= this.#startedAtMs) this.#marks[name] ??= atMs - this.#startedAtMs;
  }

  /** The report, once there is a first frame, and once only. */
  take(route: RouteKind): Report | undefined {
    if (this.#isTold || this.#marks.firstFrame === undefined) return undefined;
    this.#isTold = true;
    return { kind: 'join', route, marks: this.#marks };
  }
}
