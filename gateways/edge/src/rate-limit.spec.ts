import { describe, expect, it } from 'vitest';
import { KeyedRateLimit, RateLimit } from './rate-limit.ts';

const takes = (limit: { take(now: number): boolean }, count: number, now: number) =>
  Array.from({ length: count }, () => limit.take(now)).filter(Boolean).length;

describe('RateLimit', () => {
  it('admits a burst, then as many a second as it refills', () => {
    const limit = new RateLimit(10, 5, 0);
    expect(takes(limit, 9, 0)).toBe(5);
    expect(takes(limit, 9, 99)).toBe(0);
    expect(takes(limit, 9, 100)).toBe(1);
    expect(takes(limit, 9, 400)).toBe(3);
  });

  it('never holds more than a burst, and a clock that goes back gives nothing', () => {
    const limit = new RateLimit(10, 5, 0);
    expect(takes(limit, 9, 3_600_000)).toBe(5);
    expect(takes(limit, 9, 0)).toBe(0);
  });
});

describe('KeyedRateLimit', () => {
  it('counts for each key alone', () => {
    const limit = new KeyedRateLimit(1, 2, 10);
    expect([limit.take('a', 0), limit.take('a', 0), limit.take('a', 0), limit.take('b', 0)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('forgets the key unused longest where there are too many', () => {
    const limit = new KeyedRateLimit(1, 1, 2);
    for (const key of ['a', 'b', 'a', 'c']) limit.take(key, 0);
    expect(limit.take('a', 0)).toBe(false);
    expect(limit.take('b', 0)).toBe(true);
  });
});
