import { limits } from './limits.ts';

/**
 * Does the silence of others mean anything? Not while the bus is away or we stood still, when we hear nobody,
 * ourselves included; and after that, or as a new owner, everybody gets their full time to say that they live.
 * All times are monotonic milliseconds.
 */
export class Hearing {
  /** Since when there was no break. */
  #since: number;
  #heardMyself: number;

  constructor(now: number) {
    this.#since = now;
    this.#heardMyself = now;
  }

  /** Our own sign of life came back to us. */
  heardMyself(now: number): void {
    if (now - this.#heardMyself > limits.deafMs) this.#since = now;
    this.#heardMyself = now;
  }

  canTellSilence(now: number): boolean {
    return now - this.#heardMyself <= limits.deafMs && now - this.#since > limits.gatewaySilentMs;
  }
}
