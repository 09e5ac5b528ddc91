export type Cell = string | number;

/** Columns under their heads: the first to the left, figures to the right. Numbers get as many digits as they are worth. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [heads, ...rows.map((row) => row.map(cellText))];
  const widths = heads.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts
    .map((row) =>
      row
        .map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three digits that count: no figure here is better than that. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : value;
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return Number.isNaN(cell) ? '-' : rounded(cell).toLocaleString('en-US');
}
