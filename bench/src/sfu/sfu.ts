import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import type { BenchOptions, Figures } from '../bench.ts';
import { rounded } from '../table.ts';
import { ownAddress } from './address.ts';
import { Bare } from './bare.ts';
import { shapes, type Contender, type ShapeName } from './contender.ts';
import { Janus, janusPath } from './janus.ts';
import { limits } from './limits.ts';
import { buildLoad } from './load.ts';
import { measure, NotFlowing, spoilt, type Run, type RunOptions } from './measure.ts';
import { Ours } from './ours.ts';
import { figuresOf, print, type ContenderName, type Round, type Rounds } from './report.ts';

type Contenders = Partial<Record<ContenderName, Contender>>;

/** What does it cost to forward media, and how far is that from bare mediasoup, which our Call Server stands on? */
export async function run(options: BenchOptions): Promise<Figures> {
  const { root, quick, progress } = options;
  if (mediasoupWorkerPath() === undefined)
    throw new Error('the mediasoup worker is not there: run npm run setup');
  progress('building the load (Go)');
  const binary = buildLoad(root);
  const address = ownAddress();
  const contenders: Contenders = {};
  try {
    contenders.ours = await Ours.start(root);
    contenders.bare = await Bare.start(address);
    if (janusPath() !== undefined) contenders.janus = await Janus.start(address);
    const runOptions: RunOptions = {
      binary,
      address,
      leadMs: quick ? limits.leadMsQuick : limits.leadMs,
      windowMs: quick ? limits.windowMsQuick : limits.windowMs,
    };
    const rounds = await allRounds(contenders, runOptions, options);
    print(rounds, contenders.janus !== undefined, options.print);
    return figuresOf(rounds);
  } finally {
    for (const contender of Object.values(contenders)) await contender.stop();
  }
}

async function allRounds(
  contenders: Contenders,
  runOptions: RunOptions,
  options: BenchOptions,
): Promise<Rounds> {
  const names = Object.keys(contenders) as ContenderName[];
  const count = options.quick ? limits.roundsQuick : limits.rounds;
  const rounds: Record<ShapeName, Round[]> = { oneToMany: [], everybody: [] };
  for (let round = 0; round < count; round++)
    for (const shape of Object.keys(shapes) as ShapeName[]) {
      const runs: Round = {};
      // Each goes first in turn: what the one before leaves behind meets them all.
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length]!;
        const what = `round ${round + 1} of ${count}, ${shapes[shape].name}, ${contenders[name]!.title}`;
        const found = await usableRun(
          () => measure(contenders[name]!, shapes[shape], runOptions),
          what,
          options,
        );
        if (found !== undefined) runs[name] = found;
      }
      rounds[shape].push(runs);
    }
  return rounds;
}

/** @returns undefined where every try was spoilt. */
async function usableRun(
  once: () => Promise<Run>,
  what: string,
  { progress, print: say }: BenchOptions,
): Promise<Run | undefined> {
  for (let tries = 0; tries < limits.triesMax; tries++) {
    progress(what);
    const result = await once().catch((error: unknown) => {
      if (error instanceof NotFlowing) return error.message;
      throw error;
    });
    const why = typeof result === 'string' ? result : spoilt(result);
    if (typeof result !== 'string' && why === undefined) {
      progress(`${what}: ${rounded(result.cpuMsPerMbit)} ms/Mbit`);
      return result;
    }
    say(`not used: ${what}: ${why}`);
  }
  return undefined;
}
