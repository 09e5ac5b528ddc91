// What a platform may count on when nodes come and go, from 2 to 200 of them with 100 keys and more on each.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCap, place, placeOne, type LoadedNode } from './place.ts';

const nodes = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `node-${seed}-${i}` }));
const keys = (count: number, seed: number) => Array.from({ length: count }, (_, i) => `key-${seed}-${i}`);

function loads(placed: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of placed.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** 200 nodes and their 20,000 keys take half a second, so of the large ones there are few. */
const sizes = [
  ...[2, 3, 4, 5, 7, 10, 16, 25].flatMap((count) => [1, 2, 3, 4, 5].map((seed) => [count, seed] as const)),
  ...[40, 70, 100].flatMap((count) => [1, 2].map((seed) => [count, seed] as const)),
  [150, 1],
  [200, 2],
] as const;

describe('placement of many keys', () => {
  it.each(sizes)('on %i nodes, seed %i: nobody has too many, and few move when one goes', (count, seed) => {
    const each = 100 + seed;
    const all = nodes(count, seed);
    const before = place(keys(each * count, seed), all);
    const counts = loads(before);
    expect(before.size).toBe(each * count);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(Math.ceil(loadCap * each));
    // Whoever has most takes most away with it.
    const fullest = [...counts].sort(([, a], [, b]) => b - a)[0]![0];
    const after = place(
      [...before.keys()],
      all.filter(({ id }) => id !== fullest),
    );
    expect(after.size).toBe(each * count);
    expect(Math.max(...loads(after).values())).toBeLessThanOrEqual(
      Math.ceil((loadCap * each * count) / (count - 1)),
    );
    const moved = [...before].filter(([key, id]) => after.get(key) !== id).length;
    expect(moved / before.size).toBeLessThanOrEqual(1.5 / count);
  });
});

describe('placement of keys that come one by one', () => {
  const slack = 10;

  it('nobody has more than the cap, and where nobody is full each key has its place for good', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, seed) => {
        const load = new Map(nodes(count, seed).map(({ id }) => [id, 0]));
        const loaded = (): LoadedNode[] => [...load].map(([id, has]) => ({ id, load: has }));
        const all = keys(100 * count, seed);
        for (const key of all) {
          const id = placeOne(key, loaded(), slack)!;
          load.set(id, load.get(id)! + 1);
        }
        expect(Math.max(...load.values())).toBeLessThanOrEqual(Math.ceil(loadCap * 100));
        const idle = nodes(count, seed).map(({ id }) => ({ id, load: 0 }));
        const [gone, ...rest] = idle;
        for (const key of all.slice(0, 20)) {
          const before = placeOne(key, idle, slack);
          const after = placeOne(key, rest, slack);
          expect(placeOne(key, idle.toReversed(), slack)).toBe(before);
          if (before !== gone!.id) expect(after).toBe(before);
        }
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  it('agrees with the placement of many, as long as nobody is full', () => {
    const all = nodes(5, 7);
    for (const key of keys(100, 7))
      expect(
        placeOne(
          key,
          all.map(({ id }) => ({ id, load: 0 })),
          slack,
        ),
      ).toBe(place([key], all).get(key));
  });

  it('a node that is full by its share is passed over, one that has little is not', () => {
    const key = keys(50, 1).find(
      (k) =>
        placeOne(
          k,
          [
            { id: 'a', load: 0 },
            { id: 'b', load: 0 },
          ],
          slack,
        ) === 'a',
    )!;
    const on = (a: number, b: number) =>
      placeOne(
        key,
        [
          { id: 'a', load: a },
          { id: 'b', load: b },
        ],
        slack,
      );
    expect([on(9, 0), on(10, 0), on(100, 0), on(124, 75), on(126, 74)]).toEqual(['a', 'b', 'b', 'a', 'b']);
    expect(placeOne(key, [], slack)).toBeUndefined();
  });
});
