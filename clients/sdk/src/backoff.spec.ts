import { describe, expect, it } from 'vitest';
import { planFor, reconnectDelayMs } from './backoff.ts';

describe('what a close code means', () => {
  it.each([
    [4000, 'never'],
    [4003, 'never'],
    [4099, 'never'],
    [4001, 'slow'],
    [4100, 'slow'],
    [4199, 'slow'],
    [4200, 'now'],
    [4299, 'now'],
    [1000, 'usual'],
    [1006, 'usual'],
    [4300, 'usual'],
  ] as const)('%i: %s', (code, plan) => expect(planFor(code)).toBe(plan));
});

describe('how long to wait', () => {
  it('doubles its limit from 250 ms, to 3 s for ten tries and to 10 s after those, with full jitter', () => {
    const limitOf = (attempt: number) => reconnectDelayMs('usual', attempt, undefined, 1);
    expect([0, 1, 2, 3, 4, 9].map(limitOf)).toEqual([250, 500, 1_000, 2_000, 3_000, 3_000]);
    expect([10, 11, 2_000].map(limitOf)).toEqual([6_000, 10_000, 10_000]);
    expect(reconnectDelayMs('usual', 6, undefined, 0)).toBe(0);
  });

  it('is never short after "come back after a pause"', () => {
    expect(reconnectDelayMs('slow', 0, undefined, 0)).toBe(1_000);
    expect(reconnectDelayMs('slow', 0, undefined, 1)).toBe(2_000);
    expect(reconnectDelayMs('slow', 9, undefined, 1)).toBe(3_000);
    expect(reconnectDelayMs('slow', 20, undefined, 1)).toBe(10_000);
  });

  it('is short after "come back now", but only the first time', () => {
    expect(reconnectDelayMs('now', 0, undefined, 1)).toBe(250);
    expect(reconnectDelayMs('now', 3, undefined, 1)).toBe(2_000);
  });

  it('is what the gateway asked for, within reason', () => {
    expect(reconnectDelayMs('now', 3, 7_777, 0.5)).toBe(7_777);
    expect(reconnectDelayMs('now', 3, 2 ** 40, 0.5)).toBe(60_000);
  });
});
