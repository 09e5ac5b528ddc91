import { describe, expect, it } from 'vitest';
import { allCases, chooseCases, kinds, moments } from './cases.ts';

describe('the kill matrix', () => {
  it('has every kind at every moment', () => {
    expect(allCases).toHaveLength(kinds.length * moments.length);
    expect(chooseCases(undefined)).toEqual(allCases);
  });

  it('can be narrowed to a kind, a moment or one case', () => {
    expect(chooseCases('edge').map((c) => c.moment)).toEqual(moments);
    expect(chooseCases('joining').map((c) => c.kind)).toEqual(kinds);
    expect(chooseCases('edge/joining')).toEqual([{ kind: 'edge', moment: 'joining' }]);
    expect(chooseCases('edgy')).toEqual([]);
  });
});
