import { describe, expect, it } from 'vitest';
import { concealedIn, longestGap, windowBefore } from './window.ts';

describe('longestGap', () => {
  const frames = [0, 100, 200, 500, 600, 900];

  it('is the longest of those that reach into the window', () => {
    expect(longestGap(frames, { from: 50, to: 180 })).toBe(100);
    expect(longestGap(frames, { from: 50, to: 590 })).toBe(300);
    expect(longestGap(frames, { from: 510, to: 590 })).toBe(100);
  });

  it('is counted whole where it begins before or ends after', () => {
    expect(longestGap(frames, { from: 300, to: 350 })).toBe(300);
  });

  it('takes two elements in the order of time', () => {
    expect(longestGap([200, 0, 100], { from: 0, to: 150 })).toBe(100);
  });

  it('lasts until the end where no frame came any more', () => {
    expect(longestGap([0, 100], { from: 0, to: 2_000 })).toBe(1_900);
  });

  it('is no number where there was no picture', () => {
    expect(longestGap([], { from: 0, to: 1 })).toBeNaN();
    expect(longestGap([5], { from: 0, to: 1 })).toBeNaN();
  });
});

it('takes what was concealed from the look before the window to the one after', () => {
  const heard = [0, 10, 10, 40, 70].map((concealed, index) => ({ at: index * 50, concealed }));
  expect(concealedIn(heard, { from: 60, to: 140 })).toBe(30);
  expect(concealedIn(heard, { from: 60, to: 201 })).toBeNaN();
  expect(concealedIn(heard, { from: -1, to: 60 })).toBeNaN();
});

it('takes a window of the same length before', () => {
  expect(windowBefore({ from: 1_000, to: 1_300 }, 500)).toEqual({ from: 700, to: 1_000 });
  expect(windowBefore({ from: 1_000, to: 1_800 }, 500)).toEqual({ from: 500, to: 1_000 });
});
