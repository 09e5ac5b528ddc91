import type { Figures } from '../bench.ts';
import { rounded, table } from '../table.ts';
import { limits } from './limits.ts';
import type { Rebuilds } from './rebuild.ts';
import type { TakeOver } from './take-over.ts';

/** Medians; times in milliseconds. */
export interface ReplayResult {
  readonly events: number;
  readonly partitionEvents: number;
  readonly callEvents: number;
  readonly rounds: number;
  readonly fileBytes: number;
  readonly exportMs: number;
  readonly ways: {
    readonly memoryStateMs: number;
    readonly memoryEventsMs: number;
    readonly partitionMs: number;
    readonly partitionFoldMs: number;
    readonly fileMs: number;
    readonly atTenthMs: number;
    readonly atHalfMs: number;
    readonly atEndMs: number;
    readonly bareMs: number;
    readonly readMs: number;
    readonly replayMs: number;
    readonly readRatio: number;
    readonly replayRatio: number;
  };
  /** Events that the owner had in memory. */
  readonly memoryEvents: number;
  /** With all those events in the log. */
  readonly longLog: { readonly takenOver: TakeOver; readonly rebuilds: Rebuilds };
  readonly live: {
    readonly calls: number;
    readonly events: number;
    readonly alone: TakeOver & { readonly worstMs: number };
    readonly shared: TakeOver & { readonly worstMs: number };
    readonly workerMiB: number;
    readonly rebuilds: Rebuilds;
  };
}

const count = (n: number) => n.toLocaleString('en-US');

export function print(result: ReplayResult, say: (text: string) => void): void {
  const { events, partitionEvents, callEvents, rounds, ways, live } = result;
  const per1000 = (ms: number, of: number) => (ms * 1_000) / of;
  const medians = `medians of ${rounds} interleaved run${rounds === 1 ? '' : 's'}`;
  say(
    `A call of ${count(callEvents)} events in a log of ${count(events)}; ${medians}. One hash whichever way.\n`,
  );
  say(
    table(
      ['the call', 'ms', 'ms / 1,000 events'],
      [
        ['from memory: its state and hash', ways.memoryStateMs, per1000(ways.memoryStateMs, callEvents)],
        [
          `from memory: its last ${count(result.memoryEvents)} events`,
          ways.memoryEventsMs,
          per1000(ways.memoryEventsMs, result.memoryEvents),
        ],
        [
          `by partition: read out of ${count(partitionEvents)} events`,
          ways.partitionMs,
          per1000(ways.partitionMs, callEvents),
        ],
        ['… then folded', ways.partitionFoldMs, per1000(ways.partitionFoldMs, callEvents)],
        [
          `by export file (${count(result.fileBytes)} bytes): unpacked, checked, folded`,
          ways.fileMs,
          per1000(ways.fileMs, callEvents),
        ],
        ['writing that file', result.exportMs, per1000(result.exportMs, callEvents)],
        ['its state after a tenth of its events', ways.atTenthMs, per1000(ways.atTenthMs, callEvents / 10)],
        ['… after half', ways.atHalfMs, per1000(ways.atHalfMs, callEvents / 2)],
        ['… after all', ways.atEndMs, per1000(ways.atEndMs, callEvents)],
      ],
    ),
  );
  const line = (name: string, ms: number, ratio: number) => [name, (partitionEvents * 1_000) / ms, ratio];
  say('');
  say(
    table(
      [`a partition of ${count(partitionEvents)} events`, 'events/s', 'to bare'],
      [
        line('bare consumer and JSON.parse', ways.bareMs, 1),
        line("the log's reader", ways.readMs, ways.readRatio),
        line('read and folded, as an owner takes it', ways.replayMs, ways.replayRatio),
      ],
    ),
  );
  say('');
  printRebuilds(`${limits.calls} long calls`, result.longLog.rebuilds, say);
  printRebuilds(`${count(live.calls)} short calls`, live.rebuilds, say);
  printTakeOvers(result, say);
}

function printRebuilds(
  of: string,
  { events, bareMs, ms, ratio }: Rebuilds,
  say: (text: string) => void,
): void {
  const rate = (took: number) => (events * 1_000) / took;
  const rows = Object.entries(ms).map(([name, took]) => [`… ${name}`, rate(took), ratio[name]!]);
  const heads = [`views built anew: ${of}, ${count(events)} events`, 'events/s', 'to bare'];
  say(`${table(heads, [['bare consumers and JSON.parse', rate(bareMs), 1], ...rows])}\n`);
}

function printTakeOvers({ events, longLog, live }: ReplayResult, say: (text: string) => void): void {
  const line = (name: string, calls: number, all: number, { ms, noticedMs, tail, partitions }: TakeOver) => [
    ...[name, calls, all, partitions, tail],
    ...[noticedMs, ms],
  ];
  const people = limits.peoplePerLiveCall;
  say(
    table(
      ['another worker takes over (kill -9)', 'calls', 'events', 'partitions', 'tail', 'noticed, ms', 'ms'],
      [
        line('the long log', limits.calls, events, longLog.takenOver),
        line(`live calls of ${people}, all by one worker`, live.calls, live.events, live.alone),
        line('… shared by two, one dies', live.calls, live.events, live.shared),
      ],
    ),
  );
  say(
    `worst: ${Math.round(live.alone.worstMs)} ms and, shared, ${Math.round(live.shared.worstMs)} ms; tail: events that no snapshot held\n` +
      `memory of a worker with ${count(live.calls)} live calls of ${people}: ${Math.round(live.workerMiB)} MiB; just after it took them over: ${Math.round(live.alone.mebibytes)} MiB`,
  );
}

/** `ratioToLimit`: the log's reader to a bare consumer with JSON.parse, as rates; of rebuilds the slowest view's. */
export function figuresOf({ callEvents, partitionEvents, ways, live, longLog }: ReplayResult): Figures {
  const figures: Figures = {
    msPer1000EventsArchive: (ways.fileMs * 1_000) / callEvents,
    msPer1000EventsPartition: ((ways.partitionMs + ways.partitionFoldMs) * 1_000) / callEvents,
    ratioToLimit: ways.readRatio,
    ratioToLimitReplay: ways.replayRatio,
    eventsPerSecondBare: (partitionEvents * 1_000) / ways.bareMs,
    eventsPerSecondRead: (partitionEvents * 1_000) / ways.readMs,
    eventsPerSecondReplay: (partitionEvents * 1_000) / ways.replayMs,
    callFromMemoryMs: ways.memoryStateMs,
    callFromPartitionMs: ways.partitionMs + ways.partitionFoldMs,
    callFromFileMs: ways.fileMs,
    stateAtHalfMs: ways.atHalfMs,
    takeOverMs: live.alone.ms,
    takeOverMsMax: live.alone.worstMs,
    takeOverMsShared: live.shared.ms,
    takeOverNoticedMs: live.alone.noticedMs,
    takeOverMsLongLog: longLog.takenOver.ms,
    workerMiB: live.workerMiB,
    workerMiBAfter: live.alone.mebibytes,
    ratioToLimitRebuild: Math.min(...Object.values(longLog.rebuilds.ratio)),
    ratioToLimitRebuildShort: Math.min(...Object.values(live.rebuilds.ratio)),
  };
  const short = Object.entries(figures).map(([name, value]) => [name, rounded(value)]);
  return { ...(Object.fromEntries(short) as Figures), callEvents, liveCalls: live.calls };
}
