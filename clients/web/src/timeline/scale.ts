/** Places events on the horizontal axis. `time`: to scale; `order`: one step an event, so that bursts open up. */
export type ScaleKind = 'time' | 'order';

export interface Tick {
  x: number;
  label: string;
}

export interface Scale {
  kind: ScaleKind;
  width: number;
  /** Where an event stands. */
  x(seq: number): number;
  /** Where the axis ends: now, or the last event of a call that ended. */
  end: number;
  /** Sequence of the last event at or before a position (0: before the first), and the instant there. */
  at(x: number): { seq: number; time: number };
  /** Where the cursor stands: by time an instant, which may lie between two events; by order an event. */
  xOfCursor(cursor: { seq: number; time: number }): number;
  ticks: Tick[];
}

/** Room left and right of the outermost events, so that their markers are whole. Pixels. */
const padding = 14;
/** Labels of the axis need about this much each. Pixels. */
const tickSpacing = 90;

/** `times` are the events' times in order of their sequence, the first having sequence 1; `now` ends the axis. */
export function makeScale(kind: ScaleKind, times: readonly number[], now: number, width: number): Scale {
  return kind === 'time' ? timeScale(times, now, width) : orderScale(times, width);
}

function timeScale(times: readonly number[], now: number, width: number): Scale {
  const first = times[0] ?? 0;
  const span = Math.max(now - first, 1);
  const usable = width - 2 * padding;
  const xOfTime = (time: number) => padding + ((time - first) / span) * usable;
  return {
    kind: 'time',
    width,
    end: width - padding,
    xOfCursor: (cursor) => xOfTime(cursor.time),
    x: (seq) => xOfTime(times[seq - 1] ?? first),
    at(x) {
      const time = first + (clamp(x - padding, 0, usable) / usable) * span;
      return { seq: countUpTo(times, time), time };
    },
    ticks: timeTicks(span, usable).map((ms) => ({ x: xOfTime(first + ms), label: offsetLabel(ms) })),
  };
}

function orderScale(times: readonly number[], width: number): Scale {
  const steps = Math.max(times.length - 1, 1);
  const usable = width - 2 * padding;
  const x = (seq: number) => padding + ((seq - 1) / steps) * usable;
  const every = niceStep(steps / Math.max(1, usable / tickSpacing));
  const ticks: Tick[] = [];
  for (let seq = 1; seq <= times.length; seq += every) ticks.push({ x: x(seq), label: `#${seq}` });
  return {
    kind: 'order',
    width,
    end: width - padding,
    x,
    xOfCursor: (cursor) => x(Math.max(1, cursor.seq)),
    at(position) {
      const seq = 1 + Math.round((clamp(position - padding, 0, usable) / usable) * steps);
      const reached = Math.min(seq, times.length);
      return { seq: reached, time: times[reached - 1] ?? 0 };
    },
    ticks,
  };
}

/** From where to where each span stands. Those that end within a pixel of the one before can not be seen. */
export function visibleBars<Bar extends { from: number; to?: number }>(
  spans: readonly Bar[],
  scale: Scale,
): { span: Bar; from: number; to: number }[] {
  const bars: { span: Bar; from: number; to: number }[] = [];
  for (const span of spans) {
    const from = scale.x(span.from);
    const to = span.to === undefined ? scale.end : scale.x(span.to);
    const last = bars.at(-1);
    if (last === undefined || to - last.to >= 1) bars.push({ span, from, to });
  }
  return bars;
}

/** How many of the sorted times are at or before `time`. */
export function countUpTo(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const timeSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
];

function timeTicks(span: number, width: number): number[] {
  const wanted = span / Math.max(1, width / tickSpacing);
  const step = timeSteps.find((s) => s >= wanted) ?? 12 * hour;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
}

function niceStep(least: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [1, 2, 5]) if (step * power >= least) return step * power;
}

/** Time since the call was made: `0:07`, `12:30`, `1:02:05`, below a second `0.25 s`. */
export function offsetLabel(ms: number): string {
  if (ms > 0 && ms % second !== 0) return `${Number((ms / second).toFixed(3))} s`;
  const total = Math.round(ms / second);
  const s = String(total % 60).padStart(2, '0');
  const m = Math.floor(total / 60) % 60;
  const h = Math.floor(total / 3600);
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
