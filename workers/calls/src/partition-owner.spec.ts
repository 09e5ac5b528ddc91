import { claim, logLimits, MemoryLog, type Append, type AppendResult } from '@ringback/eventlog';
import { limits as callLimits, subjects, type Answer, type Command } from '@ringback/schemas';
import { host, ask, second, callId, join, start, uuid } from '@ringback/domain/testing';
import { describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { PartitionOwner } from './partition-owner.ts';
import { create, hold, partition, stage, told, toggles } from './testing.ts';

describe('group commit', () => {
  it('puts everything that arrives while an append is held into the next one', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    const before = (await on.commits()).length;
    const release = hold(on.ports.log);
    on.send(...toggles(1, 0x9000));
    await on.drained();
    for (const command of toggles(100)) on.send(command);
    await on.drained();
    release();
    await told(on, 103);
    const commits = (await on.commits()).slice(before);
    expect(commits.map((c) => c.body.events.length)).toEqual([1, 100]);
    expect(commits.map((c) => c.body.epoch)).toEqual([on.owner.epoch, on.owner.epoch]);
    // One message with all of it.
    expect(on.fed.at(-1)?.replies.map((r) => r.ok && r.seq)).toEqual(toggles(100).map((_, i) => i + 4));
  });

  it('is bounded, in events and in bytes', async () => {
    const on = await stage();
    on.send(create, join(host), join(second, { id: uuid(0x11) }));
    await told(on, 3);
    const long = `v=0${'x'.repeat(callLimits.sdpLengthMax - 3)}`;
    const offers = Array.from({ length: 40 }, (_, i) =>
      ask(
        host,
        'call.offer',
        { to: second.participantId, connectionId: 'ab', sdp: long },
        { id: uuid(0x2000 + i) },
      ),
    );
    on.send(...offers, ...toggles(600));
    await told(on, 643);
    const commits = (await on.commits()).slice(2);
    expect(commits.flatMap((c) => c.body.events)).toHaveLength(640);
    for (const { body } of commits) {
      expect(body.events.length).toBeLessThanOrEqual(limits.commitEventsMax);
      expect(JSON.stringify(body).length).toBeLessThanOrEqual(logLimits.commitBytesMax);
    }
    // Not one by one either.
    expect(commits.length).toBeLessThan(20);
  });
});

describe('a command of which more would come than a commit takes', () => {
  const offer = (length: number, n: number) =>
    ask(
      host,
      'call.offer',
      { to: second.participantId, connectionId: 'ab', sdp: `v=0${'x'.repeat(length)}` },
      { id: uuid(0x2000 + n) },
    );

  it('is refused before anything of it is done, and the partition goes on', async () => {
    const on = await stage();
    on.send(create, join(host), join(second, { id: uuid(0x11) }));
    await told(on, 3);
    const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
    on.send(offer(logLimits.commitBytesMax, 1), lock);
    await told(on, 5);
    expect(on.replies().slice(3)).toMatchObject([
      { ok: false, error: { code: 'too_large' } },
      { ok: true, seq: 4 },
    ]);
    expect((await on.types()).at(-1)).toBe('call.locked');
    expect(await on.ask({ ask: 'state', callId })).toMatchObject({
      ok: true,
      state: { seq: 4, locked: true },
    });
    // It is not done later either.
    on.send(offer(logLimits.commitBytesMax, 1));
    await told(on, 6);
    expect(on.replies().at(-1)).toMatchObject({ ok: false, error: { code: 'too_large' } });
  });

  it('goes into the next one where only this one is too full, and is not overtaken', async () => {
    const on = await stage();
    on.send(create, join(host), join(second, { id: uuid(0x11) }));
    await told(on, 3);
    const [small, large] = [0.4, 0.9].map((share) => Math.floor(share * logLimits.commitBytesMax));
    on.send(offer(small!, 1), offer(large!, 2), offer(10, 3));
    await told(on, 6);
    expect(on.replies().slice(3)).toMatchObject([4, 5, 6].map((seq) => ({ ok: true, seq })));
    const commits = (await on.commits()).slice(2);
    expect(commits.map(({ body }) => body.events.map((event) => event.sequence))).toEqual([[4], [5], [6]]);
    for (const { body } of commits)
      expect(JSON.stringify(body).length).toBeLessThanOrEqual(logLimits.commitBytesMax + 1_000);
  });
});

