import { MemoryLog, UndecodableCommit, type EventLog, type StoredCommit } from '@ringback/eventlog';
import {
  makeLogger,
  makeMetrics,
  ManualClock,
  MemoryBus,
  seededIds,
  systemClock,
  systemIds,
} from '@ringback/runtime';
import { start } from '@ringback/domain/testing';
import { expect, it, vi } from 'vitest';
import { CallsWorker } from './calls-worker.ts';
import { makeOwnerMetrics } from './metrics.ts';

class Damaged extends MemoryLog {
  override async *read(partition: number, range = {}): AsyncIterable<StoredCommit> {
    if (partition === 1) throw new UndecodableCommit(partition, 7, 'damaged');
    yield* super.read(partition, range);
  }
}

it('a commit that can not be decoded stops its partition, and no other', async () => {
  const worker = new CallsWorker(
    {
      log: new Damaged(() => start),
      bus: new MemoryBus(),
      clock: new ManualClock(start),
      logger: makeLogger('test', 'silent'),
      metrics: makeOwnerMetrics(makeMetrics('test')),
      codeVersion: 'test',
      tap: false,
    },
    seededIds(1),
  );
  const running = worker.run(3);
  await vi.waitFor(() => expect(worker.halted()).toEqual([1]));
  await vi.waitFor(() => expect(worker.owned().sort()).toEqual([0, 2]));
  await worker.stop();
  await running;
  expect(worker.owned()).toEqual([]);
});

it('a worker whose replay takes long is left in peace by the one that stands by', async () => {
  const log = new MemoryLog(() => Date.now());
  const replayed = Promise.withResolvers<void>();
  class Slow extends MemoryLog {
    override append: EventLog['append'] = (request) => log.append(request);
    override async *read(...args: Parameters<EventLog['read']>): AsyncIterable<StoredCommit> {
      await replayed.promise;
      yield* log.read(...args);
    }
  }
  const bus = new MemoryBus();
  const asked: string[] = [];
  bus.subscribe('ask.00', () => asked.push('who'));
  const start = (of: EventLog) => {
    const ports = {
      log: of,
      bus,
      clock: systemClock,
      logger: makeLogger('test', 'silent'),
      codeVersion: 'test',
      tap: false,
    };
    const worker = new CallsWorker({ ...ports, metrics: makeOwnerMetrics(makeMetrics('test')) }, systemIds);
    return { worker, running: worker.run(1) };
  };
  const claims = async () => {
    let count = 0;
    for await (const { body } of log.read(0)) if (body.kind === 'claim') count += 1;
    return count;
  };
  const first = start(new Slow(() => 0));
  await vi.waitFor(async () => expect(await claims()).toBe(1), 5_000);
  const second = start(log);
  // Asked again and again: each answer is "somebody is here".
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(5), 10_000);
  expect(await claims()).toBe(1);
  replayed.resolve();
  await vi.waitFor(() => expect(first.worker.owned()).toEqual([0]), 5_000);
  expect(await claims()).toBe(1);
  await Promise.all([first.worker.stop(), second.worker.stop()]);
  await Promise.all([first.running, second.running]);
});
