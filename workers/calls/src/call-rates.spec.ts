import { ask, host, join, socketGone, uuid } from '@ringback/domain/testing';
import { describe, expect, it } from 'vitest';
import { CallRates } from './call-rates.ts';
import { limits } from './limits.ts';
import { create, stage, told } from './testing.ts';

describe('the rate of a call', () => {
  it('is a burst, then so many a second, each call for itself', () => {
    const rates = new CallRates(10);
    const taken = (call: string, now: number) => {
      let count = 0;
      while (rates.take(call, now)) count += 1;
      return count;
    };
    expect(taken('a', 0)).toBe(10 * limits.callBurstSeconds);
    expect(taken('a', 1_000)).toBe(10);
    expect(taken('a', 1_050)).toBe(0);
    expect(taken('a', 1_100)).toBe(1);
    expect(taken('b', 1_100)).toBe(10 * limits.callBurstSeconds);
    expect(taken('a', 60_000)).toBe(10 * limits.callBurstSeconds);
  });

  it('is forgotten once it is full again', () => {
    const rates = new CallRates(10);
    rates.take('a', 0);
    rates.prune(50);
    expect(rates.size).toBe(1);
    rates.prune(100);
    expect(rates.size).toBe(0);
  });
});

describe('a call of which too much is asked', () => {
  const burst = limits.callBurstSeconds;
  const lock = (n: number) =>
    ask(host, n % 2 === 0 ? 'call.lock' : 'call.unlock', {}, { id: uuid(0x100 + n) });
  /** Joined, and two left of one action a second. */
  const busy = async () => {
    const on = await stage(undefined, { callActionsPerSecond: 1 });
    on.send(create, join(host), ...Array.from({ length: burst - 1 }, (_, n) => lock(n)));
    await told(on, burst + 1);
    expect(on.replies().every((r) => r.ok)).toBe(true);
    return on;
  };

  it('refuses what is too much with a sentence, and does it when it is asked again', async () => {
    const on = await busy();
    on.send(lock(9));
    await told(on, burst + 2);
    expect(on.replies().at(-1)).toMatchObject({
      ok: false,
      error: { code: 'overloaded', message: expect.stringMatching(/\b1 actions a second.*Try again/) },
    });
    await on.pass(1_000);
    on.send(lock(9));
    await told(on, burst + 3);
    expect(on.replies().at(-1)).toMatchObject({ ok: true });
  });

  it('still knows what it did, and what the platform does is not held up', async () => {
    const on = await busy();
    // Its reply may have been lost: "overloaded" would say that it was not done.
    on.send(lock(0));
    await told(on, burst + 2);
    expect(on.replies().at(-1)).toMatchObject({ ok: true, seq: 3 });
    on.send(lock(9), { ...socketGone(host), id: uuid(0x200) });
    await told(on, burst + 4);
    expect(on.replies().slice(-2)).toMatchObject([
      { ok: false, error: { code: 'overloaded' } },
      { ok: true },
    ]);
  });
});
