import { describe, expect, it } from 'vitest';
import { clockTime, durationWords, offsetTime, whenWords } from './time.ts';

const noon = new Date(2026, 2, 3, 12, 0, 5, 7).getTime();

describe('times in words', () => {
  it('shows the clock to the millisecond', () => {
    expect(clockTime(noon)).toBe('12:00:05.007');
  });

  it.each([
    [0, '+0:00.000'],
    [61_250, '+1:01.250'],
    [3_723_450, '+1:02:03.450'],
    [-1_500, '−0:01.500'],
  ])('shows %i ms since the beginning as %s', (ms, text) => {
    expect(offsetTime(ms)).toBe(text);
  });

  it.each([
    [-5, '0 s'],
    [45_000, '45 s'],
    [59_700, '1 min'],
    [12 * 60_000, '12 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
  ])('says %i ms as %s', (ms, text) => {
    expect(durationWords(ms)).toBe(text);
  });

  it('names today and yesterday', () => {
    expect(whenWords(noon - 3_600_000, noon)).toMatch(/^today, /);
    expect(whenWords(noon - 20 * 3_600_000, noon)).toMatch(/^yesterday, /);
    expect(whenWords(noon - 90 * 3_600_000, noon)).toMatch(/2026/);
  });
});
