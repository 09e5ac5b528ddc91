import type { Figures } from '../bench.ts';
import { median, medians } from '../stats.ts';
import { rounded, table } from '../table.ts';
import type { Contender, ContenderName } from './contenders.ts';
import type { Idle } from './idle.ts';
import { limits, shapeNames, shapes, type ShapeName } from './limits.ts';
import type { Run } from './measure.ts';

export type CaseName = ShapeName | `${ShapeName}Batched`;
export const caseNames = shapeNames.flatMap((shape): CaseName[] => [shape, `${shape}Batched`]);

/** One after the other, in the same minute. */
export type Round = Partial<Record<ContenderName, Run>>;

export interface Result {
  readonly contenders: Partial<Record<ContenderName, Pick<Contender, 'title'>>>;
  readonly rounds: Readonly<Record<CaseName, readonly Round[]>>;
  readonly idle: Idle;
}

/** Without a suffix: one call with a thousand who watch, one publish a tick. */
const suffixes: Record<CaseName, string> = {
  one: '',
  oneBatched: 'Batched',
  ten: 'At10x2000',
  tenBatched: 'At10x2000Batched',
};

const nameInFigures: Record<Exclude<ContenderName, 'ours' | 'bare'>, string> = {
  ws: 'Ws',
  socketIo: 'SocketIo',
  socketIoGathered: 'SocketIoGathered',
  centrifugo: 'Centrifugo',
};

export function print({ contenders, rounds, idle }: Result, say: (text: string) => void): void {
  const count = rounds.one.length;
  say(
    'Fan-out: one delivery is one event, whole, at one socket. All servers are fed over the same nats-server.',
  );
  say(
    `Medians of ${count} interleaved run${count === 1 ? '' : 's'}; server, nats and load in % of one core, others in % of the machine.\n`,
  );
  for (const shape of shapeNames)
    for (const name of [shape, `${shape}Batched`] as const) {
      const batch = name === shape ? 1 : limits.batch;
      say(`${shapes[shape].title}, ${batch} a tick`);
      say(
        table(heads, [
          ...runsOf(rounds[name]).map(([who, run]) => [
            contenders[who]!.title,
            ...[run.deliveriesPerCpuSecond, run.p50Ms, run.p99Ms, run.deliveriesPerSecond],
            ...[run.framesPerDelivery, run.bytesPerDelivery],
            ...[run.serverShare * 100, run.natsShare * 100, run.loadShare * 100, run.othersShare * 100],
          ]),
        ]),
      );
      const ratios = runsOf(rounds[name])
        .filter(([who]) => who !== 'ours')
        .map(([who]) => `${contenders[who]!.title} ${rounded(ratio(rounds[name], who))}`);
      say(`ours, deliveries a CPU second, to: ${ratios.join(', ')}\n`);
    }
  say(
    table(
      [`${idle.sockets} idle sockets`, 'process bytes each', 'heap bytes each'],
      [
        ['connected', idle.idleBytes, idle.idleHeapBytes],
        ['… and watching a call', idle.watchingBytes, idle.watchingHeapBytes],
      ],
    ),
  );
  say(
    `woken at once: 99 of 100 within ${rounded(idle.wokenP99Ms)} ms, all within ${rounded(idle.wokenMaxMs)} ms (medians of ${limits.wakes})`,
  );
}

const heads = [
  '',
  'a CPU second',
  'p50 ms',
  'p99 ms',
  'a second',
  'frames each',
  'bytes each',
  'server %',
  'nats %',
  'load %',
  'others %',
];

/** Of those that were measured: each one's medians. */
function runsOf(rounds: readonly Round[]): [ContenderName, Record<keyof Run, number>][] {
  const names = Object.keys(rounds[0]!) as ContenderName[];
  return names.map((name) => [name, medians(rounds.map((round) => round[name]!))]);
}

/** Of each round's own runs: what disturbed the machine then disturbed both. */
function ratio(rounds: readonly Round[], to: ContenderName): number {
  return median(
    rounds.map((round) => round.ours!.deliveriesPerCpuSecond / round[to]!.deliveriesPerCpuSecond),
  );
}

export function figuresOf({ rounds, idle }: Result): Figures {
  const figures: Figures = {};
  for (const name of caseNames) {
    const suffix = suffixes[name];
    for (const [who, run] of runsOf(rounds[name])) {
      const of = who === 'ours' ? '' : who === 'bare' ? 'Limit' : nameInFigures[who];
      figures[`deliveriesPerCpuSecond${of}${suffix}`] = run.deliveriesPerCpuSecond;
      figures[`p99Ms${of}${suffix}`] = run.p99Ms;
      if (who === 'ours') figures[`othersCpuShare${suffix}`] = run.othersShare;
      else figures[`ratioTo${of}${suffix}`] = ratio(rounds[name], who);
    }
  }
  const { sockets, ...ofIdle } = idle;
  return Object.fromEntries([
    ...Object.entries({ ...figures, ...ofIdle }).map(([name, value]) => [name, rounded(value)]),
    ['idleSockets', sockets],
  ]) as Figures;
}
