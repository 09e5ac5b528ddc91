import { describe, expect, it } from 'vitest';
import { median, medians, percentile } from './stats.ts';

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  it('is the value at the nearest rank', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([1, 2, 3], 0.5)).toBe(2);
  });

  it('is no number where nothing was measured', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('median', () => {
  it('is the middle one of an odd number, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is between the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('is no number where there are none', () => {
    expect(median([])).toBeNaN();
  });

  it('is taken name by name', () => {
    const runs = [
      { p50Ms: 1, p99Ms: 9 },
      { p50Ms: 3, p99Ms: 7 },
      { p50Ms: 2, p99Ms: 8 },
    ];
    expect(medians(runs)).toEqual({ p50Ms: 2, p99Ms: 8 });
  });
});
