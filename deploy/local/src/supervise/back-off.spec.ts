import { describe, expect, it } from 'vitest';
import { BackOff } from './back-off.ts';

const limits = { backOffMsMin: 250, backOffMsMax: 10_000, healthyAfterMs: 30_000 };

describe('the wait before a process comes back', () => {
  it('doubles up to its bound', () => {
    const backOff = new BackOff(limits);
    const waits = Array.from({ length: 8 }, () => backOff.afterDeath(10));
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(backOff.failures).toBe(8);
  });

  it('starts again after a healthy run', () => {
    const backOff = new BackOff(limits);
    backOff.afterDeath(10);
    backOff.afterDeath(29_999);
    expect(backOff.afterDeath(30_000)).toBe(250);
    expect(backOff.failures).toBe(1);
  });
});
