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
  for (const kind of kinds) say(`\n${agreementWords(kind, joins[kind])}`);
  for (const kind of kinds) printSlowest(kind, joins[kind], say);
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
  const { stepsMsMax, firstFrameMs, beginsMs } = agreement(joins);
  const figures: Figures = {
    firstFrameMsP50: p50,
    firstFrameMsP99: p99,
    ...Object.fromEntries(steps.map((step) => [`${step}StepMs`, stepMs(joins, step)])),
    timelineBeginsAfterClickMs: beginsMs,
    timelineStepsOffMsMax: stepsMsMax,
    timelineFirstFrameLaterMs: firstFrameMs,
    idleShare: idle(joins) / 100,
    joins: count,
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}

/**
 * How far the timeline is from what was seen, both counted from the session's begin: the timeline's clock starts when
 * the SDK is asked to join, which is after a guest was made.
 */
export function agreement(joins: readonly Pick<Join, 'seen' | 'told'>[]): {
  beginsMs: number;
  /** The largest difference at ICE, DTLS and the joining. */
  stepsMsMax: number;
  firstFrameMs: number;
} {
  const off = ({ seen, told }: Pick<Join, 'seen' | 'told'>, step: Step) =>
    (told[step] ?? Number.NaN) - told.socket! - (seen[step] - seen.socket);
  const differences = joins.flatMap((join) =>
    (['joined', 'ice', 'dtls'] as const).map((step) => Math.abs(off(join, step))),
  );
  return {
    beginsMs: median(joins.map(({ seen, told }) => seen.socket - told.socket!)),
    stepsMsMax: differences.length === 0 ? Number.NaN : Math.max(...differences),
    firstFrameMs: median(joins.map((join) => off(join, 'firstFrame'))),
  };
}

function agreementWords(kind: Kind, joins: readonly Join[]): string {
  const { beginsMs, stepsMsMax, firstFrameMs } = agreement(joins);
  return `${titles[kind]}, the timeline: begins ${rounded(beginsMs)} ms after the click (median); joined, ICE and DTLS differ by ${rounded(stepsMsMax)} ms at most; its first frame is ${rounded(firstFrameMs)} ms later (median): the page tells of the second one.`;
}

function printSlowest(kind: Kind, joins: readonly Join[], say: (text: string) => void): void {
  const sorted = joins.toSorted((a, b) => total(a) - total(b));
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) return;
  say(`\n${titles[kind]}, the one in the middle, ${Math.round(total(middle))} ms:`);
  const until = middle.happenings.filter(({ at }) => at <= total(middle) + 1);
  for (const { what, at } of until) say(`${String(Math.round(at)).padStart(6)}  ${what}`);
}

const kinds = ['p2p', 'callServer'] as const;
const total = ({ seen }: Join) => seen.firstFrame;

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
