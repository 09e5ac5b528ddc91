/** Who was heard last, and when: `heardAt` in milliseconds of any steady clock. */
export type HeardAt = ReadonlyMap<string, number>;

/**
 * The order of tiles. Stable: newcomers come last, who leaves makes room. Only who speaks (long enough to be the
 * active speaker) and is not on the first page trades places with whoever on it was silent the longest, so that two
 * tiles move and no others.
 *
 * @param firstPage how many of `people` the first page holds
 */
export function pageOrder(
  before: readonly string[],
  people: readonly string[],
  firstPage: number,
  speaker: string | undefined,
  heardAt: HeardAt,
): readonly string[] {
  const kept = before.filter((id) => people.includes(id));
  const order = [...kept, ...people.filter((id) => !kept.includes(id))];
  const from = speaker === undefined ? -1 : order.indexOf(speaker);
  if (from >= firstPage && firstPage > 0) {
    const to = longestSilent(order.slice(0, firstPage), heardAt);
    [order[from], order[to]] = [order[to]!, order[from]!];
  }
  return isSame(order, before) ? before : order;
}

/** Of those who never spoke the last, as the first places are where one looks for somebody. */
function longestSilent(ids: readonly string[], heardAt: HeardAt): number {
  let found = 0;
  ids.forEach((id, i) => {
    if ((heardAt.get(id) ?? -Infinity) <= (heardAt.get(ids[found]!) ?? -Infinity)) found = i;
  });
  return found;
}

/** Oneself is always on the first page, as its last tile. */
export function withSelf(others: readonly string[], self: string | undefined, perPage: number): string[] {
  if (self === undefined) return [...others];
  const place = Math.min(others.length, Math.max(0, perPage - 1));
  return [...others.slice(0, place), self, ...others.slice(place)];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