describe('nothing is told before it is durable', () => {
  it('not events, replies, refusals, answers or heads', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    on.batch({ follow: [callId] });
    await on.drained();
    on.fed.length = on.tapped.length = on.heads.length = 0;

    const release = hold(on.ports.log);
    on.send(ask(host, 'call.lock', {}, { id: uuid(0x20) }), join(second, { id: uuid(0x21) }));
    const answers: Answer[] = [];
    await on.drained();
    void on.ask({ ask: 'state', callId }).then((answer) => answers.push(answer));
    void on.ask({ ask: 'events', callId, after: 0, limit: 10 }).then((answer) => answers.push(answer));
    on.clock.advance(limits.headMs);
    await on.drained();
    expect([on.fed, on.tapped, answers]).toEqual([[], [], []]);
    // It still says that it lives.
    expect(on.heads.map((h) => h.heads)).toEqual([{}]);
    expect(await on.ask({ ask: 'who' })).toMatchObject({ ok: true, owner: 'owner-1' });

    release();
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    expect(on.fed).toMatchObject([
      {
        partition,
        epoch: on.owner.epoch,
        events: [{ type: 'call.locked', sequence: 3 }],
        replies: [
          { ok: true, seq: 3 },
          { ok: false, error: { code: 'call_locked' } },
        ],
      },
    ]);
    expect(on.tapped).toEqual([subjects.tap(callId, 'call.locked')]);
    expect(answers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: expect.objectContaining({ seq: 3, locked: true }) }),
        expect.objectContaining({ head: 3 }),
      ]),
    );
    on.clock.advance(limits.headMs);
    await vi.waitFor(() => expect(on.heads.at(-1)?.heads).toEqual({ [callId]: 3 }));
  });

  it.each([
    ['unknown', { kind: 'unknown', cause: 'the log is away' }],
    ['fenced', { kind: 'fenced' }],
  ] as const)('and never where the outcome of the append is %s', async (reason, result) => {
    class Failing extends MemoryLog {
      fail = false;
      override append(request: Append): Promise<AppendResult> {
        return this.fail ? Promise.resolve(result) : super.append(request);
      }
    }
    const log = new Failing(() => start);
    const on = await stage(log);
    on.send(create);
    await told(on, 1);
    log.fail = true;
    on.send(join(host), join(host, { tenantId: 'other' }));
    expect(await on.owner.lost).toMatchObject({ reason });
    on.send(join(second));
    await on.drained();
    expect(on.replies()).toHaveLength(1);
    await expect(on.ask({ ask: 'who' })).rejects.toMatchObject({ nobodyListens: true });
  });

  it('nor does a refusal, which rests on what was true before the next owner came', async () => {
    const on = await stage();
    await claim(on.ports.log, partition, 'owner-2');
    on.send(join(host));
    expect(await on.owner.lost).toMatchObject({ reason: 'fenced' });
    expect(on.replies()).toEqual([]);
  });

  it('nor does one of what only the next owner, of newer code, may know', async () => {
    const on = await stage();
    await claim(on.ports.log, partition, 'owner-2');
    on.send({ ...ask(host, 'call.leave', {}), type: 'call.levitate' } as unknown as Command);
    expect(await on.owner.lost).toMatchObject({ reason: 'fenced' });
    expect(on.replies()).toEqual([]);
  });

  it('and who has nothing to say finds out too that a later owner came, heard or not', async () => {
    const on = await stage();
    on.clock.advance(2 * limits.fenceCheckMs);
    await on.drained();
    expect((await on.ask({ ask: 'who' })).epoch).toBe(on.owner.epoch);
    await claim(on.ports.log, partition, 'owner-2');
    on.clock.advance(limits.fenceCheckMs);
    expect(await on.owner.lost).toMatchObject({ reason: 'fenced' });
  });

  it('of a refusal is an empty commit', async () => {
    const on = await stage();
    on.send(join(host));
    await told(on, 1);
    expect((await on.commits()).map(({ body }) => [body.kind, body.events])).toEqual([
      ['claim', []],
      ['commit', []],
    ]);
  });
});

