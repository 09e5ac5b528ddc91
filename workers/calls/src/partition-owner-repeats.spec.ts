import { host, ask, second, third, join, uuid } from '@ringback/domain/testing';
import { describe, expect, it, vi } from 'vitest';
import { PartitionOwner } from './partition-owner.ts';
import { create, hold, partition, stage, told, toggles } from './testing.ts';

describe('repeats', () => {
  it('get their first reply, from the next owner too', async () => {
    const on = await stage();
    on.send(create, join(host), ask(host, 'call.lock', {}, { id: uuid(0x20) }));
    await told(on, 3);
    await on.owner.stop();
    await PartitionOwner.take(partition, 'owner-2', on.ports);
    on.relink();
    on.send(create, join(host), ask(host, 'call.lock', {}, { id: uuid(0x20) }));
    await told(on, 6);
    expect(on.replies().map((r) => r.ok && r.seq)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(await on.types()).toHaveLength(3);
  });

  it('a refusal is repeated to the one who was refused, and to nobody else', async () => {
    const on = await stage();
    const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
    const unlock = ask(host, 'call.unlock', {}, { id: uuid(0x21) });
    const id = uuid(0x30);
    on.send(
      create,
      join(host),
      lock,
      join(second, { id }),
      unlock,
      join(second, { id }),
      join(third, { id }),
    );
    on.send(join(host, { id, tenantId: 'other' }));
    await told(on, 8);
    expect(on.replies().map((r) => (r.ok ? r.seq : r.error.code))).toEqual([
      1,
      2,
      3,
      'call_locked',
      4,
      'call_locked',
      5,
      'call_unknown',
    ]);
  });
});

it('stopping finishes what waits', async () => {
  const on = await stage();
  on.send(create, join(host));
  await told(on, 2);
  const release = hold(on.ports.log);
  on.send(...toggles(1, 0x9000));
  await on.drained();
  on.send(...toggles(3));
  await on.drained();
  const stopped = on.owner.stop();
  on.send(...toggles(1, 0x9100));
  release();
  await stopped;
  expect(await on.owner.lost).toEqual({ reason: 'stopped' });
  await on.drained();
  expect(on.replies()).toHaveLength(6);
});

describe('batches of a gateway', () => {
  const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
  const unlock = ask(host, 'call.unlock', {}, { id: uuid(0x21) });

  it('are taken in order: after a lost one nothing, until the gateway starts a new link with all of it', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    const gap = { link: 1, batch: 2 };
    on.batch({ ...gap, commands: [{ ref: 12, command: unlock }] });
    on.batch({ ...gap, batch: 3, commands: [] });
    await on.drained();
    expect(on.replies()).toHaveLength(2);
    expect(on.fed.filter((m) => m.again === true)).toHaveLength(1);
    on.batch({
      link: 2,
      batch: 0,
      commands: [
        { ref: 11, command: lock },
        { ref: 12, command: unlock },
      ],
    });
    await told(on, 4);
    expect(on.replies().slice(2)).toMatchObject([
      { ref: 11, ok: true, seq: 3 },
      { ref: 12, ok: true, seq: 4 },
    ]);
    // The old link's stragglers come to nothing.
    on.batch({ ...gap, commands: [{ ref: 13, command: ask(host, 'call.lock', {}, { id: uuid(0x22) }) }] });
    await on.drained();
    expect(await on.types()).toHaveLength(4);
  });

  it('a new owner asks for all that is unanswered', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    await on.owner.stop();
    await PartitionOwner.take(partition, 'owner-2', on.ports);
    on.send(lock);
    await vi.waitFor(() => expect(on.fed.at(-1)?.again).toBe(true));
    expect(await on.types()).toHaveLength(2);
  });
});
