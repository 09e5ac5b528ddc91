import type { Figures } from '../bench.ts';
import { median } from '../stats.ts';
import { rounded, table, type Cell } from '../table.ts';
import { shapes, type ShapeName } from './contender.ts';
import { limits } from './limits.ts';
import type { Run } from './measure.ts';

export type ContenderName = 'ours' | 'bare' | 'janus';

/** One after the other; who has no usable run in it is not there. */
export type Round = Partial<Record<ContenderName, Run>>;
export type Rounds = Readonly<Record<ShapeName, readonly Round[]>>;

const titles: Record<ContenderName, string> = { ours: 'ours', bare: 'bare mediasoup', janus: 'Janus' };

export function print(rounds: Rounds, withJanus: boolean, say: (text: string) => void): void {
  const names: ContenderName[] = withJanus ? ['ours', 'bare', 'janus'] : ['ours', 'bare'];
  say(
    `CPU of a server for each Mbit of RTP payload that it forwards. A sender: Opus, 50 packets/s of 80 bytes, and VP8, ${limits.videoBps / 1e6} Mbit/s in 1,100-byte packets.`,
  );
  say(
    `Medians of interleaved runs, each with a new room; percentages of one core, "machine" of all; the load shares the cores.\n`,
  );
  for (const shape of Object.keys(shapes) as ShapeName[]) {
    say(`${shapes[shape].name}`);
    say(
      table(
        heads,
        names.map((name) => line(titles[name], runsOf(rounds[shape], name))),
      ),
    );
    const control = figure(runsOf(rounds[shape], 'ours'), ({ besides }) => sum(besides));
    say(`ours is ${words(ratio(rounds[shape], 'ours', 'bare'))} times bare mediasoup`);
    if (withJanus) say(`ours is ${words(ratio(rounds[shape], 'ours', 'janus'))} times Janus`);
    say(`besides: nats-server, calls worker and edge of ours took ${words(control)} ms/Mbit\n`);
  }
  if (!withJanus) say('Janus is not installed (Debian: apt-get install janus): no column of it.');
}

const heads = [
  '',
  'ms/Mbit',
  'worker',
  'node',
  'ms/1,000 pkt',
  'Mbit/s in',
  'Mbit/s out',
  'pkt/s out',
  'lost %',
  'server %',
  'load %',
  'machine %',
  'runs',
];

function line(title: string, runs: readonly Run[]): Cell[] {
  const of = (get: (run: Run) => number) => figure(runs, get);
  return [
    title,
    of(({ cpuMsPerMbit }) => cpuMsPerMbit),
    of(({ parts }) => parts.worker ?? Number.NaN),
    of(({ parts }) => parts.node ?? Number.NaN),
    of(({ cpuMsPer1000Packets }) => cpuMsPer1000Packets),
    of(({ sentMbps }) => sentMbps),
    of(({ receivedMbps }) => receivedMbps),
    of(({ packetsPerSecond }) => packetsPerSecond),
    of(({ lostShare }) => lostShare * 100),
    of(({ serverShare }) => serverShare * 100),
    of(({ loadShare }) => loadShare * 100),
    of(({ busyShare }) => busyShare * 100),
    runs.length,
  ];
}

/** Without a suffix: 1 -> 100. What no usable run gave is left out. */
export function figuresOf(rounds: Rounds): Figures {
  const all = { ...shapeFigures('', rounds.oneToMany), ...shapeFigures('At10x10', rounds.everybody) };
  const known = Object.entries(all).filter(([, value]) => !Number.isNaN(value));
  return Object.fromEntries(known.map(([name, value]) => [name, rounded(value)]));
}

function shapeFigures(suffix: string, rounds: readonly Round[]): Figures {
  const ours = runsOf(rounds, 'ours');
  const bare = runsOf(rounds, 'bare');
  const janus = runsOf(rounds, 'janus');
  const figures: Figures = {
    cpuMsPerMbit: figure(ours, ({ cpuMsPerMbit }) => cpuMsPerMbit),
    cpuMsPer1000Packets: figure(ours, ({ cpuMsPer1000Packets }) => cpuMsPer1000Packets),
    workerCpuMsPerMbit: figure(ours, ({ parts }) => parts.worker!),
    nodeCpuMsPerMbit: figure(ours, ({ parts }) => parts.node!),
    controlPlaneCpuMsPerMbit: figure(ours, ({ besides }) => sum(besides)),
    ratioToLimit: ratio(rounds, 'ours', 'bare'),
    ratioToJanus: ratio(rounds, 'ours', 'janus'),
    bareCpuMsPerMbit: figure(bare, ({ cpuMsPerMbit }) => cpuMsPerMbit),
    bareCpuMsPer1000Packets: figure(bare, ({ cpuMsPer1000Packets }) => cpuMsPer1000Packets),
    janusCpuMsPerMbit: figure(janus, ({ cpuMsPerMbit }) => cpuMsPerMbit),
    janusCpuMsPer1000Packets: figure(janus, ({ cpuMsPer1000Packets }) => cpuMsPer1000Packets),
    forwardedMbps: figure(ours, ({ receivedMbps }) => receivedMbps),
    forwardedPacketsPerSecond: figure(ours, ({ packetsPerSecond }) => packetsPerSecond),
    lostShare: figure(ours, ({ lostShare }) => lostShare),
    loadCpuShare: figure(ours, ({ loadShare }) => loadShare),
    machineBusyShare: figure(ours, ({ busyShare }) => busyShare),
    runsUsed: ours.length,
    bareRunsUsed: bare.length,
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}

/** Of each round's own runs: what disturbed the machine then disturbed both. NaN where no round has both. */
export function ratio(rounds: readonly Round[], a: ContenderName, b: ContenderName): number {
  const both = rounds.filter((round) => round[a] !== undefined && round[b] !== undefined);
  return median(both.map((round) => round[a]!.cpuMsPerMbit / round[b]!.cpuMsPerMbit));
}

function runsOf(rounds: readonly Round[], name: ContenderName): Run[] {
  return rounds.flatMap((round) => round[name] ?? []);
}

const figure = (runs: readonly Run[], get: (run: Run) => number) => median(runs.map(get));
const sum = (named: Readonly<Record<string, number>>) =>
  Object.values(named).reduce((all, one) => all + one, 0);
const words = (value: number) => (Number.isNaN(value) ? '(no usable runs)' : String(rounded(value)));
