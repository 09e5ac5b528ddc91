import { limits } from './limits.ts';

interface Bucket {
  tokens: number;
  /** Monotonic milliseconds. */
  filledAt: number;
}

/** How much is asked of each call: a token bucket a call, for as long as it is not full. */
export class CallRates {
  /** For the person whose command was one too many. */
  readonly sentence: string;
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#burst = perSecond * limits.callBurstSeconds;
    this.sentence = `This call has more to do than the ${perSecond} actions a second that one call may have. Try again in a second.`;
  }

  /** @param now monotonic milliseconds. */
  take(callId: string, now: number): boolean {
    let bucket = this.#buckets.get(callId);
    if (bucket === undefined) this.#buckets.set(callId, (bucket = { tokens: this.#burst, filledAt: now }));
    bucket.tokens = this.#filled(bucket, now);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Forgets the calls that nothing was asked of for a while: their buckets are full again. */
  prune(now: number): void {
    for (const [callId, bucket] of this.#buckets)
      if (this.#filled(bucket, now) >= this.#burst) this.#buckets.delete(callId);
  }

  /** Calls that are counted now. */
  get size(): number {
    return this.#buckets.size;
  }

  #filled({ tokens, filledAt }: Bucket, now: number): number {
    return Math.min(this.#burst, tokens + ((now - filledAt) / 1_000) * this.#perSecond);
  }
}
