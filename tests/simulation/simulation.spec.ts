import { describe, expect, it } from 'vitest';
import { catchPlants } from './canaries.ts';
import { plants } from './plant.ts';
import { simulate } from './simulate.ts';

/** In tens. What one core does in about half a minute. */
const tens = Array.from({ length: 25 }, (_, i) => 10 * i);

describe('the platform in simulated trouble', () => {
  it.each(tens)('ten seeds after %i', { timeout: 120_000 }, async (before) => {
    for (let seed = before + 1; seed <= before + 10; seed++) {
      const { failure, figures } = await simulate(seed);
      expect(failure, `npm run sim -- --seed ${seed}`).toBeUndefined();
      expect(figures.events).toBeGreaterThan(0);
    }
  });

  it('the same seed is the same to the last byte', { timeout: 60_000 }, async () => {
    const runs = [await simulate(7), await simulate(8), await simulate(7)];
    expect(runs[2]).toEqual(runs[0]);
    expect(runs[1]!.hash).not.toBe(runs[0]!.hash);
  });

  it('every planted bug is found', { timeout: 120_000 }, async () => {
    const found = (await catchPlants()).filter(({ seed }) => seed !== undefined);
    expect(found.map(({ name }) => name)).toEqual(Object.keys(plants));
  });
});