describe('too much', () => {
  // 20,000 commands: seconds on a busy machine.
  it('is turned away at once, and what waits is done', { timeout: 30_000 }, async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    const release = hold(on.ports.log);
    on.send(...toggles(1, 0x9000));
    await on.drained();
    on.send(...toggles(limits.waitingMax));
    on.send(...toggles(2, 0xa000_0000));
    await told(on, 4);
    expect(on.replies().slice(2)).toMatchObject([
      { ref: limits.waitingMax + 4, ok: false, error: { code: 'overloaded' } },
      { ref: limits.waitingMax + 5, ok: false, error: { code: 'overloaded' } },
    ]);
    release();
    await on.owner.stop();
    await told(on, limits.waitingMax + 5);
    expect(on.replies().filter((r) => r.ok)).toHaveLength(limits.waitingMax + 3);
  });

  it('what is done is said to be done, also where there is no room', { timeout: 30_000 }, async () => {
    const before = await stage();
    const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
    before.send(create, join(host), lock);
    await told(before, 3);
    await before.owner.stop();

    const on = await stage(before.ports.log as MemoryLog, { owner: 'owner-2' });
    const release = hold(on.ports.log);
    const unlock = ask(host, 'call.unlock', {}, { id: uuid(0x21) });
    on.send(unlock);
    await on.drained();
    on.send(...toggles(limits.waitingMax));
    // Done by the owner before, in the commit in flight, not done, and an id that another person used.
    on.send(lock, unlock, ...toggles(1, 0xa000_0000), { ...lock, tenantId: 'other' });
    // Forms that only newer code knows.
    on.send({ ...lock, type: 'call.levitate' } as never, { ...lock, actor: undefined } as never);
    const refs = [2, 3, 4, 5, 6, 7].map((n) => limits.waitingMax + n);
    await told(on, 3);
    const overloaded = { ok: false, error: { code: 'overloaded' } };
    expect(on.replies()).toMatchObject([
      { ref: refs[2], ...overloaded },
      { ref: refs[3], ...overloaded },
      { ref: refs[5], ...overloaded },
    ]);
    release();
    await vi.waitFor(() => expect(on.replies().length).toBeGreaterThanOrEqual(7));
    expect(on.replies().filter(({ ref }) => [refs[0], refs[1], refs[4]].includes(ref))).toMatchObject([
      { ref: refs[0], ok: true, seq: 3 },
      { ref: refs[1], ok: true, seq: 4 },
      { ref: refs[4], ok: true, seq: 3 },
    ]);
    await on.owner.stop();
  });

  it('what is sent again while it waits is neither done twice nor turned away', async () => {
    const on = await stage();
    on.send(create, join(host));
    await told(on, 2);
    const release = hold(on.ports.log);
    const lock = ask(host, 'call.lock', {}, { id: uuid(0x20) });
    const unlock = ask(host, 'call.unlock', {}, { id: uuid(0x21) });
    const resend = { commands: [{ ref: 900, command: lock }] };
    on.batch(resend);
    on.send(unlock);
    await on.drained();
    on.batch(resend);
    await on.drained();
    release();
    await told(on, 4);
    await on.drained();
    expect(on.replies().slice(2)).toMatchObject([
      { ref: 900, ok: true, seq: 3 },
      { ok: true, seq: 4 },
    ]);
    // Its reply may be lost: sent again after it, it is answered again.
    on.batch(resend);
    await told(on, 5);
    expect(on.replies().at(-1)).toMatchObject({ ref: 900, ok: true, seq: 3 });
  });
});

