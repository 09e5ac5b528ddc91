import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCap, place, type PlacementNode } from './place.ts';

const names = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}-${i}`);
const nodesOf = (ids: readonly string[]): PlacementNode[] => ids.map((id) => ({ id }));

function loads(placed: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of placed.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function moved(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  return [...before].filter(([key, id]) => after.get(key) !== id).length;
}

/** Nodes with names of every kind, as many as a large platform has workers. */
const someNodes = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 12 });

describe('placement', () => {
  it('places every key, and nobody has more than the cap', () => {
    fc.assert(
      fc.property(someNodes, fc.integer({ min: 0, max: 400 }), (ids, count) => {
        const placed = place(names(count, 'key'), nodesOf(ids));
        expect(placed.size).toBe(count);
        for (const load of loads(placed).values())
          expect(load).toBeLessThanOrEqual(Math.ceil((loadCap * count) / ids.length));
      }),
      { numRuns: 50 },
    );
  });

  it('at 100 keys a node: when one of n leaves, at most 1.5/n of the keys move; the same when it comes', () => {
    fc.assert(
      fc.property(someNodes, fc.nat(), fc.integer({ min: 100, max: 120 }), (ids, which, each) => {
        const keys = names(each * ids.length, 'key');
        const leaver = ids[which % ids.length];
        const all = place(keys, nodesOf(ids));
        const left = place(keys, nodesOf(ids.filter((id) => id !== leaver)));
        expect(moved(all, left)).toBeLessThanOrEqual((1.5 * keys.length) / ids.length);
      }),
      { numRuns: 100 },
    );
  });

  it('does not depend on the order of keys and nodes, nor on doubles', () => {
    const shuffled = fc
      .tuple(someNodes, fc.integer({ min: 1, max: 60 }))
      .chain(([ids, count]) =>
        fc.tuple(
          fc.constant([names(count, 'key'), ids] as const),
          fc.shuffledSubarray(names(count, 'key'), { minLength: count }),
          fc.shuffledSubarray(ids, { minLength: ids.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([[keys, ids], otherKeys, otherIds]) => {
        const placed = place(keys, nodesOf(ids));
        const again = place([...otherKeys, keys[0]!], nodesOf([...otherIds, ids[0]!]));
        expect(moved(placed, again)).toBe(0);
        expect(again.size).toBe(placed.size);
      }),
      { numRuns: 50 },
    );
  });

  it('follows the weights', () => {
    const weighted = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 2 },
      { id: 'c', weight: 5 },
    ];
    const placed = loads(place(names(8_000, 'key'), weighted));
    // Three standard deviations of a binomial, 1,000 and 2,000 of 8,000.
    expect(Math.abs(placed.get('a')! - 1_000)).toBeLessThan(90);
    expect(Math.abs(placed.get('b')! - 2_000)).toBeLessThan(117);
    for (const weight of [0, -1, Number.NaN, Infinity])
      expect(() => place(['k'], [{ id: 'a', weight }])).toThrow('weight of node a');
  });

  it('is the same on every machine and in every version', () => {
    // Changed, workers of two versions would take partitions from each other during an update.
    expect([...place(names(4, 'key'), nodesOf(['a', 'b']))].sort()).toMatchInlineSnapshot(`
      [
        [
          "key-0",
          "a",
        ],
        [
          "key-1",
          "b",
        ],
        [
          "key-2",
          "b",
        ],
        [
          "key-3",
          "b",
        ],
      ]
    `);
  });

  it('without nodes there is none', () => {
    expect(place(['a'], []).size).toBe(0);
  });
});
