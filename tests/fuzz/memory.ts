import { limits } from './limits.ts';
import type { Memory } from './memory-probe.ts';

export interface Sample {
  readonly messages: number;
  readonly edge: Memory;
  readonly calls: Memory;
}

/**
 * Whether nothing stays behind: what each process holds at rest, after a collection, is what it held before the first
 * message, and the slack. While messages come there is more: an owner keeps a call for two minutes after its end, so its
 * heap follows the rate of calls and not their number.
 */
export function isFlat(samples: readonly Sample[]): boolean {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return false;
  const held = ({ heapUsed, external }: Memory) => heapUsed + external;
  return (['edge', 'calls'] as const).every(
    (name) => held(last[name]) <= held(first[name]) + limits.heapSlackBytes,
  );
}
