import type { Family } from './families.ts';

/** Half of a marker's size. Pixels. */
const markerRadius = 5;

/** Markers of one family on one lane as a single path: five thousand events stay a few dozen elements. */
export function markersPath(
  family: Family,
  seqs: readonly number[],
  x: (seq: number) => number,
  y: number,
): string {
  let path = '';
  let last = -Infinity;
  for (const seq of seqs) {
    const at = x(seq);
    // Nobody can tell markers apart that are closer than a pixel.
    if (at - last < 1) continue;
    last = at;
    path += markerPath(family, at, y);
  }
  return path;
}

/** The shape tells the family too, for those who do not tell the colours apart. */
export function markerPath(family: Family, cx: number, cy: number, r = markerRadius): string {
  const x = round(cx);
  const y = round(cy);
  switch (family) {
    case 'call':
      return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
    case 'presence':
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 'tracks':
      return `M${x} ${y - r - 0.5}l${r + 0.5} ${2 * r}h${-2 * r - 1}Z`;
    case 'negotiation':
      return `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}Z`;
    case 'route':
      return `M${x - r} ${y}l${r} ${-r}v${round(r * 0.6)}h${r}v${round(r * 0.8)}h${-r}v${round(r * 0.6)}Z`;
    case 'layers':
      return [-r, -1, r - 2].map((dy, i) => bar(x, y + dy, r - i * 1.5)).join('');
    case 'telemetry':
      return `M${x - r} ${y - r}l${r} ${r * 0.6}l${r} ${-r * 0.6}l${-r * 0.6} ${r}l${r * 0.6} ${r}l${-r} ${-r * 0.6}l${-r} ${r * 0.6}l${r * 0.6} ${-r}Z`;
    case 'connection': {
      const a = round(r * 0.4);
      const b = round(r + 0.5 - a);
      return `M${x - a} ${y - a - b}h${2 * a}v${b}h${b}v${2 * a}h${-b}v${b}h${-2 * a}v${-b}h${-b}v${-2 * a}h${b}Z`;
    }
  }
}

const bar = (x: number, y: number, half: number) => `M${x - half} ${y}h${2 * half}v2h${-2 * half}Z`;

const round = (n: number) => Math.round(n * 10) / 10;
