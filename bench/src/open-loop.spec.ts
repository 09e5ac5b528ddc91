import { expect, it } from 'vitest';
import { countsOf, openLoop } from './open-loop.ts';

it('counts what is sent before and in the measured part', () => {
  expect(countsOf({ perSecond: 1_000, leadMs: 500, ms: 2_000 })).toEqual({ lead: 500, all: 2_500 });
  expect(countsOf({ perSecond: 1, leadMs: 0, ms: 10 })).toEqual({ lead: 0, all: 1 });
});

it('keeps to the due times though the sender stalls', async () => {
  const dues: number[] = [];
  const seen: (number | 'measure')[] = [];
  await openLoop({
    perSecond: 2_000,
    leadMs: 5,
    ms: 20,
    measure: () => seen.push('measure'),
    send: (index, dueMs) => {
      dues.push(dueMs);
      seen.push(index);
      const until = performance.now() + (index === 3 ? 8 : 0);
      while (performance.now() < until);
    },
  });
  expect(dues).toHaveLength(50);
  expect(seen.indexOf('measure')).toBe(10);
  const gaps = dues.slice(1).map((due, index) => due - dues[index]!);
  for (const gap of gaps) expect(gap).toBeCloseTo(0.5, 5);
});