describe('what can not be handled', () => {
  it('a command that this version does not know, or of a wrong form, is refused in its turn, and only that', async () => {
    const on = await stage();
    const strange = { ...ask(host, 'call.leave', {}), type: 'call.levitate' } as unknown as Command;
    const broken = { ...join(host), actor: undefined } as unknown as Command;
    const nowhere = { ...create, id: uuid(0x42), callId: callId.replace(/0$/, '1'), actor: undefined };
    on.send(
      create,
      join(host),
      { ...strange, id: uuid(0x40) },
      { ...broken, id: uuid(0x41) },
      nowhere as never,
    );
    await told(on, 5);
    expect(on.replies().map((r) => (r.ok ? r.seq : r.error.code))).toEqual([
      1,
      2,
      'unknown_type',
      'invalid',
      'invalid',
    ]);
    expect((await on.ports.metrics.rejections.get()).values).toMatchObject([
      { labels: { code: 'unknown_type' }, value: 1 },
      { labels: { code: 'invalid' }, value: 2 },
    ]);
    // Nothing of it was written, and of the call that it could not make nothing stays.
    expect(await on.types()).toEqual(['call.created', 'call.participant.joined']);
    await on.pass(limits.tickMs);
    expect((await on.ports.metrics.liveCalls.get()).values).toMatchObject([{ value: 1 }]);
  });

  it('a command that newer code has done is not refused by older code, where it is asked again', async () => {
    const on = await stage();
    const lock = ask(host, 'call.lock', {}, { id: uuid(0x40) });
    on.send(create, join(host), lock);
    await told(on, 3);
    const fewer = { ...ask(host, 'call.publish', {} as never), id: lock.id };
    on.send({ ...lock, type: 'call.levitate' } as unknown as Command, fewer);
    await told(on, 5);
    expect(on.replies().map((r) => r.ok && r.seq)).toEqual([1, 2, 3, 3, 3]);
  });

  it('an event that can not be folded parks its call; the others go on', async () => {
    const on = await stage();
    const other = callId.replace(/0$/, '1');
    on.send(create, join(host), { ...create, id: uuid(0x50), callId: other });
    await told(on, 3);
    await on.owner.stop();
    // Written by newer code that was rolled back since: a new type in one call, a new version in the other.
    const last = (await on.commits()).at(-1)!;
    const oneOf = (call: string) => last.body.events.find((e) => e.subject === call)!;
    const newer = { ...oneOf(callId), sequence: 3, schemaversion: 9 };
    const odd = { ...oneOf(other), sequence: 2, type: 'call.levitated' };
    await on.ports.log.append({
      partition,
      body: { kind: 'commit', owner: 'newer', events: [newer as never, odd as never] },
      id: 'newer.1',
      expected: last.position,
    });
    on.clock.advance(limits.endedKeepMs);
    await PartitionOwner.take(partition, 'owner-2', on.ports);
    on.relink();
    on.send(join(second, { id: uuid(0x51) }), join(host, { id: uuid(0x52), callId: other }));
    await told(on, 5);
    expect(on.replies().slice(3)).toMatchObject([{ error: { code: 'call_parked' } }, { ok: true, seq: 3 }]);
    expect(await on.ask({ ask: 'state', callId })).toMatchObject({
      ok: false,
      error: { code: 'call_parked' },
    });
    const reason = expect.stringContaining('written by version test of the platform');
    const since = Date.parse(newer.time);
    const parked = [{ callId, seq: 3, reason, since }];
    expect(await on.ask({ ask: 'parked' })).toMatchObject({ ok: true, parked });
    expect(await on.ask({ ask: 'state', callId: other })).toMatchObject({ ok: true });
  });
});

it('what changed nothing is remembered: repeated late, it changes nothing either', async () => {
  const on = await stage();
  const again = ask(host, 'call.unlock', {}, { id: uuid(0x20) });
  on.send(create, join(host), again, ask(host, 'call.lock', {}, { id: uuid(0x21) }), again);
  await told(on, 5);
  expect(on.replies().map((r) => r.ok && r.seq)).toEqual([1, 2, 2, 3, 2]);
  expect((await on.types()).at(-1)).toBe('call.locked');
});
