/** Milliseconds since 1970, both. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What was concealed of a sound until then, in samples since it was first looked at. */
export interface Heard {
  readonly at: number;
  readonly concealed: number;
}

/** Just before it, and as long; not longer than nothing happened there. */
export function windowBefore({ from, to }: Window, msMax: number): Window {
  return { from: from - Math.min(to - from, msMax), to: from };
}

/**
 * The longest time without a new frame that reaches into the window, whole, wherever it begins and ends. A picture that
 * has not come back lasts until the window ends.
 *
 * @param frames when they were shown, in any order. NaN where there is none up to the window's end.
 */
export function longestGap(frames: readonly number[], { from, to }: Window): number {
  const shown = frames.toSorted((a, b) => a - b);
  const last = shown.at(-1);
  if (last === undefined || shown[0]! >= to) return Number.NaN;
  const ends = last < to ? [...shown, to] : shown;
  let longest = 0;
  for (let index = 1; index < ends.length; index++) {
    const [begin, end] = [ends[index - 1]!, ends[index]!];
    if (end > from && begin < to) longest = Math.max(longest, end - begin);
  }
  return longest;
}

/** Samples concealed in the window, to the looks next outside of it. NaN where nobody looked. */
export function concealedIn(heard: readonly Heard[], { from, to }: Window): number {
  const before = heard.findLast(({ at }) => at <= from);
  const after = heard.find(({ at }) => at >= to);
  if (before === undefined || after === undefined) return Number.NaN;
  return after.concealed - before.concealed;
}
