import type { JoinMarks } from '@ringback/schemas';
import type { Figures } from '../bench.ts';
import { camera } from '../pages.ts';
import { median, percentile } from '../stats.ts';
import { rounded, table } from '../table.ts';
import type { BareJoin } from './bare.ts';
import { steps, type Happening, type Seen, type Step } from './tap.ts';

export type Kind = 'p2p' | 'callServer';

/** One join, as seen from outside the SDK and as the timeline tells it. */
export interface Join {
  readonly seen: Seen;
  readonly told: JoinMarks;
  readonly happenings: readonly Happening[];
  /** Of all cores, from the click to the first frame. */
  readonly idleShare: number;
}

export interface BareRun extends BareJoin {
  readonly idleShare: number;
}

export interface Joins extends Record<Kind, Join[]> {
  readonly bare: BareRun[];
  /** Why. */
  readonly failed: string[];
}

const titles: Record<Kind, string> = { p2p: 'peer to peer', callServer: 'Call Server' };

export function print(joins: Joins, say: (text: string) => void): void {
  const { width, height, framesPerSecond } = camera;
  say(
    `Click on Join to the first picture of somebody else, in Chromium; devices run in the lobby already, everybody's camera gives ${width}x${height} at ${framesPerSecond} frames/s.`,
  );
  say(`Peer to peer one waits in the call; on the Call Server three are in it and a fourth joins.`);
  say(`Milliseconds. p99 of so few is the slowest.\n`);
  const heads = ['', 'p50', 'p99', 'joins', 'idle %'];
  say(
    table(heads, [
      ...kinds.map((kind) => [titles[kind], ...spread(joins[kind].map(total)), idle(joins[kind])]),
      ['bare WebRTC', ...spread(joins.bare.map(({ firstFrame }) => firstFrame)), idle(joins.bare)],
    ]),
  );
  say(`peer to peer takes ${rounded(ratio(joins))} times as long as two bare connections in one page\n`);
  say('Where the time goes: the median of each step');
  say(
    table(
      ['', ...steps],
      [
        ...kinds.map((kind) => [titles[kind], ...steps.map((step) => stepMs(joins[kind], step))]),
        ['bare WebRTC', '-', '-', '-', ...bareSteps(joins.bare)],
      ],
    ),
  );
  say('\nHow much later the timeline has it, counted from the session: the page tells of the second frame');
  say(
    table(
      ['', ...comparable, 'largest but the frame', 'begins after the click'],
      kinds.map((kind) => [
        titles[kind],
        ...comparable.map((step) => laterMedian(joins[kind], step)),
        offMax(joins[kind]),
        beginsMs(joins[kind]),
      ]),
    ),
  );
  for (const kind of kinds) printSome(kind, joins[kind], say);
  for (const why of joins.failed) say(`failed: ${why}`);
}

/** Without a suffix: peer to peer. What was not measured is left out. */
export function figuresOf(joins: Joins): Figures {
  const bare = spread(joins.bare.map(({ firstFrame }) => firstFrame));
  const all: Figures = {
    ...kindFigures('', joins.p2p),
    ...kindFigures('CallServer', joins.callServer),
    ratioToLimit: ratio(joins),
    bareFirstFrameMsP50: bare[0],
    bareFirstFrameMsP99: bare[1],
    joinsFailed: joins.failed.length,
  };
  const known = Object.entries(all).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(known.map(([name, value]) => [name, rounded(value)]));
}

function kindFigures(suffix: string, joins: readonly Join[]): Figures {
  const [p50, p99, count] = spread(joins.map(total));
  const figures: Figures = {
    firstFrameMsP50: p50,
    firstFrameMsP99: p99,
    ...Object.fromEntries(steps.map((step) => [`${step}StepMs`, stepMs(joins, step)])),
    timelineBeginsAfterClickMs: beginsMs(joins),
    timelineStepsOffMsMax: offMax(joins),
    timelineFirstFrameLaterMs: laterMedian(joins, 'firstFrame'),
    idleShare: idle(joins) / 100,
    joins: count,
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}

/**
 * How much later the timeline has a step than it was seen, both counted from the session's begin: the timeline's clock
 * starts when the SDK is asked to join, which is after a guest was made. Milliseconds; NaN where it has no such step.
 */
export function laterMs({ seen, told }: Pick<Join, 'seen' | 'told'>, step: Step): number {
  const { socket = Number.NaN } = told;
  return (told[step] ?? Number.NaN) - socket - (seen[step] - seen.socket);
}

const beginsMs = (joins: readonly Join[]) =>
  median(joins.map(({ seen, told }) => seen.socket - told.socket!));
const laterMedian = (joins: readonly Join[], step: Step) => median(joins.map((join) => laterMs(join, step)));

/** What happened in two of them: that of the median, and the slowest. */
function printSome(kind: Kind, joins: readonly Join[], say: (text: string) => void): void {
  const sorted = joins.toSorted((a, b) => total(a) - total(b));
  const some = { 'the one in the middle': sorted[sorted.length >> 1], 'the slowest': sorted.at(-1) };
  for (const [which, join] of Object.entries(some)) {
    if (join === undefined) continue;
    say(`\n${titles[kind]}, ${which}: first frame after ${Math.round(total(join))} ms`);
    for (const { what, at } of join.happenings)
      if (at <= total(join)) say(`${String(Math.round(at)).padStart(6)}  ${what}`);
  }
}

const kinds = ['p2p', 'callServer'] as const;
const comparable = ['joined', 'ice', 'dtls', 'firstFrame'] as const;
const total = ({ seen }: Join) => seen.firstFrame;

function offMax(joins: readonly Join[]): number {
  const steps = comparable.filter((step) => step !== 'firstFrame');
  return Math.max(...joins.flatMap((join) => steps.map((step) => Math.abs(laterMs(join, step)))));
}

function stepMs(joins: readonly Join[], step: Step): number {
  const before = steps[steps.indexOf(step) - 1];
  return median(joins.map(({ seen }) => seen[step] - (before === undefined ? 0 : seen[before])));
}

function bareSteps(runs: readonly BareRun[]): number[] {
  return [
    median(runs.map(({ ice }) => ice)),
    median(runs.map(({ ice, dtls }) => dtls - ice)),
    median(runs.map(({ dtls, firstFrame }) => firstFrame - dtls)),
  ];
}

function spread(values: readonly number[]): [p50: number, p99: number, count: number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [median(sorted), percentile(sorted, 0.99), sorted.length];
}

const idle = (runs: readonly { readonly idleShare: number }[]) =>
  median(runs.map(({ idleShare }) => idleShare)) * 100;

const ratio = ({ p2p, bare }: Joins) =>
  median(p2p.map(total)) / median(bare.map(({ firstFrame }) => firstFrame));
