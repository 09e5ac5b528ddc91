import { place } from '@ringback/domain';
import { start } from '@ringback/domain/testing';
import { makeLogger, ManualClock, MemoryBus } from '@ringback/runtime';
import { subjects, type WorkerBeat } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { Membership } from './membership.ts';

const partitions = 12;

async function stage() {
  const clock = new ManualClock(start);
  const bus = new MemoryBus();
  let changes = 0;
  const members = new Membership(
    { worker: 'a', incarnation: '1' },
    { bus, clock, logger: makeLogger('test', 'silent') },
    () => [],
    () => (changes += 1),
  );
  const drained = () => new Promise((resolve) => setImmediate(resolve));
  members.start(partitions);
  await drained();
  return {
    clock,
    bus,
    members,
    changes: () => changes,
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(Math.min(left, 500));
        await drained();
      }
    },
    hear: async (worker: string, more: Partial<WorkerBeat> = {}) => {
      const beat = { worker, incarnation: '1', steadyMs: 60_000, partitions: [], draining: false, ...more };
      bus.publish(subjects.workerBeat(worker), beat);
      await drained();
    },
  };
}

/** Partitions that are placed on `worker` where these are there. */
function ofWorker(worker: string, workers: readonly string[]): number[] {
  const keys = Array.from({ length: partitions }, (_, i) => String(i).padStart(2, '0'));
  const placed = place(
    keys,
    workers.map((id) => ({ id })),
  );
  return keys.filter((key) => placed.get(key) === worker).map(Number);
}

const all = Array.from({ length: partitions }, (_, i) => i);

describe('membership', () => {
  it('a worker asks for its share once it was steady for a while', async () => {
    const on = await stage();
    await on.hear('b', { partitions: all });
    const asks = () => all.filter((partition) => on.members.shouldAsk(partition, 'b'));
    await on.pass(limits.steadyMs - 500);
    await on.hear('b', { partitions: all });
    expect(asks()).toEqual([]);
    await on.pass(1_000);
    await on.hear('b', { partitions: all });
    expect(asks()).toEqual(ofWorker('a', ['a', 'b']));
    expect(asks().length).toBeGreaterThan(0);
  });

  it('a worker gives to those that are steady, or have something already, what belongs to them', async () => {
    const on = await stage();
    await on.pass(limits.steadyMs + 1_000);
    const given = (to: string) => all.filter((partition) => on.members.shouldGive(partition, to));
    await on.hear('b', { steadyMs: limits.steadyMs - 1 });
    expect(given('b')).toEqual([]);
    await on.hear('b', { steadyMs: 0, partitions: [3] });
    expect(given('b')).toEqual(ofWorker('b', ['a', 'b']));
    await on.hear('b', { draining: true });
    expect(given('b')).toEqual([]);
  });

  it('one that stood still has to be steady anew', async () => {
    const on = await stage();
    await on.pass(limits.steadyMs + 1_000);
    const beats: WorkerBeat[] = [];
    on.bus.subscribe(subjects.workerBeat('a'), (message) => beats.push(message as WorkerBeat));
    // Its timers fall due together when it wakes.
    on.clock.advance(60_000);
    await on.pass(1_000);
    expect(beats.at(-1)?.steadyMs).toBeLessThan(limits.steadyMs);
  });

  it('an ending worker takes nothing, gives everything, and the others ask at once', async () => {
    const on = await stage();
    await on.hear('b', { partitions: all, draining: true });
    // Steady or not: there is nobody else.
    expect(all.filter((partition) => on.members.shouldAsk(partition, 'b'))).toEqual(all);
    await on.hear('c');
    on.members.drain();
    expect(all.filter((partition) => on.members.shouldAsk(partition, 'b'))).toEqual([]);
    expect(on.members.shouldGive(0, 'c')).toBe(true);
    expect(on.members.hasSuccessors).toBe(true);
  });

  it('of a dead worker everybody takes a part, each in turn', async () => {
    const on = await stage();
    await on.hear('b');
    await on.hear('c', { partitions: all });
    for (const partition of all) {
      const first = ofWorker('a', ['a', 'b']).includes(partition);
      expect(on.members.turn(partition, 'c')).toBe(first ? 0 : 1);
    }
    expect(all.map((partition) => on.members.turn(partition, undefined))).toContain(2);
    await on.pass(limits.workerSilentMs + 500);
    expect(all.map((partition) => on.members.turn(partition, undefined))).toEqual(all.map(() => 0));
  });

  it('finds out at once who has died', async () => {
    const on = await stage();
    on.bus.subscribe(subjects.handOver('b'), (_, __, reply) => reply({ ok: true, closedMs: 0 }));
    await on.hear('b');
    await on.hear('c');
    await on.members.probe();
    expect(on.members.hasSuccessors).toBe(true);
    await on.hear('b', { draining: true });
    expect(on.members.hasSuccessors).toBe(false);
  });

  it('tells of news, not of every beat; another with its own name changes nothing', async () => {
    const on = await stage();
    const before = on.changes();
    await on.hear('b', { steadyMs: 0 });
    await on.hear('b', { steadyMs: 1_000 });
    expect(on.changes()).toBe(before + 1);
    await on.hear('b', { steadyMs: limits.steadyMs });
    await on.hear('b', { steadyMs: limits.steadyMs, draining: true });
    await on.hear('b', { incarnation: '2' });
    expect(on.changes()).toBe(before + 4);
    await on.hear('a', { incarnation: '2', draining: true });
    expect(on.members.isDraining('a')).toBe(false);
  });
});
