import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendSurely, type PubAck, type Slot } from './append-rule.ts';
import type { AppendResult } from './event-log.ts';
import { limits } from './limits.ts';
import { ApiRefused } from './log-errors.ts';

const expected = 7;
const mine: Slot = { seq: expected + 1, id: 'mine' };
const theirs: Slot = { seq: expected + 1, id: 'theirs' };
const later: Slot = { seq: expected + 5, id: 'later' };
const acked: PubAck = { seq: expected + 1 };
const refused = (err_code: number, code = 400): PubAck => ({ error: { code, err_code, description: '' } });
const silence = () => new Error('time-out');

/** Every refusal and silence that proves nothing by itself. */
const ambiguous: [what: string, answer: PubAck | Error][] = [
  ['a time-out', silence()],
  ['no responders', new Error('503')],
  ['10008, no leader', refused(10008, 503)],
  ['10071, wrong last sequence', refused(10071)],
  ['10164, wrong last sequence of a constant', refused(10164)],
  ['10158, the same id is on its way', refused(10158)],
  ['10201, the same place is asked for', refused(10201)],
  ['10077, no room', refused(10077, 503)],
];

/** The last answer goes on for ever. An Error is thrown. */
function wire(answers: (PubAck | Error)[], looks: { last: (Slot | Error | undefined)[]; slot?: Slot }) {
  const give = <T>(list: (T | Error)[]): T => {
    const next = list.length > 1 ? list.shift()! : list[0];
    if (next instanceof Error) throw next;
    return next as T;
  };
  const told = { published: 0, looked: [] as ('last' | number)[], closed: false };
  return {
    told,
    publish: async () => {
      told.published += 1;
      return give(answers);
    },
    look: async (query: 'last' | number) => {
      told.looked.push(query);
      return query === 'last' ? give(looks.last) : looks.slot;
    },
    isClosed: () => told.closed,
  };
}

/** Time goes as fast as it is waited for. */
async function outcomeOf(on: ReturnType<typeof wire>, as: 'commit' | 'claim' = 'commit') {
  const appending = appendSurely(on, { id: 'mine', expected: as === 'commit' ? expected : undefined });
  let result: AppendResult | undefined;
  void appending.then((settled) => (result = settled));
  while (result === undefined) await vi.advanceTimersByTimeAsync(limits.retryMsMax);
  return result;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the append rule', () => {
  it('an acknowledgement at the expected place is believed at once, a duplicate too', async () => {
    for (const ack of [acked, { ...acked, duplicate: true }]) {
      const on = wire([ack], { last: [undefined] });
      expect(await outcomeOf(on)).toEqual({ kind: 'stored', position: expected + 1 });
      expect(on.told).toMatchObject({ published: 1, looked: [] });
    }
  });

  it('an acknowledgement in any other place is an alarm, not a success', async () => {
    for (const seq of [expected, expected + 2])
      expect(await outcomeOf(wire([{ seq }], { last: [undefined] }))).toMatchObject({ kind: 'unknown' });
  });

  describe.each(ambiguous)('%s', (_, answer) => {
    it('and nothing behind the expected place: the same is sent again', async () => {
      const on = wire([answer, acked], { last: [{ seq: expected, id: 'before' }] });
      expect(await outcomeOf(on)).toEqual({ kind: 'stored', position: expected + 1 });
      expect(on.told.published).toBe(2);
    });

    it('and an empty stream, or a leader that lags: the same is sent again', async () => {
      const on = wire([answer, answer, acked], { last: [undefined, { seq: expected - 3, id: 'old' }] });
      expect((await outcomeOf(on)).kind).toBe('stored');
      expect(on.told.published).toBe(3);
    });

    it('and it is in its place: done', async () => {
      for (const last of [mine, later]) {
        const on = wire([answer], { last: [last], slot: mine });
        expect(await outcomeOf(on)).toEqual({ kind: 'stored', position: expected + 1 });
        expect(on.told).toMatchObject({ published: 1, looked: ['last', expected + 1] });
      }
    });

    it("and somebody else's is in its place: fenced, and not sent again", async () => {
      const on = wire([answer], { last: [later], slot: theirs });
      expect(await outcomeOf(on)).toEqual({ kind: 'fenced' });
      expect(on.told.published).toBe(1);
    });

    it('and its place was purged: unknown', async () => {
      expect((await outcomeOf(wire([answer], { last: [later] }))).kind).toBe('unknown');
    });

    it('and the look fails: proves nothing, the same is sent again', async () => {
      const on = wire([answer, acked], { last: [silence()] });
      expect((await outcomeOf(on)).kind).toBe('stored');
    });

    it('for as long as anybody waits: unknown, never refused', async () => {
      const on = wire([answer], { last: [{ seq: expected, id: 'before' }] });
      const started = performance.now();
      const result = await outcomeOf(on);
      expect(result.kind).toBe('unknown');
      expect(performance.now() - started).toBeGreaterThanOrEqual(limits.appendMs);
      expect(on.told.published).toBeGreaterThan(limits.appendMs / limits.retryMsMax / 2);
    });
  });

  it('waits longer each time, up to its bound', async () => {
    const at: number[] = [];
    const on = wire([silence()], { last: [undefined] });
    const publish = on.publish;
    await outcomeOf({ ...on, publish: () => (at.push(performance.now()), publish()) });
    const waits = at.slice(1, 8).map((time, i) => Math.round(time - at[i]!));
    expect(waits).toEqual([10, 20, 40, 80, 160, 250, 250]);
  });

  it('a claim has no place to look at: sent again with its id until it is acknowledged', async () => {
    const on = wire([silence(), refused(10008, 503), { seq: 12, duplicate: true }], {
      last: [later],
      slot: theirs,
    });
    expect(await outcomeOf(on, 'claim')).toEqual({ kind: 'stored', position: 12 });
  });

  it('a connection that is closed for good: unknown at once', async () => {
    const on = wire([silence()], { last: [undefined] });
    on.told.closed = true;
    expect((await outcomeOf(on)).kind).toBe('unknown');
    expect(on.told.published).toBe(1);
  });

  it('no room for long: the cause says so, and what to do', async () => {
    const result = await outcomeOf(wire([refused(10023, 503)], { last: [undefined] }));
    expect(result).toMatchObject({ kind: 'unknown', cause: { name: 'StorageRefused' } });
  });

  it('the stream can be read and takes nothing: the cause says so, and what to do', async () => {
    const result = await outcomeOf(wire([silence()], { last: [{ seq: expected, id: 'before' }] }));
    expect(result).toMatchObject({ kind: 'unknown', cause: { name: 'NotWritable' } });
    const nobodyThere = await outcomeOf(wire([silence()], { last: [silence()] }));
    expect(nobodyThere).toMatchObject({ kind: 'unknown', cause: { message: 'time-out' } });
  });

  it('the stream is gone: the cause says so', async () => {
    const gone = new ApiRefused('EVT_00', { code: 404, err_code: 10059, description: 'stream not found' });
    for (const as of ['commit', 'claim'] as const)
      expect(await outcomeOf(wire([new Error('503')], { last: [gone] }), as)).toMatchObject({
        kind: 'unknown',
        cause: { name: 'StreamMissing' },
      });
  });
});
