import type { Figures } from '../bench.ts';
import { camera } from '../pages.ts';
import { limits } from './limits.ts';
import { median } from '../stats.ts';
import { rounded, table, type Cell } from '../table.ts';

/** What a window cost the one of the two for whom it was worse. */
export interface Cost {
  /** Longest time between frames that were shown of the other. */
  readonly gapMs: number;
  /** Of the other's voice, but for silence. */
  readonly concealedMs: number;
}

export interface Switch {
  readonly direction: 'up' | 'back';
  readonly cost: Cost;
  /** Of a window as long, just before. */
  readonly without: Cost;
  /** The longer of the gaps before and after the picture was swapped, for whom it was worse. */
  readonly swapGapMs: number;
  readonly windowMs: number;
  /** From the third's click until everybody shows everybody. NaN on the way back. */
  readonly clickToAllMs: number;
  /** From the change of the route, as the first of the two learned of it. */
  readonly changeToAllMs: number;
  /** Who did not show everybody in time. */
  readonly missing: number;
  /** Of all cores; on the way back with the calm before it. */
  readonly idleShare: number;
}

/** A prototype of the same way up, before the platform: three pages, a loaded machine, a network of no delay. */
const prototype = {
  gapMsP50: 117,
  gapMsMax: 167,
  swapGapMsP50: 17,
  concealedMsP50: 11,
  concealedMsMax: 75,
  toAllMsP50: 675,
};

export function print(switches: readonly Switch[], say: (text: string) => void): void {
  const { width, height, framesPerSecond } = camera;
  const up = switches.filter(({ direction }) => direction === 'up');
  const back = switches.filter(({ direction }) => direction === 'back');
  say(
    `Two people talk, a third comes (up: to the Call Server) and goes (back: peer to peer). Chromium, cameras of ${width}x${height} at ${framesPerSecond} frames/s: one frame each ${Math.round(1_000 / framesPerSecond)} ms.`,
  );
  say(
    `What the two who stay see and hear of each other, the worse of both each time: longest gap between shown frames; the one beside the swap itself; concealed sound. Milliseconds. A switch is looked at for ${Math.round(median(switches.map(({ windowMs }) => windowMs)))} ms (median), and as long before it, up to ${limits.quietMs} ms.\n`,
  );
  say(
    table(
      ['', 'gap p50', 'max', 'at the swap', 'concealed p50', 'max', 'switches', 'idle %'],
      [
        line('up', up, ({ cost }) => cost, swapGap),
        line('  without a switch', up, ({ without }) => without),
        line('back', back, ({ cost }) => cost, swapGap),
        line('  without a switch', back, ({ without }) => without),
        line('both', switches, ({ cost }) => cost, swapGap),
        line('  without a switch', switches, ({ without }) => without),
        [
          'the prototype, up',
          prototype.gapMsP50,
          prototype.gapMsMax,
          prototype.swapGapMsP50,
          prototype.concealedMsP50,
          prototype.concealedMsMax,
          '-',
          '-',
        ],
      ],
    ),
  );
  say(`\nUntil everybody shows everybody (call.route.settled)`);
  const all = (of: readonly Switch[], get: (one: Switch) => number): Cell[] => [
    median(of.map(get)),
    most(of.map(get)),
  ];
  say(
    table(
      ['', 'p50', 'max'],
      [
        ['up, from the click of the third', ...all(up, ({ clickToAllMs }) => clickToAllMs)],
        ['up, from call.route.changed', ...all(up, ({ changeToAllMs }) => changeToAllMs)],
        ['back, from call.route.changed', ...all(back, ({ changeToAllMs }) => changeToAllMs)],
        ['the prototype, up, from the join', prototype.toAllMsP50, '-'],
      ],
    ),
  );
  const missing = switches.reduce((sum, one) => sum + one.missing, 0);
  say(`people who did not show everybody in time: ${missing}`);
}

/** One switch in a line. */
export function words({ direction, cost, without, swapGapMs, idleShare }: Switch): string {
  const [gap, gapWithout, swap, concealed] = [cost.gapMs, without.gapMs, swapGapMs, cost.concealedMs].map(
    Math.round,
  );
  return `${direction}: gap ${gap} ms (without a switch ${gapWithout}, at the swap ${swap}), ${concealed} ms concealed, machine ${Math.round(idleShare * 100)} % idle`;
}

/** Without a suffix: both ways. What was not measured is left out. */
export function figuresOf(switches: readonly Switch[]): Figures {
  const up = switches.filter(({ direction }) => direction === 'up');
  const back = switches.filter(({ direction }) => direction === 'back');
  const clicks = up.map(({ clickToAllMs }) => clickToAllMs);
  const all: Figures = {
    ...wayFigures('', switches),
    ...wayFigures('Up', up),
    ...wayFigures('Back', back),
    ratioToLimit: median(switches.map(({ cost, without }) => cost.gapMs / without.gapMs)),
    clickToAllMsP50: median(clicks),
    clickToAllMsMax: most(clicks),
    missing: switches.reduce((sum, one) => sum + one.missing, 0),
    idleShare: median(switches.map(({ idleShare }) => idleShare)),
    switches: switches.length,
  };
  const known = Object.entries(all).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(known.map(([name, value]) => [name, rounded(value)]));
}

function wayFigures(suffix: string, switches: readonly Switch[]): Figures {
  const of = (get: (one: Switch) => number) => switches.map(get);
  const figures: Figures = {
    gapMsP50: median(of(({ cost }) => cost.gapMs)),
    gapMsMax: most(of(({ cost }) => cost.gapMs)),
    concealedMsP50: median(of(({ cost }) => cost.concealedMs)),
    concealedMsMax: most(of(({ cost }) => cost.concealedMs)),
    withoutGapMsP50: median(of(({ without }) => without.gapMs)),
    withoutGapMsMax: most(of(({ without }) => without.gapMs)),
    withoutConcealedMsP50: median(of(({ without }) => without.concealedMs)),
    withoutConcealedMsMax: most(of(({ without }) => without.concealedMs)),
    swapGapMsP50: median(of(swapGap)),
    swapGapMsMax: most(of(swapGap)),
    changeToAllMsP50: median(of(({ changeToAllMs }) => changeToAllMs)),
    changeToAllMsMax: most(of(({ changeToAllMs }) => changeToAllMs)),
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}

const swapGap = ({ swapGapMs }: Switch) => swapGapMs;

function line(
  title: string,
  switches: readonly Switch[],
  pick: (one: Switch) => Cost,
  swap: (one: Switch) => number = () => Number.NaN,
): Cell[] {
  const gaps = switches.map((one) => pick(one).gapMs);
  const concealed = switches.map((one) => pick(one).concealedMs);
  const idle = median(switches.map(({ idleShare }) => idleShare)) * 100;
  return [
    title,
    median(gaps),
    most(gaps),
    median(switches.map(swap)),
    median(concealed),
    most(concealed),
    switches.length,
    idle,
  ];
}

/** NaN where there are none. */
const most = (values: readonly number[]) => (values.length === 0 ? Number.NaN : Math.max(...values));
