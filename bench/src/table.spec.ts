import { describe, expect, it } from 'vitest';
import { rounded, table } from './table.ts';

describe('table', () => {
  it('lines columns up and leaves no spaces at the ends', () => {
    expect(
      table(
        ['what', 'ms'],
        [
          ['ours', 12.345],
          ['bare limit', 2],
        ],
      ),
    ).toBe(['what          ms', 'ours        12.3', 'bare limit     2'].join('\n'));
  });

  it('groups thousands and shows what was not measured as a dash', () => {
    expect(table(['a', 'b'], [['x', 16_384]])).toContain('16,400');
    expect(table(['a', 'b'], [['x', Number.NaN]])).toContain('-');
  });
});

describe('rounded', () => {
  it('keeps three digits', () => {
    expect([0.012345, 1.2345, 12_345, 0].map(rounded)).toEqual([0.0123, 1.23, 12_300, 0]);
  });
});
