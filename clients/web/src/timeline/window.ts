/** Lists up to this long are drawn whole: browsers do well, and find-in-page works. */
const wholeUpTo = 400;
/** Rows drawn beyond each edge, so that a quick scroll does not show emptiness. */
const overscan = 20;

/** Which rows of a list to draw. */
export function windowOf(
  count: number,
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
): { from: number; to: number } {
  if (count <= wholeUpTo) return { from: 0, to: count };
  const first = Math.floor(scrollTop / rowHeight);
  const visible = Math.ceil(viewHeight / rowHeight);
  return { from: Math.max(0, first - overscan), to: Math.min(count, first + visible + overscan) };
}
