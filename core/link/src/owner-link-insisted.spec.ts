import { callId } from '@ringback/domain/testing';
import { reject } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import type { Outcome } from './partition-link.ts';
import { stage, command, ok } from './testing.ts';

describe('a partition that takes nothing', () => {
  it('what is asked anew is refused at once while no owner is heard, and taken again when one is', async () => {
    const on = stage();
    on.clock.advance(limits.stuckMs - 1);
    const waiting = on.link.submit(command(1));
    on.clock.advance(1);
    expect(await on.link.submit(command(2))).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    on.head(1);
    await on.drained();
    const taken = on.link.submit(command(3));
    await on.drained();
    const [first, third] = on.sent().slice(-2).flat();
    on.feed(1, [ok(first!, 1), ok(third!, 2)]);
    expect(await Promise.all([waiting, taken])).toEqual([
      { ok: true, seq: 1 },
      { ok: true, seq: 2 },
    ]);
  });

  it('so it is while the owner lives and its log does not answer; what was sent is not refused for that', async () => {
    const on = stage();
    on.head(1);
    await on.drained();
    const sent = on.link.submit(command(1));
    for (let waited = 0; waited < limits.stuckMs; waited += 1_000) {
      on.clock.advance(1_000);
      on.head(1);
      await on.drained();
    }
    expect(await on.link.submit(command(2))).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    on.feed(1, [ok(on.batches.at(-1)!.commands[0]!.ref, 1)]);
    expect(await sent).toEqual({ ok: true, seq: 1 });
    void on.link.submit(command(3));
    expect(on.link.pendingCount).toBe(1);
  });
});

describe('commands that are insisted on', () => {
  it('keep their place among the others, however long there is no owner', async () => {
    const on = stage();
    const outcomes: string[] = [];
    const noted = (n: number, outcome: Promise<Outcome>) =>
      void outcome.then((o) => outcomes.push(`${n} ${o.ok ? o.seq : o.error.code}`));
    noted(1, on.link.submit(command(1)));
    noted(2, on.link.insist(command(2)));
    noted(3, on.link.submit(command(3)));
    noted(4, on.link.insist(command(4)));
    await on.drained();
    for (let waited = 0; waited <= 2 * limits.commandMs; waited += limits.resendMs) {
      on.clock.advance(limits.resendMs);
      await on.drained();
    }
    expect(outcomes).toEqual(['1 unknown_outcome', '3 unknown_outcome']);
    noted(5, on.link.insist(command(5)));
    on.head(1);
    await on.drained();
    const last = on.batches.at(-1)!;
    expect(last.commands.map((c) => c.command)).toEqual([2, 4, 5].map(command));
    const error = reject('call_ended');
    const [a, b, c] = last.commands.map(({ ref }) => ref);
    on.feed(1, [ok(a!, 8), ok(b!, 9), { ref: c!, ok: false, callId, error }]);
    await on.drained();
    expect(outcomes.slice(2)).toEqual(['2 8', '4 9', '5 call_ended']);
    expect(on.link.pendingCount).toBe(0);
  });

  it('are said again, in their order, to an owner that had no room', async () => {
    const on = stage();
    void on.link.insist(command(1));
    void on.link.insist(command(2));
    await on.drained();
    const [first, second] = on.sent()[0]!;
    const error = reject('overloaded');
    on.feed(
      1,
      [first!, second!].map((ref) => ({ ref, ok: false, callId, error })),
    );
    await on.drained();
    expect(on.link.pendingCount).toBe(2);
    on.clock.advance(2 * limits.resendMs);
    await on.drained();
    expect(on.sent().at(-1)).toEqual([first, second]);
  });

  it('count like all others, and where there is no room it is said so', async () => {
    const on = stage();
    for (let i = 0; i < limits.pendingMax; i++) void on.link.insist(command(1));
    const no = { ok: false, error: { code: 'overloaded' } };
    expect(await on.link.insist(command(2))).toMatchObject(no);
    expect(await on.link.submit(command(2))).toMatchObject(no);
    expect(on.link.pendingCount).toBe(limits.pendingMax);
    on.link.stop();
  });

  it('have an unknown outcome once the link stops, before and after', async () => {
    const on = stage();
    const outcome = on.link.insist(command(1));
    on.link.stop();
    const unknown = { ok: false, error: { code: 'unknown_outcome' } };
    expect(await outcome).toMatchObject(unknown);
    expect(await on.link.insist(command(2))).toMatchObject(unknown);
  });
});
