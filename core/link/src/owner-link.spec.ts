import { host, ask, second, callId, created, history, join } from '@ringback/domain/testing';
import { reject, type CommandReply } from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import type { Outcome } from './partition-link.ts';
import { stage, command, ok } from './testing.ts';

describe('commands', () => {
  it('of one tick go in one message, and each gets its own answer', async () => {
    const on = stage();
    const outcomes = [on.link.submit(command(1)), on.link.submit(command(2)), on.link.submit(command(3))];
    await on.drained();
    expect(on.sent().map((refs) => refs.length)).toEqual([3]);
    expect(on.batches[0]?.commands.map((c) => c.command)).toEqual([command(1), command(2), command(3)]);
    const [a, b, c] = on.sent()[0]!;
    const error = reject('call_locked');
    on.feed(1, [ok(b!, 8), { ref: a!, ok: false, callId, error }, ok(c!, 9)]);
    expect(await Promise.all(outcomes)).toEqual([
      { ok: false, error },
      { ok: true, seq: 8 },
      { ok: true, seq: 9 },
    ]);
    expect(on.link.pendingCount).toBe(0);
  });

  it('that are long go in several messages', async () => {
    const on = stage();
    const sdp = `v=0${'x'.repeat(59_000)}`;
    for (let i = 0; i < 20; i++)
      void on.link.submit(ask(host, 'call.offer', { to: second.participantId, connectionId: 'ab', sdp }));
    await on.drained();
    expect(on.sent().length).toBeGreaterThan(1);
    expect(on.sent().flat()).toHaveLength(20);
    for (const batch of on.batches)
      expect(JSON.stringify(batch).length).toBeLessThanOrEqual(limits.batchBytesMax);
  });

  it('are measured as they are sent, whatever it is that makes them long', async () => {
    const on = stage();
    const codec = { mimeType: 'video/x', clockRate: 90_000, sdpFmtpLine: 'ü'.repeat(512) };
    const audioCodecs = Array.from({ length: 64 }, () => codec);
    const long = { version: 1 as const, audioCodecs, videoCodecs: [], screenShare: true, userAgent: '' };
    const joining = join(host);
    for (let i = 0; i < 100; i++)
      void on.link.submit({ ...joining, data: { ...joining.data, capabilities: long } });
    await on.drained();
    expect(on.sent().flat()).toHaveLength(100);
    for (const batch of on.batches)
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(limits.batchBytesMax + 1_000);
  });

  it('that would fill the memory are turned away', async () => {
    const on = stage();
    const sdp = `v=0${'x'.repeat(59_000)}`;
    const offer = () =>
      on.link.submit(ask(host, 'call.offer', { to: second.participantId, connectionId: 'ab', sdp }));
    on.head(1);
    const fit = Math.floor(limits.pendingBytesMax / JSON.stringify(sdp).length);
    const outcomes = Array.from({ length: fit + 1 }, offer);
    expect(await outcomes.at(-1)).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    await on.drained();
    const full = on.link.pendingCount;
    // Only with an answer there is room again.
    on.feed(1, [ok(on.sent()[0]![0]!, 5)]);
    await outcomes[0];
    void offer();
    expect(on.link.pendingCount).toBe(full);
    expect(await offer()).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    on.link.stop();
  });

  it('are told after the events that came of them', async () => {
    const on = stage();
    const outcome = on.link.submit(command(1)).then(() => on.told.push('reply'));
    await on.drained();
    on.feed(1, [ok(on.sent()[0]![0]!, 1)], history(created()));
    await outcome;
    expect(on.told).toEqual(['events', 'reply']);
  });

  it('are sent again while there is no answer, by the same ref', async () => {
    const on = stage();
    void on.link.submit(command(1));
    await on.drained();
    on.clock.advance(limits.resendMs - 1);
    await on.drained();
    expect(on.sent()).toHaveLength(1);
    on.clock.advance(limits.resendMs);
    await on.drained();
    expect(on.sent()).toHaveLength(2);
    expect(on.sent()[1]).toEqual(on.sent()[0]);
  });

  it('are sent again at once to a new owner, in the order they were asked', async () => {
    const on = stage();
    on.head(1);
    void on.link.submit(command(1));
    void on.link.submit(command(2));
    await on.drained();
    void on.link.submit(command(3));
    // Heard before the third was sent.
    on.head(2);
    await on.drained();
    const [first, second] = on.sent();
    expect(on.sent()).toHaveLength(2);
    expect(second?.slice(0, 2)).toEqual(first);
    expect(on.batches.at(-1)?.commands.map((c) => c.command.id)).toEqual([1, 2, 3].map((n) => command(n).id));
  });

  it('turned away for want of room surely did not happen; sent before, they may have', async () => {
    const on = stage();
    on.head(1);
    const full = (ref: number): CommandReply => ({ ref, ok: false, callId, error: reject('overloaded') });
    const fresh = on.link.submit(command(1));
    await on.drained();
    on.feed(1, [full(on.sent()[0]![0]!)]);
    expect(await fresh).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    // Its first owner stored it, and died before it could say so.
    const stored = on.link.submit(command(2));
    await on.drained();
    on.head(2);
    await on.drained();
    on.feed(2, [full(on.sent().at(-1)![0]!)]);
    expect(await stored).toMatchObject({ ok: false, error: { code: 'unknown_outcome' } });
  });

  it('without an answer in time have an unknown outcome', async () => {
    const on = stage();
    let outcome: Outcome | undefined;
    void on.link.submit(command(1)).then((o) => (outcome = o));
    await on.drained();
    on.clock.advance(limits.commandMs - limits.resendMs);
    await on.drained();
    expect(outcome).toBeUndefined();
    on.clock.advance(2 * limits.resendMs);
    await vi.waitFor(() => expect(outcome).toMatchObject({ ok: false, error: { code: 'unknown_outcome' } }));
    expect(on.link.pendingCount).toBe(0);
    // An answer that comes after all is of no use to anybody.
    on.feed(1, [ok(on.sent()[0]![0]!, 5)]);
    await on.drained();
    expect(outcome).toMatchObject({ ok: false });
  });

  it('that no commit would take are refused at once, and are not sent', async () => {
    const on = stage();
    const sdp = 'ü'.repeat(limits.commandBytesMax / 2);
    const offer = ask(host, 'call.offer', { to: second.participantId, connectionId: 'ab', sdp });
    const no = { ok: false, error: { code: 'too_large' } };
    expect(await on.link.submit(offer)).toMatchObject(no);
    expect(await on.link.insist(offer)).toMatchObject(no);
    await on.drained();
    expect(on.sent()).toEqual([]);
    expect(on.link.pendingCount).toBe(0);
  });

  it('beyond the limit are turned away', async () => {
    const on = stage();
    for (let i = 0; i < limits.pendingMax; i++) void on.link.submit(command(1));
    expect(await on.link.submit(command(2))).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    on.link.stop();
  });

  it('for a partition that there is not find no call', async () => {
    const on = stage();
    const elsewhere = join(host, { callId: callId.replace(/^03/, '77') });
    expect(await on.link.submit(elsewhere)).toMatchObject({ ok: false, error: { code: 'call_unknown' } });
  });

  it('that are withdrawn are not sent again, and nobody says what became of them', async () => {
    const on = stage();
    const first = command(1);
    const outcome = on.link.submit(first);
    void on.link.submit(command(2));
    await on.drained();
    on.link.withdraw(first);
    on.link.withdraw(first);
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'unknown_outcome' } });
    on.clock.advance(2 * limits.resendMs);
    await on.drained();
    const [[, second], again] = on.sent() as [number[], number[]];
    expect([again, on.link.pendingCount]).toEqual([[second], 1]);
  });

  it('are not answered by a reply about another call', async () => {
    const on = stage();
    void on.link.submit(command(1));
    await on.drained();
    on.feed(1, [{ ...ok(on.sent()[0]![0]!, 5), callId: callId.replace(/0$/, '1') }]);
    await on.drained();
    expect(on.link.pendingCount).toBe(1);
  });
});

