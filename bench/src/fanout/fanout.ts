import type { BenchOptions, Figures } from '../bench.ts';
import { BenchLog } from '../platform.ts';
import { rounded } from '../table.ts';
import { startContenders, type Contender, type ContenderName, type Stage } from './contenders.ts';
import { raiseOpenFiles } from './files.ts';
import { measureIdle } from './idle.ts';
import { limits, shapeNames, shapes } from './limits.ts';
import { LoadSockets } from './load-sockets.ts';
import { measure, type MeasureOptions } from './measure.ts';
import { StandInOwner } from './owner.ts';
import { caseNames, figuresOf, print, type CaseName, type Round } from './report.ts';

/** What does it cost to tell many, and how far is that from what a socket costs at least? */
export async function run(options: BenchOptions): Promise<Figures> {
  const { root, quick, centrifugo, progress } = options;
  if (process.platform !== 'linux')
    throw new Error('This bench reads CPU times from /proc: run it on Linux.');
  const stops: (() => Promise<void>)[] = [];
  const onStop = (stop: () => Promise<void>) => void stops.push(stop);
  try {
    // Before any process is started that is to open many.
    raiseOpenFiles(limits.idle + limits.filesSpare);
    const load = new LoadSockets(root);
    onStop(() => load.stop());
    const log = await BenchLog.start({ partitions: 1 });
    onStop(() => log.stop());
    const owner = await StandInOwner.start(log.url, log.secrets.nats.calls, log.secrets.tenants[0]!.id);
    onStop(() => owner.stop());
    const stage: Stage = { root, quick, log, owner, load, onStop };
    const contenders = await startContenders(stage, centrifugo, progress);
    const serverPids = Object.values(contenders).flatMap(({ pid }) => pid ?? []);
    const rounds = await allRounds(contenders, options, {
      ...{ owner, load, natsPid: log.servers[0]!.pid },
      serverPids: [...new Set(serverPids)],
      leadMs: quick ? limits.leadMsQuick : limits.leadMs,
      windowMs: quick ? limits.windowMsQuick : limits.windowMs,
    });
    const idle = await measureIdle(stage, options);
    const result = { contenders, rounds, idle };
    print(result, options.print);
    return figuresOf(result);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function allRounds(
  contenders: Partial<Record<ContenderName, Contender>>,
  { quick, progress }: BenchOptions,
  options: MeasureOptions,
): Promise<Record<CaseName, Round[]>> {
  const names = Object.keys(contenders) as ContenderName[];
  const count = quick ? limits.roundsQuick : limits.rounds;
  const rounds = Object.fromEntries(caseNames.map((name) => [name, [] as Round[]])) as Record<
    CaseName,
    Round[]
  >;
  for (let round = 0; round < count; round++)
    for (const shape of shapeNames)
      for (const batch of [1, limits.batch]) {
        const runs: Round = {};
        // Each goes first in turn: what the one before leaves behind meets them all.
        for (let turn = 0; turn < names.length; turn++) {
          const name = names[(turn + round) % names.length]!;
          // With one publish a tick it is the same as the other.
          if (name === 'socketIoGathered' && batch === 1) continue;
          const contender = contenders[name]!;
          const found = await measure(contender, contender.audiences[shape], batch, options);
          runs[name] = found;
          progress(
            `round ${round + 1} of ${count}, ${shapes[shape].title}, ${batch} a tick, ${contender.title}: ` +
              `${rounded(found.deliveriesPerCpuSecond)} a CPU second, p99 ${rounded(found.p99Ms)} ms`,
          );
        }
        rounds[batch === 1 ? shape : (`${shape}Batched` as const)].push(runs);
      }
  return rounds;
}
