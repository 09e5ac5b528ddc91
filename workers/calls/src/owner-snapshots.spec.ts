import { MemoryLog, MemorySnapshots, type SnapshotStore } from '@ringback/eventlog';
import {
  ask,
  callId,
  created,
  history,
  host,
  join,
  joined,
  second,
  third,
  uuid,
} from '@ringback/domain/testing';
import { makeLogger } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { stateFormat } from './state-format.ts';
import { create, hold, partition, stage, told, type Stage } from './testing.ts';

const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
const unlock = ask(host, 'call.unlock', {}, { id: uuid(0x21) });
const locked = join(third, { id: uuid(0x22) });
const key = { codeVersion: 'test', stateFormat };

const positionIn = async (snapshots: SnapshotStore) =>
  (await snapshots.newest(partition, key))?.meta.position;

/** A platform where something happened: a call of two that was locked for a while, with a refusal meanwhile. */
async function lived(snapshots: SnapshotStore) {
  const on = await stage(undefined, { snapshots });
  on.send(create, join(host), join(second, { id: uuid(0x11) }), lock, locked, unlock);
  await told(on, 6);
  return on;
}

/** The next owner on the same log; where it read from, and what it warned of. */
async function next(before: Stage, more: Parameters<typeof stage>[1], log = before.ports.log as MemoryLog) {
  const read = vi.spyOn(log, 'read');
  const logger = makeLogger('test', 'silent');
  const warn = vi.spyOn(logger, 'warn');
  const on = await stage(log, { owner: 'owner-2', logger, ...more });
  const from = read.mock.calls.map(([, range]) => range?.from);
  read.mockRestore();
  return { on, from, warned: warn.mock.calls.length };
}

const stateOf = (on: Stage) => on.ask({ ask: 'state', callId });

describe('a snapshot at a graceful stop', () => {
  it('is all that the next owner needs: the log is read from where it stands', async () => {
    const snapshots = new MemorySnapshots();
    const on = await lived(snapshots);
    const before = await stateOf(on);
    await on.owner.stop();
    const { on: again, from, warned } = await next(on, { snapshots });
    expect(from).toEqual([on.owner.epoch + 1]);
    expect(warned).toBe(0);
    expect(await stateOf(again)).toMatchObject({
      ok: true,
      stateHash: (before as { stateHash: string }).stateHash,
    });
    // What happened before it is not in memory: who asks for it finds the beginning missing, and reads the log.
    expect(await again.ask({ ask: 'events', callId, after: 0, limit: 10 })).toMatchObject({
      events: [],
      head: 5,
    });
  });

  it('keeps what commands were told, refusals too', async () => {
    const snapshots = new MemorySnapshots();
    const on = await lived(snapshots);
    await on.owner.stop();
    const { on: again } = await next(on, { snapshots });
    again.send(lock, locked, join(host), join(third, { id: uuid(0x23) }));
    await told(again, 4);
    const outcomes = again.replies().map((reply) => ({ ...reply, ref: 0 }));
    expect(outcomes.slice(0, 3)).toEqual([3, 4, 1].map((n) => ({ ...on.replies()[n], ref: 0 })));
    expect(outcomes[1]).toMatchObject({ ok: false, error: { code: 'call_locked' } });
    expect(outcomes[3]).toMatchObject({ ok: true, seq: 6 });
  });

  it('is not made where nothing happened since the last, nor where it would take long', async () => {
    const snapshots = new MemorySnapshots();
    const on = await lived(snapshots);
    await on.owner.stop();
    const save = vi.spyOn(snapshots, 'save');
    const { on: idle } = await next(on, { snapshots });
    await idle.owner.stop();
    const log = new MemoryLog(() => 0);
    await log.append({
      partition,
      id: 'many',
      expected: 0,
      body: manyCalls(limits.snapshotAtStopCallsMax + 1),
    });
    await (await stage(log, { snapshots })).owner.stop();
    expect(save).not.toHaveBeenCalled();
  });

  it('is not waited for where the store does not answer', async () => {
    const stuck: SnapshotStore = { save: () => new Promise(() => {}), newest: async () => undefined };
    const on = await lived(stuck);
    const stopped = on.owner.stop();
    await on.drained();
    on.clock.advance(limits.snapshotAtStopMs);
    await stopped;
    expect(await on.owner.lost).toEqual({ reason: 'stopped' });
  });
});

