import { cpus } from 'node:os';
import type { BenchOptions, Figures } from '../bench.ts';
import { findMaximum } from '../find-maximum.ts';
import { median, medians } from '../stats.ts';
import { Echo, Ours, Publishing, type Pace } from './contenders.ts';
import type { WindowResult } from './crowd.ts';
import { limits } from './limits.ts';
import { figuresOf, print, type Maxima, type Rates, type Row, type Rows } from './report.ts';

interface Contenders {
  readonly tapOn: Ours;
  readonly tapOff: Ours;
  readonly echo: Echo;
  readonly publishing: Publishing;
}

/** What does one action cost, from a client over the disk to three others, and how far is that from what it stands on? */
export async function run(options: BenchOptions): Promise<Figures> {
  const { quick, progress } = options;
  if (process.platform !== 'linux')
    throw new Error('This bench reads CPU times from /proc: run it on Linux.');
  const calls = quick ? limits.callsQuick : limits.calls;
  const rounds = quick ? limits.roundsQuick : limits.rounds;
  const stops: (() => Promise<void>)[] = [];
  const kept = <T extends { stop(): Promise<void> }>(contender: T): T => {
    stops.push(() => contender.stop());
    return contender;
  };
  try {
    progress(`${calls} calls of ${limits.peoplePerCall} join: tap on, tap off, then the bare echo`);
    const tapOn = kept(await Ours.start(options.root, { tap: true, calls }));
    const tapOff = kept(await Ours.start(options.root, { tap: false, calls }));
    await tapOn.window({ perSecond: limits.slowPerSecond, leadMs: 0, ms: 1_000 });
    const frame = await tapOn.sample();
    const echo = kept(await Echo.start(frame, calls));
    const publishing = kept(await Publishing.start());
    const contenders = { tapOn, tapOff, echo, publishing };
    const maxima = await findMaxima(contenders, { calls, rounds }, options);
    const { rates, rows, oneByOne } = await measure(contenders, maxima.tapOn, rounds, options);
    const result = { calls, rounds, frameBytes: frame.length, maxima, rates, rows, oneByOne };
    print(result, options.print);
    return figuresOf(result);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function findMaxima(
  contenders: Contenders,
  { calls, rounds }: { calls: number; rounds: number },
  options: BenchOptions,
): Promise<Maxima> {
  const { tapOn, tapOff, echo } = contenders;
  const runs: Maxima[] = [];
  for (let round = 0; round < rounds; round++) {
    const found = { tapOn: 0, tapOff: 0, echo: 0 };
    for (const [name, contender] of Object.entries({ tapOn, tapOff, echo }) as [keyof Maxima, Echo][]) {
      const known = runs.at(-1)?.[name];
      const search = {
        from: known ?? limits.searchFromPerSecond,
        factor: known === undefined ? 1.5 : 1.1,
        within: limits.searchWithin,
        max: Math.min(limits.searchMaxPerSecond, calls * limits.actionsPerCallPerSecondMax),
      };
      found[name] = await findMaximum((perSecond) => holds(contender, name, perSecond, options), search);
      if (found[name] === 0) throw new Error(`${name}: no rate held`);
    }
    runs.push(found);
  }
  return medians(runs);
}

/** One disturbance of the machine is no limit: what does not hold is tried once more. */
async function holds(
  contender: { window(pace: Pace): Promise<WindowResult> },
  name: string,
  perSecond: number,
  { quick, progress }: BenchOptions,
): Promise<boolean> {
  for (let tries = 0; tries < 2; tries++) {
    const { sent, completed, p99Ms, refusals } = await contender.window(paceOf(perSecond, quick));
    const ok = completed === sent && p99Ms <= limits.p99MsMax;
    const refused = Object.keys(refusals).length > 0 ? `, refused ${JSON.stringify(refusals)}` : '';
    progress(
      `${name} at ${perSecond}/s: ${completed} of ${sent}, p99 ${Math.round(p99Ms)} ms${refused}: ${ok ? 'holds' : 'does not hold'}`,
    );
    if (ok) return true;
    // What it left behind is not the next one's to bear.
    if (completed < sent) await new Promise((resolve) => setTimeout(resolve, limits.drainMs));
  }
  return false;
}

async function measure(
  { tapOn, tapOff, echo, publishing }: Contenders,
  maximum: number,
  rounds: number,
  { quick, progress }: BenchOptions,
) {
  const rates: Rates = {
    slow: limits.slowPerSecond,
    half: Math.round(maximum / 2),
    nineTenths: Math.round(maximum * 0.9),
  };
  const runs = { slow: [], half: [], nineTenths: [] } as Record<keyof Rates, Omit<Rows, 'ratioToLimit'>[]>;
  const ones: Awaited<ReturnType<Publishing['oneByOne']>>[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(rates) as (keyof Rates)[]) {
      const pace = paceOf(rates[name], quick);
      progress(`round ${round + 1} of ${rounds}, ${pace.perSecond}/s: tap on, tap off, echo, publish`);
      const ours = await tapOn.window(pace);
      const off = await tapOff.window(pace);
      const bare = await echo.window(pace);
      const perSecond = pace.perSecond / ours.actionsPerCommit;
      const bytes = Math.round(ours.bytesPerCommit);
      const published = await publishing.window({ ...pace, perSecond, bytes });
      runs[name].push({
        tapOn: rowOf(ours),
        tapOff: rowOf(off),
        echo: rowOf(bare),
        publish: {
          ...noRow,
          p50Ms: published.p50Ms,
          p99Ms: published.p99Ms,
          natsUs: (published.cpuMs * 1_000) / ((pace.perSecond * pace.ms) / 1_000),
          actionsPerCommit: ours.actionsPerCommit,
          bytesPerCommit: bytes,
          completedShare: 1,
        },
      });
      if (name === 'slow') ones.push(await publishing.oneByOne({ bytes, ms: pace.ms / 2 }));
    }
  }
  const rowsOf = (name: keyof Rates): Rows => ({
    tapOn: medians(runs[name].map((run) => run.tapOn)),
    tapOff: medians(runs[name].map((run) => run.tapOff)),
    echo: medians(runs[name].map((run) => run.echo)),
    publish: medians(runs[name].map((run) => run.publish)),
    // Of each round's own parts: what disturbed the machine then disturbed them all.
    ratioToLimit: median(
      runs[name].map(({ tapOn: ours, echo: e, publish: p }) => ours.p99Ms / (e.p99Ms + p.p99Ms)),
    ),
  });
  const rows = { slow: rowsOf('slow'), half: rowsOf('half'), nineTenths: rowsOf('nineTenths') };
  return { rates, rows, oneByOne: medians(ones) };
}

function paceOf(perSecond: number, quick: boolean): Pace {
  if (quick) return { perSecond, leadMs: limits.leadMsQuick, ms: limits.windowMsQuick };
  const ms = perSecond <= limits.slowPerSecond ? limits.slowWindowMs : limits.windowMs;
  return { perSecond, leadMs: limits.leadMs, ms };
}

const noRow: Row = {
  p50Ms: Number.NaN,
  p99Ms: Number.NaN,
  natsUs: Number.NaN,
  workerUs: Number.NaN,
  edgeUs: Number.NaN,
  actionsPerCommit: Number.NaN,
  bytesPerCommit: Number.NaN,
  loadShare: Number.NaN,
  othersShare: Number.NaN,
  completedShare: Number.NaN,
};

function rowOf(result: WindowResult & { actionsPerCommit?: number; bytesPerCommit?: number }): Row {
  const { sent, completed, p50Ms, p99Ms, ms, cpuMs } = result;
  const { machine = 0, ...ofOurs } = cpuMs;
  const known = Object.values(ofOurs).reduce((sum, one) => sum + one, 0);
  const us = (name: string) => ((cpuMs[name] ?? Number.NaN) * 1_000) / sent;
  return {
    ...noRow,
    p50Ms,
    p99Ms,
    natsUs: us('nats'),
    workerUs: us('worker'),
    edgeUs: cpuMs.echo === undefined ? us('edge') : us('echo'),
    actionsPerCommit: result.actionsPerCommit ?? Number.NaN,
    bytesPerCommit: result.bytesPerCommit ?? Number.NaN,
    loadShare: cpuMs.load! / ms,
    othersShare: Math.max(0, machine - known) / (ms * cpus().length),
    completedShare: completed / sent,
  };
}
