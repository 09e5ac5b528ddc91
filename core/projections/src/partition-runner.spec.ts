import { created, joined } from '@ringback/domain/testing';
import { MemoryLog } from '@ringback/eventlog';
import { seededIds, systemClock, type Clock } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { MemoryViewStore } from './memory-view-store.ts';
import { PartitionRunner } from './partition-runner.ts';
import {
  append,
  callNumber,
  eventsOf,
  histories,
  named,
  partition,
  peopleView,
  silent,
  UnsteadyLog,
} from './testing.ts';
import type { Position, View } from './view-store.ts';

/** Waits are over at once: what is tried is order, not time. */
const hasty: Clock = { ...systemClock, after: (_, task) => systemClock.after(0, task) };

const view: View = { projection: peopleView(), build: 1 };
const ports = (log: MemoryLog, store: MemoryViewStore, clock = hasty) => ({
  log,
  store,
  clock,
  logger: silent,
  onOpen: () => {},
  onBatch: () => {},
});
const positionIn = (store: MemoryViewStore, of = view) =>
  store.transaction((trx) => trx.position(of, partition));

async function folded(log: MemoryLog, commits: number): Promise<MemoryViewStore> {
  const store = new MemoryViewStore([view]);
  await new PartitionRunner(ports(log, store), partition, [view]).run(new AbortController().signal, commits);
  return store;
}

