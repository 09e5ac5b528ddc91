import { describe, expect, it } from 'vitest';
import { findMaximum } from './find-maximum.ts';

describe('findMaximum', () => {
  const search = { from: 1_000, factor: 1.5, within: 1.1, max: 100_000 };

  it.each([300, 999, 1_000, 7_777, 54_321])('finds a limit of %i within a tenth', async (limit) => {
    const found = await findMaximum(async (rate) => rate <= limit, search);
    expect(found).toBeLessThanOrEqual(limit);
    expect(found).toBeGreaterThan(limit / 1.11);
  });

  it('tries nothing above the highest allowed', async () => {
    const tried: number[] = [];
    const found = await findMaximum(async (rate) => tried.push(rate) > 0, search);
    expect(found).toBe(100_000);
    expect(Math.max(...tried)).toBe(100_000);
  });

  it('gives up where nothing holds', async () => {
    expect(await findMaximum(async () => false, search)).toBe(0);
  });
});