describe('a link', () => {
  it('numbers its batches', async () => {
    const on = stage();
    for (let n = 1; n <= 3; n++) {
      void on.link.submit(command(n));
      await on.drained();
    }
    expect(on.numbers()).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
  });

  it('that lost a batch is followed by a new one, with everything open in the order it was asked', async () => {
    const on = stage();
    on.head(1);
    on.link.follow(callId);
    for (let n = 1; n <= 3; n++) {
      void on.link.submit(command(n));
      await on.drained();
    }
    const refs = on.sent().flat();
    on.feed(1, [ok(refs[0]!, 4)]);
    void on.link.submit(command(4));
    on.again(1);
    // Not about the new link, on which nothing was sent yet.
    on.again(1);
    await on.drained();
    expect(on.numbers().slice(3)).toEqual([[2, 0]]);
    expect(on.batches.at(-1)?.follow).toEqual([callId]);
    expect(on.batches.at(-1)?.commands.map((c) => c.command)).toEqual([2, 3, 4].map(command));
    expect(on.sent().at(-1)?.slice(0, 2)).toEqual(refs.slice(1));
  });

  it('without an answer is followed by a new one; nothing new overtakes what is sent again', async () => {
    const on = stage();
    void on.link.submit(command(1));
    await on.drained();
    on.clock.advance(limits.resendMs - 100);
    void on.link.submit(command(2));
    await on.drained();
    on.clock.advance(limits.resendMs);
    void on.link.submit(command(3));
    await on.drained();
    expect(on.numbers()).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
    expect(on.batches.at(-1)?.commands.map((c) => c.command)).toEqual([1, 2, 3].map(command));
  });

  it('names what is followed again and again', async () => {
    const on = stage();
    on.link.follow(callId);
    await on.drained();
    for (let i = 0; i < 2; i++) {
      on.clock.advance(limits.announceMs + limits.resendMs);
      await on.drained();
    }
    expect(on.batches.map((b) => [b.link, b.batch, b.follow])).toEqual(
      [1, 2, 3].map((link) => [link, 0, [callId]]),
    );
  });

  it('names no more than so many calls at once, all of them before any command', async () => {
    const on = stage();
    const calls = Array.from(
      { length: 2 * limits.batchFollowMax + 1 },
      (_, n) => callId.slice(0, -5) + String(10_000 + n),
    );
    for (const call of calls) on.link.follow(call);
    void on.link.submit(command(1));
    await on.drained();
    expect(on.batches.map((b) => [b.follow.length, b.commands.length])).toEqual([
      [limits.batchFollowMax, 0],
      [limits.batchFollowMax, 0],
      [1, 1],
    ]);
    for (const call of calls) on.link.unfollow(call);
    await on.drained();
    expect(on.batches.slice(3).map((b) => b.unfollow.length)).toEqual([
      limits.batchFollowMax,
      limits.batchFollowMax,
      1,
    ]);
  });

  it('says so again where events of a call come that is not followed', async () => {
    const on = stage();
    on.feed(1, [], history(created()));
    await on.drained();
    expect(on.batches.map((b) => b.unfollow)).toEqual([[callId]]);
  });
});
