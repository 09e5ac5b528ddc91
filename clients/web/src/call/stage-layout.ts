import { callLimits } from './limits.ts';

/** CSS pixels within the stage. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface StageLayout {
  /** Where each item stands that is on the page shown; others are not shown. */
  boxes: ReadonlyMap<string, Box>;
  pages: number;
  /** From 0; the one asked for, or the last there is. */
  page: number;
  perPage: number;
}

/**
 * Where everything stands.
 *
 * @param items in their order, the large one among them
 * @param large the item that takes the room; the others stand in a strip
 */
export function stageLayout(
  stage: Size,
  items: readonly string[],
  page: number,
  large?: string,
): StageLayout {
  const whole = large !== undefined && items.includes(large) ? besideLarge : inGrid;
  const alone = whole(stage, items, page, large ?? '');
  if (alone.pages === 1) return alone;
  return whole({ ...stage, height: stage.height - callLimits.pagerHeight }, items, page, large ?? '');
}

function inGrid(stage: Size, items: readonly string[], page: number): StageLayout {
  const perPage = capacity(stage, items.length);
  const { shown, ...paging } = pageOf(items, page, perPage);
  // A last page that is not full keeps the tiles' size: nothing jumps when one turns the page.
  const grid = bestGrid(stage, Math.min(items.length, perPage));
  return { boxes: placeGrid(stage, shown, grid), perPage, ...paging };
}

function besideLarge(stage: Size, items: readonly string[], page: number, large: string): StageLayout {
  const { tileGap: gap } = callLimits;
  const others = items.filter((item) => item !== large);
  if (others.length === 0)
    return { boxes: new Map([[large, { left: 0, top: 0, ...stage }]]), pages: 1, page: 0, perPage: 1 };
  const upright = isUpright(stage);
  const tile = upright
    ? { width: callLimits.stripTileWidthUpright, height: callLimits.stripTileHeightUpright }
    : { width: callLimits.stripTileWidth, height: callLimits.stripTileHeight };
  const [along, tileAlong] = upright ? [stage.width, tile.width] : [stage.height, tile.height];
  const perPage = Math.max(1, Math.floor((along + gap) / (tileAlong + gap)));
  const { shown, ...paging } = pageOf(others, page, perPage);
  const used = shown.length * (tileAlong + gap) - gap;
  const from = Math.max(0, (along - used) / 2);
  const boxes = new Map<string, Box>();
  boxes.set(
    large,
    upright
      ? { left: 0, top: 0, width: stage.width, height: Math.max(0, stage.height - tile.height - gap) }
      : { left: 0, top: 0, width: Math.max(0, stage.width - tile.width - gap), height: stage.height },
  );
  shown.forEach((item, i) => {
    const at = from + i * (tileAlong + gap);
    const place = upright
      ? { left: at, top: stage.height - tile.height }
      : { left: stage.width - tile.width, top: at };
    boxes.set(item, { ...place, ...tile });
  });
  return { boxes, perPage, ...paging };
}

/** How many tiles fit before they get too small. */
export function capacity(stage: Size, wanted: number): number {
  const { tileGap: gap, tileWidthMin, tileHeightMin, tilesPerPageMax } = callLimits;
  const columns = Math.floor((stage.width + gap) / (tileWidthMin + gap));
  const rows = Math.floor((stage.height + gap) / (tileHeightMin + gap));
  return Math.max(1, Math.min(wanted, tilesPerPageMax, columns * rows));
}

const aboutEqual = 0.95;

interface Grid {
  columns: number;
  rows: number;
  tile: Size;
}

/** The grid with the largest tiles; where two are about equal, the one that is less of a ladder. */
export function bestGrid(stage: Size, count: number): Grid {
  let best: Grid | undefined;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const grid = { columns, rows, tile: tileIn(stage, columns, rows) };
    if (best === undefined || areaOf(grid.tile) > aboutEqual * areaOf(best.tile)) best = grid;
  }
  return best!;
}

function tileIn(stage: Size, columns: number, rows: number): Size {
  const { tileGap: gap, tileRatioMax, tileRatioMin, tileRatioMinUpright } = callLimits;
  const width = Math.max(0, (stage.width - (columns - 1) * gap) / columns);
  const height = Math.max(0, (stage.height - (rows - 1) * gap) / rows);
  const ratioMin = isUpright(stage) ? tileRatioMinUpright : tileRatioMin;
  return { width: Math.min(width, height * tileRatioMax), height: Math.min(height, width / ratioMin) };
}

function placeGrid(stage: Size, shown: readonly string[], grid: Grid): Map<string, Box> {
  const { tileGap: gap } = callLimits;
  const { columns, tile } = grid;
  const rows = Math.ceil(shown.length / columns);
  const top = (stage.height - rows * (tile.height + gap) + gap) / 2;
  return new Map(
    shown.map((item, i) => {
      const row = Math.floor(i / columns);
      const inRow = Math.min(columns, shown.length - row * columns);
      const left = (stage.width - inRow * (tile.width + gap) + gap) / 2;
      const column = i % columns;
      const at = { left: left + column * (tile.width + gap), top: top + row * (tile.height + gap) };
      return [item, { ...at, ...tile }] as const;
    }),
  );
}

function pageOf(items: readonly string[], wanted: number, perPage: number) {
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { shown: items.slice(page * perPage, (page + 1) * perPage), pages, page };
}

const areaOf = ({ width, height }: Size) => width * height;
const isUpright = ({ width, height }: Size) => height > width;
