import { isIP } from 'node:net';
import type { ClientMessage } from '@ringback/schemas';
import { limits } from './limits.ts';

/** A token bucket (capacity `burst`, refilled at `perSecond`). */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one token; false where there is none. `now` in milliseconds. */
  take(now: number): boolean {
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + (Math.max(0, now - this.#at) / 1_000) * this.#perSecond,
    );
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** One bucket a key, for as many keys as fit; the one unused longest is forgotten first. */
export class KeyedRateLimit {
  readonly #buckets = new Map<string, RateLimit>();
  readonly #make: (now: number) => RateLimit;
  readonly #keysMax: number;

  constructor(perSecond: number, burst: number, keysMax: number) {
    this.#make = (now) => new RateLimit(perSecond, burst, now);
    this.#keysMax = keysMax;
  }

  take(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? this.#make(now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#keysMax) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket.take(now);
  }
}

/**
 * By what a limit counts an address, in one spelling as TrustedProxies gives it: an IPv6 subscriber has a /64 at least
 * (RFC 6177) and may use any address of it, each for one request.
 */
export function subscriberOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head, tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - head!.length - tail.length }, () => '0');
  return `${[...head!, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}

/** What makes the Call Server work and the log grow, each time it is asked: a bucket of its own for each call. */
export class CostlyRateLimit {
  /** Most sessions never ask for any of it. */
  #calls: KeyedRateLimit | undefined;

  allows(message: ClientMessage, now: number): boolean {
    const isCostly =
      message.type === 'call.produce' || (message.type === 'call.transport' && message.data.restart === true);
    if (!isCostly) return true;
    this.#calls ??= new KeyedRateLimit(limits.costlyPerSecond, limits.costlyBurst, limits.callsPerSocketMax);
    return this.#calls.take(message.callId, now);
  }
}
