import { limits } from '@ringback/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addRecent,
  findRecent,
  packRecent,
  recentOf,
  replaceRecent,
  unpackRecent,
  withRecent,
  type RecentCommands,
} from './recent.ts';

const any = () => true;

it('exactly the last ones are found, whatever their ids, and hardly more are kept', () => {
  const id = fc.oneof(fc.uuid(), fc.nat(200).map(String));
  fc.assert(
    fc.property(fc.array(id, { minLength: 1, maxLength: 1_500 }), (ids) => {
      let commands: RecentCommands | undefined;
      for (const [i, one] of ids.entries()) commands = addRecent(commands, 'a', { id: one, seq: i + 1 });
      const last = ids.slice(-limits.recentCommandsMax);
      for (const one of new Set(ids)) {
        const found = findRecent(commands!, one, any);
        expect(found?.seq).toBe(
          last.includes(one) ? ids.length - last.length + last.indexOf(one) + 1 : undefined,
        );
      }
      const kept = commands!.buckets.flatMap((bucket) => bucket.commands).length;
      expect(kept).toBeLessThan(limits.recentCommandsMax + commands!.buckets.length);
      expect(JSON.parse(JSON.stringify(commands))).toEqual(commands);
      expect(unpackRecent(JSON.parse(JSON.stringify(packRecent([commands!]))))).toEqual([commands]);
    }),
    { numRuns: 30 },
  );
});

it('a reply is moved on without touching any other', () => {
  const one = addRecent(undefined, 'a', { id: 'a', seq: 1 });
  const two = addRecent(one, 'a', { id: 'b', seq: 2 });
  const moved = replaceRecent(two, findRecent(two, 'b', any)!, 3);
  expect([findRecent(moved, 'a', any)?.seq, findRecent(moved, 'b', any)?.seq]).toEqual([1, 3]);
  expect(findRecent(two, 'b', any)?.seq).toBe(2);
});

it('everybody has commands of their own', () => {
  const [a, b] = ['a', 'b'].map((actor) => addRecent(undefined, actor, { id: '1', seq: 1 })) as [
    RecentCommands,
    RecentCommands,
  ];
  const both = withRecent(withRecent([], a), b);
  const more = addRecent(recentOf(both, 'a'), 'a', { id: '2', seq: 2 });
  expect(withRecent(both, more)).toEqual([more, b]);
  expect(both).toEqual([a, b]);
  expect(recentOf(both, 'c')).toBeUndefined();
});
