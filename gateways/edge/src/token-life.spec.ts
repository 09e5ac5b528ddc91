import { ManualClock } from '@ringback/runtime';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { TokenLife } from './token-life.ts';

const lookMs = limits.heartbeatMs / 4;

/** A token with so much time left, looked at as the heartbeat does. */
function stage(leftMs: number) {
  const clock = new ManualClock(1_763_576_674_816);
  const heard: string[] = [];
  const life = new TokenLife(clock, {
    expiring: (_, left) => heard.push(`${left} ms left`),
    expired: () => heard.push(`over at ${clock.now() - began}`),
  });
  const began = clock.now();
  life.begin(began + leftMs);
  /** So many milliseconds, or a look more. */
  const pass = (ms: number) => {
    for (const end = clock.now() + ms; clock.now() < end;) {
      clock.advance(lookMs);
      life.look();
    }
  };
  return { clock, life, heard, pass, began };
}

describe('TokenLife', () => {
  it('is looked at more often than its last timer is long', () => {
    expect(lookMs + lookMs / limits.heartbeatSteps).toBeLessThan(limits.tokenEndMs);
  });

  it('tells once that it ends soon, and ends at its millisecond', () => {
    const { heard, pass } = stage(limits.tokenExpiringMs + 10_001);
    pass(10_000);
    expect(heard).toEqual([]);
    pass(lookMs);
    expect(heard).toEqual([`${limits.tokenExpiringMs + 1 - lookMs} ms left`]);
    pass(limits.tokenExpiringMs);
    expect(heard.slice(1)).toEqual([`over at ${limits.tokenExpiringMs + 10_001}`]);
  });

  it('that is short tells at once', () => {
    const { heard, clock } = stage(1_000);
    expect(heard).toEqual(['1000 ms left']);
    clock.advance(999);
    expect(heard).toHaveLength(1);
    clock.advance(1);
    expect(heard).toEqual(['1000 ms left', 'over at 1000']);
  });

  it('begins anew with another token, which is told of for itself', () => {
    const { heard, life, pass, began } = stage(1_000);
    life.begin(began + 3_600_000);
    pass(3_400_000);
    expect(heard).toEqual(['1000 ms left']);
    pass(200_000);
    expect(heard).toHaveLength(3);
    expect(heard[2]).toBe('over at 3600000');
  });

  it('that outlives every timer (24.8 days) is left alone, and one that is stopped is quiet', () => {
    const { heard, life, clock } = stage(90 * 24 * 3_600_000);
    life.look();
    clock.advance(limits.tokenEndMs);
    expect(heard).toEqual([]);
    const short = stage(1_000);
    short.life.stop();
    short.clock.advance(10_000);
    expect(short.heard).toEqual(['1000 ms left']);
    expect(life.isOver).toBe(false);
  });
});