describe('a snapshot beside the work', () => {
  it('is made when there is much to replay, as soon as the owner serves', async () => {
    const log = new MemoryLog(() => 0);
    await log.append({ partition, id: 'long', expected: 0, body: longCommit(limits.snapshotEventsMin) });
    const snapshots = new MemorySnapshots();
    const on = await stage(log, { snapshots });
    const { snapshotAgeCommits: age, snapshotBytes: bytes } = on.ports.metrics;
    const figureOf = async (gauge: typeof age) => (await gauge.get()).values[0]?.value;
    on.clock.advance(limits.tickMs);
    expect(await figureOf(age)).toBe(1);
    await vi.waitFor(async () => expect(await positionIn(snapshots)).toBe(2));
    await on.drained();
    on.clock.advance(limits.tickMs);
    expect(await figureOf(age)).toBe(0);
    expect(await figureOf(bytes)).toBeGreaterThan(100);
    const { on: again, from } = await next(on, { snapshots });
    expect(from).toEqual([2]);
    expect(await stateOf(again)).toEqual({ ...(await stateOf(on)), epoch: 3, owner: 'owner-2' });
  });

  it('that had to wait long for the store makes the next one no later', async () => {
    const log = new MemoryLog(() => 0);
    await log.append({ partition, id: 'long', expected: 0, body: longCommit(limits.snapshotEventsMin) });
    const { promise: stored, resolve } = Promise.withResolvers<void>();
    let saves = 0;
    const slow: SnapshotStore = {
      async save(_partition, _meta, bytes) {
        for await (const piece of bytes) expect(piece.length).toBeGreaterThan(0);
        saves += 1;
        // As many events come meanwhile as this one holds: they are due at once.
        if (saves === 1) await stored;
        return 1;
      },
      newest: async () => undefined,
    };
    const on = await stage(log, { snapshots: slow });
    on.send(create);
    on.clock.advance(limits.tickMs);
    await vi.waitFor(() => expect(saves).toBe(1));
    const toggles = Array.from({ length: limits.snapshotEventsMin }, (_, n) =>
      ask(host, n % 2 === 0 ? 'call.lock' : 'call.unlock', {}, { id: uuid(0x1_0000 + n) }),
    );
    on.send(join(host), ...toggles);
    await vi.waitFor(() => expect(on.replies().length).toBeGreaterThan(limits.snapshotEventsMin), 20_000);
    await on.pass(30_000);
    resolve();
    await on.drained();
    on.clock.advance(limits.tickMs);
    await vi.waitFor(() => expect(saves).toBe(2));
  }, 30_000);

  it('is made after a while for a single event, and not for none', async () => {
    const snapshots = new MemorySnapshots();
    const save = vi.spyOn(snapshots, 'save');
    const on = await stage(undefined, { snapshots });
    await on.pass(2 * limits.snapshotMs);
    expect(save).not.toHaveBeenCalled();
    on.send(create);
    await told(on, 1);
    on.clock.advance(limits.tickMs);
    await vi.waitFor(async () => expect(await positionIn(snapshots)).toBe(2));
    await on.pass(limits.snapshotMs / 2);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('waits for the commit in flight, and holds nothing that is not durable', async () => {
    const snapshots = new MemorySnapshots();
    const on = await lived(snapshots);
    on.clock.advance(limits.snapshotMs - limits.tickMs);
    const release = hold(on.ports.log);
    on.send(join(third, { id: uuid(0x23) }));
    await on.drained();
    on.clock.advance(limits.tickMs);
    await on.drained();
    expect(await positionIn(snapshots)).toBeUndefined();
    release();
    await told(on, 7);
    await vi.waitFor(async () =>
      expect(await positionIn(snapshots)).toBe((await on.commits()).at(-1)!.position),
    );
    const { on: again } = await next(on, { snapshots });
    const { on: whole } = await next(again, { owner: 'owner-3' });
    const hashes = await Promise.all(
      [again, whole].map(async (o) => ((await stateOf(o)) as { stateHash: string }).stateHash),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('that can not be saved is warned of, harms nobody, and is tried again after a while', async () => {
    let tries = 0;
    const full: SnapshotStore = {
      save: async () => {
        tries += 1;
        throw new Error('full');
      },
      newest: async () => undefined,
    };
    const on = await stage(undefined, { snapshots: full });
    on.send(create);
    await told(on, 1);
    await on.pass(limits.snapshotMs + 1_000);
    expect(tries).toBe(1);
    on.relink();
    on.send(create);
    await told(on, 2);
    expect(on.replies()[1]).toMatchObject({ ok: true, seq: 1 });
    await on.pass(limits.snapshotMs);
    expect(tries).toBe(2);
  });
});

describe('a snapshot that does not fit is as none: the whole log is replayed', () => {
  const saved = async () => {
    const snapshots = new MemorySnapshots();
    const on = await lived(snapshots);
    const before = (await stateOf(on)) as { stateHash: string };
    await on.owner.stop();
    return { snapshots, on, stateHash: before.stateHash };
  };

  it('damaged', async () => {
    const { snapshots, on, stateHash } = await saved();
    snapshots.damage(partition);
    const { on: again, from, warned } = await next(on, { snapshots });
    expect([from, warned]).toEqual([[1], 1]);
    expect(await stateOf(again)).toMatchObject({ stateHash });
  });

  it("other code's", async () => {
    const { snapshots, on, stateHash } = await saved();
    const { on: again, from, warned } = await next(on, { snapshots, codeVersion: 'test-2' });
    expect([from, warned]).toEqual([[1], 0]);
    expect(await stateOf(again)).toMatchObject({ stateHash });
  });

  it('beyond the end of the log, as of one that began anew', async () => {
    const { snapshots, on } = await saved();
    const { on: again, from, warned } = await next(on, { snapshots }, new MemoryLog(() => 0));
    expect([from, warned]).toEqual([[1], 1]);
    expect(await stateOf(again)).toMatchObject({ ok: false, error: { code: 'call_unknown' } });
  });

  it('of another log that is as long by now', async () => {
    const { snapshots, on } = await saved();
    const log = new MemoryLog(() => 0);
    for (let n = 0; n < 5; n++)
      await log.append({
        partition,
        id: `${n}`,
        expected: n,
        body: { kind: 'claim', owner: 'other', events: [] },
      });
    const { on: again, from, warned } = await next(on, { snapshots }, log);
    expect([from, warned]).toEqual([[on.owner.epoch + 1, 1], 1]);
    expect(await stateOf(again)).toMatchObject({ ok: false, error: { code: 'call_unknown' } });
  });

  it('of what the log has no more', async () => {
    const { snapshots, on } = await saved();
    const log = on.ports.log as MemoryLog;
    const read = log.read.bind(log);
    const purgedTo = on.owner.epoch + 1;
    log.read = (p, range) => read(p, { ...range, from: Math.max(range?.from ?? 1, purgedTo + 1) });
    const { from, warned } = await next(on, { snapshots });
    expect([from, warned]).toEqual([[purgedTo, 1], 1]);
  });

  it('where the log can not be read, that is said, and not taken for a bad snapshot', async () => {
    const { snapshots, on } = await saved();
    class Away extends MemoryLog {
      // oxlint-disable-next-line require-yield
      override async *read(): AsyncGenerator<never> {
        throw new Error('the log is away');
      }
    }
    const log = new Away(() => 0);
    for (let n = 0; n < 5; n++)
      await log.append({
        partition,
        id: `${n}`,
        expected: n,
        body: { kind: 'claim', owner: 'x', events: [] },
      });
    await expect(next(on, { snapshots }, log)).rejects.toThrow('the log is away');
  });
});

/** A call of so many events: made, joined, then locked and unlocked. */
function longCommit(count: number) {
  const events = history(created(), joined(host)) as CallEvent[];
  const [first] = events;
  for (let sequence = 3; sequence <= count; sequence++) {
    const type = sequence % 2 === 1 ? 'call.locked' : 'call.unlocked';
    events.push({
      ...first,
      type,
      sequence,
      id: `${callId}/${sequence}`,
      data: { by: host.participantId },
    } as CallEvent);
  }
  return { kind: 'commit' as const, owner: 'long', epoch: 0, events };
}

function manyCalls(count: number) {
  const [first] = history(created());
  const events = Array.from({ length: count }, (_, n) => {
    const subject = callId.replace(/.{8}$/, n.toString(16).padStart(8, '0'));
    return { ...first!, subject, id: `${subject}/1` };
  });
  return { kind: 'commit' as const, owner: 'many', epoch: 0, events };
}
