import type { BenchOptions, Figures } from '../bench.ts';
import { medians } from '../stats.ts';
import { Bare, Ours, type OursOptions, type Pace } from './contenders.ts';
import { limits } from './limits.ts';
import { figuresOf, mostOf, print, rowOf, type BareRow, type Cell, type Most, type Row } from './report.ts';

/** How many actions a second are decided and on the disk, and how many could be at best? */
export async function run(options: BenchOptions): Promise<Figures> {
  if (process.platform !== 'linux')
    throw new Error('This bench reads CPU times from /proc: run it on Linux.');
  const { quick } = options;
  const { usualPartitions: partitions } = limits;
  const cells: Cell[] = [];
  for (const count of quick ? limits.partitionsQuick : limits.partitions)
    cells.push(...(await measurePartitions(count, options)));
  const usualCalls = quick ? Math.max(...limits.callsQuick) : limits.usualCalls;
  const tapOn = await measureMost({ partitions, replicas: 1, tap: true }, usualCalls, options);
  const replicated = await measureMost({ partitions, replicas: 3, tap: false }, usualCalls, options);
  const result = { rounds: roundsOf(options), cells, usualCalls, tapOn, replicated };
  print(result, options.print);
  return figuresOf(result);
}

async function measurePartitions(partitions: number, options: BenchOptions): Promise<Cell[]> {
  const cells: Cell[] = [];
  await withBoth({ partitions, replicas: 1, tap: false }, options, async (ours, bare) => {
    for (const calls of options.quick ? limits.callsQuick : limits.calls) {
      options.progress(`${partitions} partitions, ${calls} calls`);
      await ours.load.ask('open', { calls, people: limits.peoplePerCall });
      const most = await findMost(ours, bare, options);
      const runs = { tenth: [] as Row[], half: [] as Row[], nineTenths: [] as Row[] };
      for (let round = 0; round < roundsOf(options); round++) {
        for (const [name, share] of Object.entries({ tenth: 0.1, half: 0.5, nineTenths: 0.9 })) {
          const perSecond = Math.round(most.ours.perSecond * share);
          const row = rowOf(await ours.window(paceOf(options, perSecond)));
          runs[name as keyof typeof runs].push(row);
          options.progress(
            `  ${perSecond}/s: p50 ${row.p50Ms.toFixed(1)} ms, p99 ${row.p99Ms.toFixed(1)} ms`,
          );
        }
      }
      const { tenth, half, nineTenths } = runs;
      cells.push({
        partitions,
        calls,
        most,
        tenth: medians(tenth),
        half: medians(half),
        nineTenths: medians(nineTenths),
      });
    }
  });
  return cells;
}

async function measureMost(ours: OursOptions, calls: number, options: BenchOptions): Promise<Most> {
  const { partitions, replicas, tap } = ours;
  options.progress(`${partitions} partitions, ${calls} calls, ${replicas} copies, tap ${tap ? 'on' : 'off'}`);
  return withBoth(ours, options, async (platform, bare) => {
    await platform.load.ask('open', { calls, people: limits.peoplePerCall });
    return findMost(platform, bare, options);
  });
}

/** As many as can be, and right after it bare publishes of commits as long; in turn. */
async function findMost(ours: Ours, bare: Bare, options: BenchOptions): Promise<Most> {
  const runs: { ours: Row; bare: BareRow }[] = [];
  for (let round = 0; round < roundsOf(options); round++) {
    const row = rowOf(await ours.window(paceOf(options)));
    const { leadMs, ms } = paceOf(options);
    const published = await bare.publish({ bytes: Math.round(row.bytesPerCommit), leadMs, ms });
    const actions = published.commits * row.actionsPerCommit;
    const limit = { perSecond: (actions * 1_000) / ms, natsUs: (published.cpuMs * 1_000) / actions };
    runs.push({ ours: row, bare: limit });
    options.progress(
      `  ours ${Math.round(row.perSecond)}/s, ${Math.round(row.actionsPerCommit)} a commit, worker ${row.workerUs.toFixed(1)} us; bare ${Math.round(limit.perSecond)}/s`,
    );
  }
  return mostOf(runs);
}

/** The limit stands on servers of its own, beside ours. */
async function withBoth<T>(
  asked: OursOptions,
  { root }: BenchOptions,
  task: (ours: Ours, bare: Bare) => Promise<T>,
): Promise<T> {
  const ours = await Ours.start(root, asked);
  try {
    const bare = await Bare.start(asked);
    try {
      return await task(ours, bare);
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
  }
}

function roundsOf({ quick }: BenchOptions): number {
  return quick ? limits.roundsQuick : limits.rounds;
}

function paceOf({ quick }: BenchOptions, perSecond?: number): Pace {
  const [leadMs, ms] = quick ? [limits.leadMsQuick, limits.windowMsQuick] : [limits.leadMs, limits.windowMs];
  return perSecond === undefined ? { leadMs, ms } : { leadMs, ms, perSecond };
}
