import { percentile } from '../stats.ts';

export interface WindowFigures {
  /** Actions of the measured part. */
  readonly sent: number;
  /** … that reached all three and, where replies are expected, were said to be done. */
  readonly completed: number;
  /** From when it was due until the last of the three has it. Milliseconds; NaN where nothing was completed. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Reached somebody twice, or was never sent. */
  readonly extra: number;
  /** Refused actions by code. */
  readonly refusals: Record<string, number>;
}

/** What became of the actions of one window; numbers outside it are extra. */
export class Tally {
  readonly #first: number;
  readonly #lead: number;
  readonly #due: Float64Array;
  readonly #latency: Float64Array;
  /** Deliveries that are missing, and the reply. */
  readonly #missing: Uint8Array;
  readonly #unreplied: Uint8Array;
  readonly #refusals = new Map<string, number>();
  #open: number;
  #extra = 0;

  /**
   * @param first number of its first action.
   * @param lead so many are not measured.
   */
  constructor(options: { first: number; lead: number; all: number; deliveries: number; replies: boolean }) {
    const { first, lead, all, deliveries, replies } = options;
    this.#first = first;
    this.#lead = lead;
    this.#due = new Float64Array(all);
    this.#latency = new Float64Array(all).fill(Number.NaN);
    this.#missing = new Uint8Array(all).fill(deliveries);
    this.#unreplied = new Uint8Array(all).fill(replies ? 1 : 0);
    this.#open = all;
  }

  /** Nothing is missing any more. */
  get complete(): boolean {
    return this.#open === 0;
  }

  sent(number: number, dueMs: number): void {
    this.#due[number - this.#first] = dueMs;
  }

  delivered(number: number, nowMs: number): void {
    const index = number - this.#first;
    const missing = this.#missing[index];
    if (missing === undefined || missing === 0) {
      this.#extra += 1;
      return;
    }
    this.#missing[index] = missing - 1;
    if (missing > 1) return;
    this.#latency[index] = nowMs - this.#due[index]!;
    if (this.#unreplied[index] === 0) this.#open -= 1;
  }

  replied(number: number, refusal: string | undefined): void {
    const index = number - this.#first;
    if (refusal !== undefined) this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1);
    else if (this.#unreplied[index] !== 1) this.#extra += 1;
    else {
      this.#unreplied[index] = 0;
      if (this.#missing[index] === 0) this.#open -= 1;
    }
  }

  figures(): WindowFigures {
    const measured = this.#latency.subarray(this.#lead);
    const replied = this.#unreplied.subarray(this.#lead);
    const latencies = measured.filter((ms, index) => !Number.isNaN(ms) && replied[index] === 0).sort();
    return {
      sent: measured.length,
      completed: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      extra: this.#extra,
      refusals: Object.fromEntries(this.#refusals),
    };
  }
}
