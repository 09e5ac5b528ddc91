import { callId, uuid } from '@ringback/domain/testing';
import type { ClientMessage } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { CostlyRateLimit, KeyedRateLimit, RateLimit, subscriberOf } from './rate-limit.ts';

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

describe('subscriberOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('%s counts as %s', (address, key) => {
    expect(subscriberOf(address)).toBe(key);
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

describe('CostlyRateLimit', () => {
  const report = { direction: 'send', epoch: 1, state: 'failed' } as const;
  const restart = (id = callId): ClientMessage => ({
    ...{ type: 'call.transport', id: uuid(1), callId: id },
    data: { ...report, restart: true },
  });
  const produce: ClientMessage = {
    ...{ type: 'call.produce', id: uuid(1), callId },
    data: { epoch: 1, producers: [] },
  };

  it('holds back what makes the Call Server work, for each call alone, and nothing else', () => {
    const limit = new CostlyRateLimit();
    const allowed = (message: ClientMessage, now: number) =>
      Array.from({ length: limits.costlyBurst + 5 }, () => limit.allows(message, now)).filter(Boolean).length;
    expect(allowed(restart(), 0)).toBe(limits.costlyBurst);
    expect(allowed(produce, 0)).toBe(0);
    expect(allowed({ ...restart(), data: report } as ClientMessage, 0)).toBe(limits.costlyBurst + 5);
    expect(allowed(restart(`04${callId.slice(2)}`), 0)).toBe(limits.costlyBurst);
    expect(allowed(produce, 1_000)).toBe(limits.costlyPerSecond);
  });
});
