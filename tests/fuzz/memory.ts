import { limits } from './limits.ts';
import type { Memory } from './memory-probe.ts';

export interface Sample {
  readonly messages: number;
  readonly edge: Memory;
  readonly calls: Memory;
}

/**
 * Whether memory stands still: what each process holds after a collection does not grow from the second third of a run
 * to the last. The first third does not count: an owner keeps calls for two minutes after their end, a gateway what it knows
 * of 10,000 addresses and users, and both fill up from nothing. A leak of 100 bytes a message is 33 MB in a third of a million.
 */
export function isFlat(samples: readonly Sample[]): boolean {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return false;
  return (['edge', 'calls'] as const).every((name) => {
    const largest = (part: readonly Sample[]) =>
      Math.max(...part.map((sample) => sample[name].heapUsed + sample[name].external));
    const before = largest(samples.slice(third, 2 * third));
    return largest(samples.slice(2 * third)) <= before * (1 + limits.heapGrowth) + limits.heapSlackBytes;
  });
}
