import { cpus } from 'node:os';
import type { Figures } from '../bench.ts';
import { median, medians } from '../stats.ts';
import { rounded, table } from '../table.ts';
import type { OursResult } from './contenders.ts';
import { limits } from './limits.ts';

/** One run of ours, or the medians of several. */
export type Row = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly actionsPerCommit: number;
  readonly bytesPerCommit: number;
  /** CPU time an action, microseconds. */
  readonly natsUs: number;
  readonly workerUs: number;
  readonly loadUs: number;
  /** Of the whole machine, taken by none of these. */
  readonly othersShare: number;
  readonly refusedShare: number;
};

/** The bare publishes that stand beside a run. */
export interface BareRow {
  /** Actions' worth of commits. */
  readonly perSecond: number;
  readonly natsUs: number;
}

export interface Most {
  readonly ours: Row;
  readonly bare: BareRow;
  /** Ours / bare of the same round, the median. */
  readonly ratio: number;
}

export interface Cell {
  readonly partitions: number;
  readonly calls: number;
  readonly most: Most;
  readonly tenth: Row;
  readonly half: Row;
  readonly nineTenths: Row;
}

export interface LogResult {
  readonly rounds: number;
  readonly cells: readonly Cell[];
  /** At the usual partitions and so many calls: with the tap, and with three nats-servers that each keep a copy. */
  readonly usualCalls: number;
  readonly tapOn: Most;
  readonly replicated: Most;
}

export function rowOf(result: OursResult): Row {
  const { done, refused, ms, p50Ms, p99Ms, actionsPerCommit, bytesPerCommit, cpuMs } = result;
  const { machine = 0, ...ofOurs } = cpuMs;
  const known = Object.values(ofOurs).reduce((sum, one) => sum + one, 0);
  const nats = Object.entries(ofOurs).filter(([name]) => name.startsWith('nats'));
  const us = (spentMs: number) => (spentMs * 1_000) / done;
  return {
    perSecond: (done * 1_000) / ms,
    p50Ms,
    p99Ms,
    actionsPerCommit,
    bytesPerCommit,
    natsUs: us(nats.reduce((sum, [, spent]) => sum + spent, 0)),
    workerUs: us(cpuMs.worker ?? 0),
    loadUs: us(cpuMs.load ?? 0),
    othersShare: Math.max(0, machine - known) / (ms * cpus().length),
    refusedShare: refused / (done + refused),
  };
}

export function mostOf(runs: readonly { ours: Row; bare: BareRow }[]): Most {
  return {
    ours: medians(runs.map(({ ours }) => ours)),
    bare: medians(runs.map(({ bare }) => ({ ...bare }))),
    ratio: median(runs.map(({ ours, bare }) => ours.perSecond / bare.perSecond)),
  };
}

export function print(result: LogResult, say: (text: string) => void): void {
  const { rounds, cells, usualCalls, tapOn, replicated } = result;
  const { peoplePerCall, usualPartitions } = limits;
  say(
    `One of ${peoplePerCall} mutes: command in over NATS, decided, on the disk, answered. Medians of ${rounds} interleaved run${rounds === 1 ? '' : 's'};\n` +
      'bare: the same commits published without any meaning. CPU in microseconds an action; load and nats-server share the cores.\n',
  );
  say(
    table(
      mostHeads,
      cells.map(({ partitions, calls, most }) =>
        mostLine(`${partitions}, ${calls.toLocaleString('en-US')}`, most),
      ),
    ),
  );
  say(`\nlatency in ms at a share of that maximum`);
  say(
    table(
      ['partitions, calls', 'p50 at 1/10', 'p99', 'p50 at 1/2', 'p99', 'p50 at 9/10', 'p99'],
      cells.map(({ partitions, calls, ...at }) => [
        `${partitions}, ${calls.toLocaleString('en-US')}`,
        ...[at.tenth, at.half, at.nineTenths].flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms]),
      ]),
    ),
  );
  say(`\n${usualPartitions} partitions, ${usualCalls.toLocaleString('en-US')} calls, other conditions`);
  say(
    table(mostHeads, [
      mostLine('tap on', tapOn),
      mostLine('R3: three nats-servers on this disk', replicated),
    ]),
  );
  const refused = Math.max(...cells.map(({ most }) => most.ours.refusedShare));
  if (refused > 0) say(`\nrefused: up to ${rounded(refused * 100)} %`);
}

const mostHeads = [
  'partitions, calls',
  'actions/s',
  'bare',
  'ratio',
  'a commit',
  'worker us',
  'nats us',
  'bare nats us',
  'load us',
  'others %',
];

function mostLine(name: string, { ours, bare, ratio }: Most) {
  const { perSecond, actionsPerCommit, workerUs, natsUs, loadUs, othersShare } = ours;
  return [
    name,
    ...[perSecond, bare.perSecond, ratio, actionsPerCommit],
    ...[workerUs, natsUs, bare.natsUs, loadUs, othersShare * 100],
  ];
}

/** Without a suffix: usual partitions and calls; latencies at half of the maximum. `P1C10`: 1 partition, 10 calls. */
export function figuresOf({ cells, tapOn, replicated }: LogResult): Figures {
  const figures: Figures = {};
  for (const cell of cells) {
    const { partitions, calls, most, tenth, half, nineTenths } = cell;
    figures[`actionsPerSecondP${partitions}C${calls}`] = most.ours.perSecond;
    figures[`ratioToLimitP${partitions}C${calls}`] = most.ratio;
    if (cell !== usualOf(cells)) continue;
    Object.assign(figures, {
      actionsPerSecond: most.ours.perSecond,
      actionsPerSecondBare: most.bare.perSecond,
      ratioToLimit: most.ratio,
      actionsPerCommit: most.ours.actionsPerCommit,
      bytesPerCommit: most.ours.bytesPerCommit,
      workerCpuUsPerAction: most.ours.workerUs,
      natsCpuUsPerAction: most.ours.natsUs,
      loadCpuUsPerAction: most.ours.loadUs,
      othersCpuShare: most.ours.othersShare,
      p50MsAtTenth: tenth.p50Ms,
      p99MsAtTenth: tenth.p99Ms,
      p50Ms: half.p50Ms,
      p99Ms: half.p99Ms,
      p50MsAtNineTenths: nineTenths.p50Ms,
      p99MsAtNineTenths: nineTenths.p99Ms,
      workerCpuUsPerActionAtTenth: tenth.workerUs,
    });
  }
  Object.assign(figures, {
    actionsPerSecondTapOn: tapOn.ours.perSecond,
    ratioToLimitTapOn: tapOn.ratio,
    actionsPerSecondR3: replicated.ours.perSecond,
    ratioToLimitR3: replicated.ratio,
  });
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
}

/** In a quick run there may be fewer calls than usual. */
function usualOf(cells: readonly Cell[]): Cell | undefined {
  const { usualPartitions, usualCalls } = limits;
  return cells.findLast(({ partitions, calls }) => partitions === usualPartitions && calls <= usualCalls);
}
