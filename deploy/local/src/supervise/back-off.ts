import { limits } from '../limits.ts';

export interface BackOffLimits {
  backOffMsMin: number;
  backOffMsMax: number;
  healthyAfterMs: number;
}

/** How long to wait before a process is started again: doubling with each death, from the start again after a healthy run. */
export class BackOff {
  #failures = 0;
  readonly #limits: BackOffLimits;

  constructor(own: BackOffLimits = limits) {
    this.#limits = own;
  }

  /** Deaths in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** @param ranMs how long the process lived @returns milliseconds to wait */
  afterDeath(ranMs: number): number {
    if (ranMs >= this.#limits.healthyAfterMs) this.#failures = 0;
    const wait = Math.min(this.#limits.backOffMsMin * 2 ** this.#failures, this.#limits.backOffMsMax);
    this.#failures++;
    return wait;
  }
}
