import { describe, expect, it } from 'vitest';
import { pageOrder, withSelf } from './page-order.ts';

const nobodyHeard = new Map<string, number>();
const five = ['a', 'b', 'c', 'd', 'e'];

describe('the order of tiles', () => {
  it('stays, with newcomers last and gaps closed', () => {
    expect(pageOrder(['b', 'a', 'c'], ['a', 'c', 'd'], 4, undefined, nobodyHeard)).toEqual(['a', 'c', 'd']);
  });

  it('is the very same where nothing changed', () => {
    expect(pageOrder(five, five, 3, 'b', nobodyHeard)).toBe(five);
  });

  it('brings who speaks to the first page in place of who was silent the longest', () => {
    const heard = new Map([
      ['a', 10],
      ['b', 5],
      ['c', 20],
    ]);
    expect(pageOrder(five, five, 3, 'e', heard)).toEqual(['a', 'e', 'c', 'd', 'b']);
  });

  it('takes the place of somebody who never spoke before that of anybody who did', () => {
    expect(pageOrder(five, five, 3, 'd', new Map([['c', 1]]))).toEqual(['a', 'd', 'c', 'b', 'e']);
  });

  it('does not move who speaks on the first page', () => {
    expect(pageOrder(five, five, 3, 'c', nobodyHeard)).toBe(five);
  });
});

describe('oneself', () => {
  it('is the last tile of the first page', () => {
    expect(withSelf(five, 'me', 3)).toEqual(['a', 'b', 'me', 'c', 'd', 'e']);
    expect(withSelf(['a'], 'me', 4)).toEqual(['a', 'me']);
    expect(withSelf([], 'me', 1)).toEqual(['me']);
    expect(withSelf(['a'], undefined, 4)).toEqual(['a']);
  });
});