describe('PartitionRunner', () => {
  it('ends where a fresh fold ends, whatever breaks on the way', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer(), async (commits, seed) => {
        const { random } = seededIds(seed);
        const log = new UnsteadyLog(random);
        const store = new MemoryViewStore([view]);
        store.beforeCommit = () => {
          if (random() < 0.2) throw new Error('Postgres is away');
        };
        const stop = new AbortController();
        const runs = [new PartitionRunner(ports(log, store), partition, [view])];
        // A second one of the same view, as while a new process takes over: its batches are done already, or the other's.
        if (random() < 0.5) runs.push(new PartitionRunner(ports(log, store), partition, [view]));
        const running = runs.map((runner) => runner.run(stop.signal));
        await append(log, commits);
        while ((await positionIn(store).catch(() => undefined))?.position !== commits.length)
          await new Promise((resolve) => setImmediate(resolve));
        stop.abort();
        await Promise.all(running);
        store.beforeCommit = () => {};
        const fresh = await folded(log, commits.length);
        expect(store.rows(view)).toEqual(fresh.rows(view));
        expect(await positionIn(store)).toEqual(await positionIn(fresh));
      }),
      { numRuns: 60 },
    );
  });

  it('takes each view on from where it is', async () => {
    const log = new MemoryLog(() => 1);
    const commits = [0, 1, 2].map((n) => eventsOf(callNumber(n), created()));
    await append(log, commits);
    const late: View = { projection: peopleView(), build: 2 };
    const store = new MemoryViewStore([view, late]);
    const { signal } = new AbortController();
    await new PartitionRunner(ports(log, store), partition, [view]).run(signal, 2);
    await new PartitionRunner(ports(log, store), partition, [view, late]).run(signal, 3);
    expect(store.rows(late)).toEqual(store.rows(view));
    expect(await positionIn(store, late)).toEqual(await positionIn(store));
  });

  it('says how far a view is, also where the answer to its last batch was lost', async () => {
    const log = new MemoryLog(() => 1);
    const store = new MemoryViewStore([view]);
    await append(log, [eventsOf(callNumber(0), created())]);
    const { signal } = new AbortController();
    await new PartitionRunner(ports(log, store), partition, [view]).run(signal, 1);
    const told: number[] = [];
    const onOpen = (_view: View, _partition: number, { position }: Position) => void told.push(position);
    await new PartitionRunner({ ...ports(log, store), onOpen }, partition, [view]).run(signal, 1);
    expect(told).toEqual([1]);
  });

  it('says how far a view is, also where another worker was there first', async () => {
    const log = new MemoryLog(() => 1);
    const store = new MemoryViewStore([view]);
    await append(log, [eventsOf(callNumber(0), created())]);
    const { signal } = new AbortController();
    const told = await Promise.all(
      [0, 1].map(async () => {
        const positions: number[] = [];
        const know = (_view: View, _partition: number, { position }: Position) =>
          void positions.push(position);
        const on = { ...ports(log, store), onOpen: know, onBatch: know };
        await new PartitionRunner(on, partition, [view]).run(signal, 1);
        return positions;
      }),
    );
    expect(told).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('parks a call that it can not fold, in this view alone, and all others go on', async () => {
    const log = new MemoryLog(() => 1);
    const bad: View = { projection: peopleView((name) => name === 'bad'), build: 2 };
    const store = new MemoryViewStore([view, bad]);
    await append(log, [
      eventsOf(callNumber(0), created(), joined(named(1, 'bad')), joined(named(2, 'good'))),
      eventsOf(callNumber(1), created(), joined(named(1, 'good'))),
    ]);
    await new PartitionRunner(ports(log, store), partition, [view, bad]).run(new AbortController().signal, 2);
    expect(store.rows(view).filter(({ table }) => table === 'person')).toHaveLength(3);
    expect(
      store
        .rows(bad)
        .filter(({ table }) => table === 'person')
        .map(({ callId }) => callId),
    ).toEqual([callNumber(1)]);
    const calls = await store.transaction((trx) => trx.load(bad, [callNumber(0)]));
    expect(calls.get(callNumber(0))).toMatchObject({
      seq: 3,
      parked: { seq: 2, kept: 2, reason: '"bad" is no name' },
    });
  });

  it('parks a call whose events have a hole, or come twice', async () => {
    const log = new MemoryLog(() => 1);
    const store = new MemoryViewStore([view]);
    const two = [0, 1].map((n) =>
      eventsOf(callNumber(n), created(), joined(named(1, 'A')), joined(named(2, 'B'))),
    );
    const [[first, , third], [one, again]] = two as [CallEvent[], CallEvent[]];
    await append(log, [[first!], [third!], [one!, again!, again!, again!]]);
    await new PartitionRunner(ports(log, store), partition, [view]).run(new AbortController().signal, 3);
    const calls = await store.transaction((trx) => trx.load(view, [callNumber(0), callNumber(1)]));
    const parked = { kept: 0, over: 'gap' };
    expect(calls.get(callNumber(0))?.parked).toMatchObject({
      ...{ ...parked, seq: 2, reason: 'event 3 stands where 2 belongs' },
    });
    expect(calls.get(callNumber(1))?.parked).toMatchObject({
      ...{ ...parked, seq: 3, reason: 'event 2 stands where 3 belongs' },
    });
  });

  it('keeps so many facts of a parked call, and says that there were more', async () => {
    const log = new MemoryLog(() => 1);
    const store = new MemoryViewStore([view]);
    const bad: View = { projection: peopleView(() => true), build: 1 };
    const many = Array.from({ length: limits.parkedEventsPerCallMax + 1 }, (_, n) =>
      joined(named(n % 3, 'bad')),
    );
    await append(log, [eventsOf(callNumber(0), created(), ...many)]);
    await new PartitionRunner(ports(log, store), partition, [bad]).run(new AbortController().signal, 1);
    const calls = await store.transaction((trx) => trx.load(bad, [callNumber(0)]));
    expect(calls.get(callNumber(0))?.parked).toMatchObject({
      kept: limits.parkedEventsPerCallMax,
      over: 'full',
    });
  });

  it('begins anew where the log is another one than the view is of', async () => {
    const store = new MemoryViewStore([view]);
    const [one, other] = [new MemoryLog(() => 1), new MemoryLog(() => 2)];
    await append(one, [eventsOf(callNumber(0), created()), eventsOf(callNumber(1), created())]);
    await append(other, [eventsOf(callNumber(2), created()), eventsOf(callNumber(3), created())]);
    const { signal } = new AbortController();
    await new PartitionRunner(ports(one, store), partition, [view]).run(signal, 2);
    await new PartitionRunner(ports(other, store), partition, [view]).run(signal, 2);
    expect(store.rows(view).map(({ callId }) => callId)).toEqual([callNumber(2), callNumber(3)]);
    expect(await positionIn(store)).toEqual(await positionIn(await folded(other, 2)));
  });
});
