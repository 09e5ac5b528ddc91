import { ManualClock } from '@ringback/runtime';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { TurnProbe } from './readiness.ts';

describe('TurnProbe', () => {
  it('asks once at a time, and not again for a while', async () => {
    const clock = new ManualClock(0);
    let asked = 0;
    let answer = false;
    const probe = new TurnProbe(3478, clock, async (host, port, timeoutMs) => {
      expect([host, port, timeoutMs]).toEqual(['127.0.0.1', 3478, limits.stunMs]);
      asked += 1;
      return answer;
    });
    expect(await Promise.all([probe.answers(), probe.answers()])).toEqual([false, false]);
    answer = true;
    clock.advance(limits.stunFreshMs - 1);
    expect(await probe.answers()).toBe(false);
    expect(asked).toBe(1);
    clock.advance(1);
    expect(await probe.answers()).toBe(true);
    expect(asked).toBe(2);
  });
});
