import { describe, expect, it } from 'vitest';
import { countUpTo, makeScale, offsetLabel, visibleBars } from './scale.ts';

const times = [1_000, 1_100, 1_100, 61_000];

describe('axis by time', () => {
  const scale = makeScale('time', times, 61_000, 1028);

  it('places events by their time', () => {
    expect(scale.x(1)).toBe(14);
    expect(scale.x(2)).toBe(scale.x(3));
    expect(scale.x(4)).toBe(1014);
  });

  it('finds the last event at or before a position', () => {
    expect(scale.at(14)).toEqual({ seq: 1, time: 1_000 });
    expect(scale.at(500).seq).toBe(3);
    expect(scale.at(5_000)).toEqual({ seq: 4, time: 61_000 });
    expect(scale.at(-5).seq).toBe(1);
  });

  it('places a cursor between two events where its instant is', () => {
    expect(scale.xOfCursor({ seq: 3, time: 31_000 })).toBe(514);
  });

  it('has round ticks that do not touch', () => {
    expect(scale.ticks.map((t) => t.label)).toEqual(['0:00', '0:10', '0:20', '0:30', '0:40', '0:50', '1:00']);
  });
});

describe('axis by event', () => {
  const scale = makeScale('order', times, 61_000, 328);

  it('gives each event the same room', () => {
    expect([1, 2, 3, 4].map((seq) => scale.x(seq))).toEqual([14, 114, 214, 314]);
    expect(scale.at(110)).toEqual({ seq: 2, time: 1_100 });
    expect(scale.xOfCursor({ seq: 3, time: 31_000 })).toBe(214);
  });

  it('works for a call of one event', () => {
    const one = makeScale('order', [5], 5, 300);
    expect(one.x(1)).toBe(14);
    expect(one.at(200).seq).toBe(1);
    expect(one.ticks).toHaveLength(1);
  });
});

it('counts by bisection', () => {
  expect([0, 1_000, 1_099, 1_100, 99_000].map((t) => countUpTo(times, t))).toEqual([0, 1, 1, 3, 4]);
});

it.each([
  [0, '0:00'],
  [250, '0.25 s'],
  [61_000, '1:01'],
  [3_725_000, '1:02:05'],
])('labels %i ms as %s', (ms, label) => {
  expect(offsetLabel(ms)).toBe(label);
});

it('draws as many bars as there are pixels, and the one that lasts', () => {
  const events = Array.from({ length: 10_000 }, (_, i) => i);
  const spans = events.map((i) => (i === 9_999 ? { from: i } : { from: i, to: i + 1 }));
  const drawn = visibleBars(spans.slice(1), makeScale('order', events, 0, 500));
  expect(drawn.length).toBeLessThan(500);
  expect(drawn[0]!.span).toEqual({ from: 1, to: 2 });
  expect(visibleBars([{ from: 1, to: 2 }, { from: 2 }], makeScale('order', [0, 1, 2], 0, 300))).toHaveLength(
    2,
  );
});
