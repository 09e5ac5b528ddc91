import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callLimits } from './limits.ts';
import { bestGrid, capacity, stageLayout, type Box } from './stage-layout.ts';

const desktop = { width: 1256, height: 650 };
const phone = { width: 366, height: 650 };
const people = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);

describe('the grid', () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [6, 3],
    [9, 3],
    [16, 4],
  ])('%i tiles on a desktop stand in %i columns', (count, columns) => {
    expect(bestGrid(desktop, count).columns).toBe(columns);
  });

  it.each([
    [2, 1],
    [3, 1],
    [4, 2],
    [8, 2],
  ])('%i tiles on a phone stand in %i columns', (count, columns) => {
    expect(bestGrid(phone, count).columns).toBe(columns);
  });

  it('takes as many as the window has room for, and no more than can be decoded', () => {
    expect(capacity(desktop, 50)).toBe(16);
    expect(capacity(phone, 50)).toBe(8);
    expect(capacity({ width: 100, height: 100 }, 50)).toBe(1);
  });

  it('keeps the size of tiles on a last page that is not full', () => {
    const sizeOn = (page: number) => [...stageLayout(desktop, people(17), page).boxes.values()][0]!.width;
    expect(sizeOn(1)).toBe(sizeOn(0));
  });

  it('leaves room for the pager only where there are pages', () => {
    const bottom = (count: number) =>
      Math.max(...[...stageLayout(desktop, people(count), 0).boxes.values()].map((b) => b.top + b.height));
    expect(bottom(50)).toBeLessThanOrEqual(desktop.height - callLimits.pagerHeight);
    expect(bottom(12)).toBeGreaterThan(desktop.height - callLimits.pagerHeight);
  });

  it('shows the last page where people have left', () => {
    expect(stageLayout(desktop, people(3), 4)).toMatchObject({ page: 0, pages: 1 });
  });
});

describe('the large one', () => {
  it('stands beside the strip on a desktop and above it on a phone', () => {
    const wide = stageLayout(desktop, people(3), 0, 'p1').boxes;
    expect(wide.get('p0')!.left).toBeGreaterThan(wide.get('p1')!.width);
    const upright = stageLayout(phone, people(3), 0, 'p1').boxes;
    expect(upright.get('p0')!.top).toBeGreaterThan(upright.get('p1')!.height);
  });

  it('takes all the room alone, and is on every page', () => {
    expect(stageLayout(desktop, ['p0'], 0, 'p0').boxes.get('p0')).toMatchObject(desktop);
    const { pages } = stageLayout(desktop, people(20), 0, 'p7');
    expect(pages).toBeGreaterThan(1);
    for (let page = 0; page < pages; page++)
      expect(stageLayout(desktop, people(20), page, 'p7').boxes.has('p7')).toBe(true);
  });

  it('that is gone leaves the grid', () => {
    expect(stageLayout(desktop, people(3), 0, 'gone')).toEqual(stageLayout(desktop, people(3), 0));
  });
});

it('whatever the window: everybody is on exactly one page, inside the stage, on nobody else', () => {
  const size = fc.record({
    width: fc.integer({ min: 330, max: 2600 }),
    height: fc.integer({ min: 320, max: 1500 }),
  });
  fc.assert(
    fc.property(size, fc.integer({ min: 1, max: 50 }), fc.boolean(), (stage, count, speaker) => {
      const items = people(count);
      const large = speaker ? 'p0' : undefined;
      const { pages } = stageLayout(stage, items, 0, large);
      const seen: string[] = [];
      for (let page = 0; page < pages; page++) {
        const boxes = [...stageLayout(stage, items, page, large).boxes];
        seen.push(...boxes.map(([item]) => item).filter((item) => item !== large || page === 0));
        for (const [item, box] of boxes) {
          expect(isInside(box, stage)).toBe(true);
          expect(boxes.some(([other, b]) => other !== item && overlap(box, b))).toBe(false);
        }
      }
      expect(seen.sort()).toEqual([...items].sort());
    }),
  );
});

// Sums of fractions: a hundredth of a pixel is nothing.
const slack = 0.01;

function isInside(box: Box, stage: { width: number; height: number }): boolean {
  const right = box.left + box.width <= stage.width + slack;
  return box.left >= -slack && box.top >= -slack && right && box.top + box.height <= stage.height + slack;
}

function overlap(a: Box, b: Box): boolean {
  const across = a.left + slack < b.left + b.width && b.left + slack < a.left + a.width;
  return across && a.top + slack < b.top + b.height && b.top + slack < a.top + a.height;
}
