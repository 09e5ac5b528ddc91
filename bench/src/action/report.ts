import type { Figures } from '../bench.ts';
import { rounded, table, type Cell } from '../table.ts';
import { limits } from './limits.ts';

/** One contender at one rate. NaN where it has no such part. */
export interface Row {
  /** From when an action was due until the last of three has it; for a bare publish until its ack. Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time an action, microseconds. The bare echo's stands where ours has the edge. */
  readonly natsUs: number;
  readonly workerUs: number;
  readonly edgeUs: number;
  readonly actionsPerCommit: number;
  readonly bytesPerCommit: number;
  /** Of one core, taken by the load. */
  readonly loadShare: number;
  /** Of the whole machine, taken by none of the above: where it is not small, times are not the server's. */
  readonly othersShare: number;
  readonly completedShare: number;
}

export interface Rows {
  readonly tapOn: Row;
  readonly tapOff: Row;
  readonly echo: Row;
  readonly publish: Row;
  /** Our p99 / (echo's p99 + publish's p99), tap on. */
  readonly ratioToLimit: number;
}

export interface Maxima {
  tapOn: number;
  tapOff: number;
  echo: number;
}

/** Actions a second. */
export interface Rates {
  readonly slow: number;
  readonly half: number;
  readonly nineTenths: number;
}

export interface ActionResult {
  readonly calls: number;
  readonly rounds: number;
  readonly frameBytes: number;
  readonly maxima: Maxima;
  readonly rates: Rates;
  readonly rows: Record<keyof Rates, Rows>;
  readonly oneByOne: { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
}

const serverUs = ({ natsUs, workerUs, edgeUs }: Row) => natsUs + workerUs + edgeUs;

export function print(result: ActionResult, say: (text: string) => void): void {
  const { calls, rounds, frameBytes, maxima, rates, rows, oneByOne } = result;
  say(
    `One action: a mute by one of four, on the disk, then at the three others (${calls} calls, ${calls * limits.peoplePerCall} sockets, ${frameBytes} bytes to each).`,
  );
  say(
    `Open loop, latency from the due time; medians of ${rounds} interleaved run${rounds === 1 ? '' : 's'}; the load shares the cores\n(load %: of one core; others %: of the machine, by what is not part of the bench).\n`,
  );
  const heads = [
    '',
    'p50 ms',
    'p99 ms',
    'nats us',
    'worker us',
    'edge us',
    'all us',
    'a commit',
    'load %',
    'others %',
  ];
  for (const name of Object.keys(rates) as (keyof Rates)[]) {
    const { tapOn, tapOff, echo, publish, ratioToLimit } = rows[name];
    say(`${rounded(rates[name]).toLocaleString('en-US')} actions/s (${titles[name]})`);
    say(
      table(heads, [
        line('ours, tap on', tapOn),
        line('ours, tap off', tapOff),
        line('bare echo', { ...echo, natsUs: 0, workerUs: 0 }),
        line('bare publish of such commits', { ...publish, workerUs: 0, edgeUs: 0 }),
      ]),
    );
    const lost = 1 - Math.min(tapOn.completedShare, tapOff.completedShare, echo.completedShare);
    if (lost > 0) say(`not through within ${limits.drainMs} ms: ${(lost * 100).toFixed(2)} %`);
    say(`p99 is ${rounded(ratioToLimit)} times that of echo and publish together\n`);
  }
  say(
    table(
      [`most a second, p99 within ${limits.p99MsMax} ms`, 'actions/s'],
      [
        ['ours, tap on', maxima.tapOn],
        ['ours, tap off', maxima.tapOff],
        ['bare echo', maxima.echo],
        ['bare publish, one after the other', oneByOne.perSecond],
      ],
    ),
  );
}

const titles: Record<keyof Rates, string> = {
  slow: 'idle',
  half: 'half of the maximum',
  nineTenths: 'nine tenths of the maximum',
};

function line(name: string, row: Row): Cell[] {
  const { p50Ms, p99Ms, natsUs, workerUs, edgeUs, actionsPerCommit, loadShare, othersShare } = row;
  return [
    name,
    p50Ms,
    p99Ms,
    ...[natsUs, workerUs, edgeUs, serverUs(row)],
    actionsPerCommit,
    loadShare * 100,
    othersShare * 100,
  ];
}

/** Without a suffix: at half of the maximum, tap on. */
export function figuresOf({ calls, maxima, rates, rows, oneByOne }: ActionResult): Figures {
  const figures: Figures = {
    ...ours('', rows.half),
    ...ours('At100', rows.slow),
    ...ours('AtNineTenths', rows.nineTenths),
    actionsPerSecondHalf: rates.half,
    actionsPerSecondNineTenths: rates.nineTenths,
    actionsPerSecondMax: maxima.tapOn,
    actionsPerSecondMaxTapOff: maxima.tapOff,
    actionsPerSecondMaxEcho: maxima.echo,
    publishesPerSecondOneByOne: oneByOne.perSecond,
    publishOneByOneP50Ms: oneByOne.p50Ms,
    publishOneByOneP99Ms: oneByOne.p99Ms,
  };
  const short = Object.entries(figures).map(([name, value]) => [name, rounded(value)]);
  return { ...(Object.fromEntries(short) as Figures), calls, p99MsMax: limits.p99MsMax };
}

function ours(suffix: string, { tapOn, tapOff, echo, publish, ratioToLimit }: Rows): Figures {
  const figures: Figures = {
    p50Ms: tapOn.p50Ms,
    p99Ms: tapOn.p99Ms,
    serverCpuUsPerAction: serverUs(tapOn),
    natsCpuUsPerAction: tapOn.natsUs,
    workerCpuUsPerAction: tapOn.workerUs,
    edgeCpuUsPerAction: tapOn.edgeUs,
    p50MsTapOff: tapOff.p50Ms,
    p99MsTapOff: tapOff.p99Ms,
    serverCpuUsPerActionTapOff: serverUs(tapOff),
    ratioToLimit,
    ratioToEchoCpu: serverUs(tapOn) / echo.edgeUs,
    actionsPerCommit: tapOn.actionsPerCommit,
    bytesPerCommit: tapOn.bytesPerCommit,
    echoP50Ms: echo.p50Ms,
    echoP99Ms: echo.p99Ms,
    echoCpuUsPerAction: echo.edgeUs,
    publishP50Ms: publish.p50Ms,
    publishP99Ms: publish.p99Ms,
    publishCpuUsPerAction: publish.natsUs,
    othersCpuShare: tapOn.othersShare,
    completedShare: tapOn.completedShare,
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}
