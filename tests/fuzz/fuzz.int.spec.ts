import { describe, expect, it } from 'vitest';
import { fuzzBus } from './bus.ts';
import { fuzz } from './fuzz.ts';
import { limits } from './limits.ts';
import { isFlat, type Sample } from './memory.ts';

describe('whatever a client sends', () => {
  it.each([1, 2])(
    '5,000 messages, seed %i: each is answered once, nothing breaks',
    { timeout: 180_000 },
    async (seed) => {
      const { told, messages, replies } = await fuzz({ messages: 5_000, seed });
      expect(told).toEqual([]);
      expect(messages).toBeGreaterThanOrEqual(5_000);
      // Else it was no more than noise, or no noise at all.
      for (const code of [
        'ok',
        'invalid',
        'malformed',
        'call_unknown',
        'not_permitted',
        'http 200',
        'http invalid',
      ])
        expect(replies[code], code).toBeGreaterThan(0);
    },
  );

  it(
    "3,000 messages between gateways and workers: what is wrong is counted, told a few times, and in nobody's way",
    { timeout: 120_000 },
    async () => {
      const { told, messages, counted, lines } = await fuzzBus({ messages: 3_000, seed: 1 });
      expect(told).toEqual([]);
      expect(messages).toBeGreaterThanOrEqual(3_000);
      for (const subject of ['ask', 'beat', 'cmd', 'hand', 'head', 'worker'])
        expect(counted.calls[subject], subject).toBeGreaterThan(0);
      for (const subject of ['beat', 'feed', 'head'])
        expect(counted.edge[subject], subject).toBeGreaterThan(0);
      expect(lines).toBeGreaterThan(0);
      expect(lines).toBeLessThan(limits.busLinesMax);
    },
  );

  it('memory that grows is seen', () => {
    const run = (heap: (n: number) => number): Sample[] =>
      Array.from({ length: 30 }, (_, n) => {
        const memory = { heapUsed: heap(n), external: 0, rss: 0 };
        return { messages: n, edge: memory, calls: memory };
      });
    const mb = 2 ** 20;
    expect(isFlat(run(() => 30 * mb))).toBe(true);
    // What comes goes again.
    expect(isFlat(run((n) => (n < 29 ? 30 + 10 * n : 40) * mb))).toBe(true);
    expect(isFlat(run((n) => (30 + n) * mb))).toBe(false);
    expect(isFlat([])).toBe(false);
  });
});
