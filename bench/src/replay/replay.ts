import { JetStreamLog, stateHash } from '@ringback/eventlog';
import { connectNats } from '@ringback/runtime';
import { partitionOf } from '@ringback/schemas';
import type { BenchOptions, Figures } from '../bench.ts';
import { Ours } from '../log/contenders.ts';
import { medians } from '../stats.ts';
import { limits } from './limits.ts';
import { rebuildViews } from './rebuild.ts';
import { figuresOf, print, type ReplayResult } from './report.ts';
import { residentMiB, takeOver, type TakeOver } from './take-over.ts';
import {
  ask,
  consumeAll,
  exportTo,
  readAll,
  readFileBack,
  readOne,
  replayAll,
  stateAt,
  timed,
} from './ways.ts';

/** How long until a long call is there again, by every way to it; and how soon somebody else decides its calls. */
export async function run(options: BenchOptions): Promise<Figures> {
  if (process.platform !== 'linux')
    throw new Error('This bench reads memory sizes from /proc: run it on Linux.');
  const result = { ...(await withLog(options, longCall)), live: await withLog(options, liveCalls) };
  print(result, options.print);
  return figuresOf(result);
}

type Connection = Awaited<ReturnType<typeof connectNats>>;

async function withLog<T>(
  options: BenchOptions,
  task: (ours: Ours, nc: Connection, options: BenchOptions) => Promise<T>,
): Promise<T> {
  const { partitions } = limits;
  const ours = await Ours.start(options.root, { partitions, replicas: 1, tap: false });
  const { url, secrets } = ours.log;
  try {
    // Owners answer to those that ask them in earnest.
    const nc = await connectNats({ url, user: 'edge', password: secrets.nats.edge, name: 'replay' });
    try {
      return await task(ours, nc, options);
    } finally {
      await nc.close();
    }
  } finally {
    await ours.stop();
  }
}

async function longCall(
  ours: Ours,
  nc: Connection,
  { root, quick, progress }: BenchOptions,
): Promise<Omit<ReplayResult, 'live'>> {
  const events = quick ? limits.eventsQuick : limits.events;
  const rounds = quick ? limits.roundsQuick : limits.rounds;
  progress(`a log of ${events} events is written`);
  await ours.load.ask('open', { calls: limits.calls, people: limits.peoplePerCall });
  await ours.load.ask('write', { actions: events, every: limits.longCallEvery });
  const callId = await ours.load.ask('idOf', 0);
  const partition = partitionOf(callId);
  const log = await JetStreamLog.open(nc);
  const facts = await readOne(log, callId);
  const { ms: exportMs, path, bytes: fileBytes } = await exportTo(ours.log.home, facts);
  const partitionEvents = await readAll(log, partition);
  const runs: ReplayResult['ways'][] = [];
  let memoryEvents = 0;
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    const state = await timed(() => ask(nc, callId, { ask: 'state', callId }));
    const after = facts.length - 1_000;
    const recent = await timed(() => ask(nc, callId, { ask: 'events', callId, after, limit: 1_000 }));
    memoryEvents = recent.result.events.length;
    const bare = await timed(() => consumeAll(nc, partition));
    const read = await timed(() => readAll(log, partition));
    const replay = await timed(() => replayAll(log, partition));
    const one = await timed(() => readOne(log, callId));
    const folded = await timed(() => stateAt(one.result, one.result.length));
    const file = await timed(() => readFileBack(path));
    if (new Set([bare.result, read.result, replay.result]).size !== 1)
      throw new Error('not every way reads the same events');
    if (new Set([state.result.stateHash, stateHash(folded.result), file.result.stateHash]).size !== 1)
      throw new Error('not every way gives the same state hash');
    const at = (share: number) => timed(() => stateAt(file.result.facts, Math.floor(facts.length * share)));
    runs.push({
      memoryStateMs: state.ms,
      memoryEventsMs: recent.ms,
      partitionMs: one.ms,
      partitionFoldMs: folded.ms,
      fileMs: file.ms,
      atTenthMs: (await at(0.1)).ms,
      atHalfMs: (await at(0.5)).ms,
      atEndMs: (await at(1)).ms,
      bareMs: bare.ms,
      readMs: read.ms,
      replayMs: replay.ms,
      readRatio: bare.ms / read.ms,
      replayRatio: bare.ms / replay.ms,
    });
  }
  progress('its worker is killed');
  const { result: takenOver, worker } = await takeOver(ours.log, nc, root, ours.worker, 'alone');
  ours.worker = worker;
  const rebuildRounds = quick ? limits.rebuildRoundsQuick : limits.rebuildRounds;
  const rebuilds = await rebuildViews(ours.log, nc, log, { root, rounds: rebuildRounds, progress });
  const ways = medians(runs);
  const callEvents = facts.length;
  return {
    ...{ events, partitionEvents, callEvents, rounds, fileBytes, exportMs, ways, memoryEvents },
    longLog: { takenOver, rebuilds },
  };
}

async function liveCalls(
  ours: Ours,
  nc: Connection,
  { root, quick, progress }: BenchOptions,
): Promise<ReplayResult['live']> {
  const calls = quick ? limits.liveCallsQuick : limits.liveCalls;
  progress(`${calls} calls of ${limits.peoplePerLiveCall}`);
  await ours.load.ask('open', { calls, people: limits.peoplePerLiveCall });
  const workerMiB = residentMiB(ours.worker.pid);
  // Snapshots of what was just made are on their way; what none of them holds is printed.
  await new Promise((resolve) => setTimeout(resolve, limits.settleMs));
  const takeOvers = quick ? limits.takeOversQuick : limits.takeOvers;
  const runsOf = async (when: 'alone' | 'shared') => {
    const runs: TakeOver[] = [];
    for (let n = 0; n < takeOvers; n++) {
      const { worker, result } = await takeOver(ours.log, nc, root, ours.worker, when);
      ours.worker = worker;
      runs.push(result);
      progress(`${when}: taken over after ${Math.round(result.ms)} ms, ${Math.round(result.mebibytes)} MiB`);
    }
    return { ...medians(runs.map((run) => ({ ...run }))), worstMs: Math.max(...runs.map(({ ms }) => ms)) };
  };
  const alone = await runsOf('alone');
  const shared = await runsOf('shared');
  const log = await JetStreamLog.open(nc);
  const rounds = quick ? limits.rebuildRoundsQuick : limits.rebuildRounds;
  const rebuilds = await rebuildViews(ours.log, nc, log, { root, rounds, progress });
  // Each is made, and everybody joins and sends a track.
  const events = calls * (1 + 2 * limits.peoplePerLiveCall);
  return { calls, events, alone, shared, workerMiB, rebuilds };
}
