import { describe, expect, it } from 'vitest';
import { makeStore, readJson } from './storage.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';

describe('storage', () => {
  it('keeps values for the page when the browser refuses to store them', () => {
    const store = makeStore(() => {
      throw new Error('blocked');
    });
    store.set('a', '1');
    expect(store.get('a')).toBe('1');
    store.remove('a');
    expect(store.get('a')).toBeUndefined();
  });

  it('reads as absent what is not JSON or has another shape', () => {
    const store = makeStore(() => {
      throw new Error('blocked');
    });
    store.set('a', '{');
    store.set('b', '"text"');
    store.set('c', '7');
    expect(readJson(store, 'a', isNumber)).toBeUndefined();
    expect(readJson(store, 'b', isNumber)).toBeUndefined();
    expect(readJson(store, 'c', isNumber)).toBe(7);
  });
});
