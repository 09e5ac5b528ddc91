export interface MaximumSearch {
  /** First rate tried. */
  readonly from: number;
  /** Between tries on the way up or down, at least 1.05: 1.5 where nothing is known, 1.1 where the last result is. */
  readonly factor: number;
  /** The answer is within this factor of a rate that did not hold. */
  readonly within: number;
  /** No rate above it is tried. */
  readonly max: number;
}

/**
 * The highest rate tried that held: up (or down) by a factor, then halving the interval on a logarithmic scale.
 *
 * @returns 0 where nothing held down to a thousandth of the first rate.
 */
export async function findMaximum(
  holds: (perSecond: number) => Promise<boolean>,
  { from, factor, within, max }: MaximumSearch,
): Promise<number> {
  let good = 0;
  let bad = Infinity;
  let rate = Math.min(from, max);
  while (rate >= from / 1_000) {
    if (await holds(Math.round(rate))) good = rate;
    else bad = rate;
    if (good >= max) break;
    if (good > 0 && bad < Infinity) {
      if (bad / good <= within) break;
      rate = Math.sqrt(good * bad);
    } else rate = good > 0 ? Math.min(good * factor, max) : bad / factor;
  }
  return Math.round(good);
}
