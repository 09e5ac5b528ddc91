/** The word that was probably meant, or nothing where none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  // One slip in a short word, two or three in a long one.
  const reach = Math.max(1, Math.floor(word.length / 3));
  const ranked = words
    .map((candidate) => ({ candidate, steps: distance(word, candidate) }))
    .filter(({ candidate, steps }) => steps <= reach || (word.length > 1 && candidate.startsWith(word)))
    .toSorted((a, b) => a.steps - b.steps);
  return ranked[0]?.candidate;
}

/** Damerau-Levenshtein (optimal string alignment): swapped neighbours are one slip. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1;
      let steps = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + differs);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) steps = Math.min(steps, before[column - 2]! + 1);
      current.push(steps);
    }
    before = above;
    above = current;
  }
  return above[b.length]!;
}
