import { callId, created, history } from '@ringback/domain/testing';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { stage, command, ok } from './testing.ts';

describe('epochs', () => {
  it('a lower one is not listened to', async () => {
    const on = stage();
    on.link.follow(callId);
    void on.link.submit(command(1));
    on.head(7);
    await on.drained();
    const ref = on.sent()[0]![0]!;
    on.feed(6, [ok(ref, 5)], history(created()));
    on.head(6, { [callId]: 9 });
    await on.drained();
    expect([on.events, on.heads, on.link.pendingCount]).toEqual([[], [], 1]);
    on.feed(7, [ok(ref, 5)], history(created()));
    on.head(7, { [callId]: 9 });
    await on.drained();
    expect([on.events.length, on.heads, on.link.pendingCount]).toEqual([1, [[callId, 9]], 0]);
  });

  it('a higher one is told again what is followed', async () => {
    const on = stage();
    const other = callId.replace(/0$/, '1');
    on.link.follow(callId);
    on.link.follow(other);
    await on.drained();
    on.link.unfollow(other);
    await on.drained();
    expect(on.batches.map((b) => [b.follow, b.unfollow])).toEqual([
      [[callId, other], []],
      [[], [other]],
    ]);
    on.head(1);
    await on.drained();
    expect(on.batches.at(-1)).toMatchObject({ follow: [callId], unfollow: [] });
    on.head(1);
    await on.drained();
    expect(on.batches).toHaveLength(3);
  });

  it('heads of calls that nobody follows are passed over', async () => {
    const on = stage();
    on.head(1, { [callId]: 4 });
    await on.drained();
    expect(on.heads).toEqual([]);
  });
});

describe('a gateway that is fed by placement', () => {
  it('takes the events of calls that it did not follow, and sends nothing for it', async () => {
    const on = stage({ fedByPlacement: true });
    on.feed(1, [], history(created()));
    await on.drained();
    expect(on.events).toEqual(history(created()));
    expect(on.batches).toEqual([]);
  });

  it('is told all heads, but not of an owner that was fenced', async () => {
    const on = stage({ fedByPlacement: true });
    on.head(2, { [callId]: 4 });
    on.head(1, { [callId]: 9 });
    await on.drained();
    expect(on.heads).toEqual([[callId, 4]]);
  });
});

describe('signs of life', () => {
  it('are given each second, and end with the link', async () => {
    const on = stage();
    on.clock.advance(3 * limits.beatMs);
    await on.drained();
    expect(on.beats).toHaveLength(4);
    expect(on.beats[0]).toEqual({ gateway: 'edge-1', incarnation: '1' });
    on.link.stop();
    on.clock.advance(3 * limits.beatMs);
    await on.drained();
    expect(on.beats).toHaveLength(4);
  });

  it('carry what the gateway says of itself at that moment, under no other name', async () => {
    let times = 0;
    const on = stage({ beat: () => ({ gateway: 'edge-2', region: 'eu', load: ++times / 10 }) });
    on.clock.advance(limits.beatMs);
    await on.drained();
    const beat = { gateway: 'edge-1', incarnation: '1', region: 'eu' };
    expect(on.beats).toEqual([
      { ...beat, load: 0.1 },
      { ...beat, load: 0.2 },
    ]);
  });

  it('say whether a partition has an owner', async () => {
    const on = stage();
    expect(on.link.owned(0)).toEqual([false, false, false, false]);
    on.head(1);
    await on.drained();
    expect(on.link.owned(0)).toEqual([false, false, false, true]);
    on.clock.advance(limits.ownerSilentMs + 1);
    expect(on.link.owned(0)).toEqual([false, false, false, false]);
  });

  it('from before the present connection do not count', async () => {
    const on = stage();
    on.head(1);
    await on.drained();
    on.clock.advance(1);
    const connectedAt = on.clock.monotonic();
    expect(on.link.owned(connectedAt)).toEqual([false, false, false, false]);
    on.head(1);
    await on.drained();
    expect(on.link.owned(connectedAt)).toEqual([false, false, false, true]);
  });

  it('stopping sends what waits, and leaves nobody waiting', async () => {
    const on = stage();
    const outcome = on.link.submit(command(1));
    on.link.stop();
    await on.drained();
    expect(on.sent()).toHaveLength(1);
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'unknown_outcome' } });
    expect(await on.link.submit(command(2))).toMatchObject({ ok: false, error: { code: 'overloaded' } });
  });
});
