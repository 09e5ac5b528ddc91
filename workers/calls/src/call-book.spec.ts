import { NewerEvent } from '@ringback/domain';
import {
  host,
  at,
  second,
  callId,
  created,
  ended,
  history,
  joined,
  left,
  settings,
  start,
} from '@ringback/domain/testing';
import { reject } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { CallBook } from './call-book.ts';
import { limits } from './limits.ts';

const over = history(created(), joined(second), left(second), at(start + 1_000, ended('empty')));

const newBook = () =>
  new CallBook(({ parked }) => {
    throw parked;
  });

function bookOf(...events: typeof over): CallBook {
  const book = newBook();
  for (const event of events) book.replay(event, start);
  return book;
}

describe('CallBook', () => {
  it('holds the state, the last events and the next deadline', () => {
    const events = history(created(), joined(second));
    const entry = bookOf(...events).get(callId);
    expect(entry).toMatchObject({ recent: events, deadline: start + settings.durationMsMax });
    expect(entry?.state.view?.seq).toBe(2);
    expect(bookOf(...over).get(callId)?.deadline).toBeUndefined();
  });

  it('cuts the last events, without a gap up to the head', () => {
    const book = bookOf(...history(created(), joined(host)));
    const [first] = history(created());
    for (let sequence = 3; sequence <= 2 * limits.recentEventsPerCallMax + 1; sequence++)
      book.append(book.get(callId)!, [
        {
          ...first!,
          type: sequence % 2 === 0 ? 'call.locked' : 'call.unlocked',
          data: { by: host.participantId },
          sequence,
        } as never,
      ]);
    const sequences = book.get(callId)!.recent.map((e) => e.sequence);
    expect(sequences).toHaveLength(limits.recentEventsPerCallMax);
    expect(sequences.at(-1)).toBe(2 * limits.recentEventsPerCallMax + 1);
    expect(sequences.at(-1)! - sequences[0]!).toBe(sequences.length - 1);
  });

  it('forgets an entry that no fact came to, and only such', () => {
    const book = newBook();
    book.open(callId);
    book.drop(callId);
    expect(book.get(callId)).toBeUndefined();
    book.replay(history(created())[0]!, start);
    book.drop(callId);
    expect(book.get(callId)).toBeDefined();
  });

  it('keeps an ended call for latecomers, then whose it was', () => {
    const book = bookOf(...over);
    book.settle(start + 1_000 + limits.endedKeepMs - 1);
    expect(book.get(callId)).toBeDefined();
    expect(book.ended(callId)).toBeUndefined();
    book.settle(start + 1_000 + limits.endedKeepMs);
    expect(book.get(callId)).toBeUndefined();
    expect(book.ended(callId)).toEqual({ tenantId: 'default' });
    expect(book.liveCount).toBe(0);
    const open = bookOf(...history(created()));
    open.settle(start + 10 * limits.endedKeepMs);
    expect(open.get(callId)).toBeDefined();
  });

  it('knows so many ended calls, the oldest go', () => {
    const book = newBook();
    for (let i = 0; i <= limits.endedCallsMax; i++) book.restore({ ended: [[`call-${i}`, 'default']] });
    expect(book.ended('call-0')).toBeUndefined();
    expect(book.ended(`call-${limits.endedCallsMax}`)).toEqual({ tenantId: 'default' });
  });

  it('remembers so many outcomes, the oldest go', () => {
    const book = bookOf(...history(created()));
    const entry = book.get(callId)!;
    const outcome = { ok: false, error: reject('call_full') } as const;
    for (let i = 0; i <= limits.outcomesPerCallMax; i++) book.remember(entry, `id-${i}`, outcome);
    expect(entry.outcomes.size).toBe(limits.outcomesPerCallMax);
    expect(entry.outcomes.has('id-0')).toBe(false);
    expect(entry.outcomes.has(`id-${limits.outcomesPerCallMax}`)).toBe(true);
  });

  it('lets go of the events of a quiet call, and keeps none of long ago', () => {
    const book = bookOf(...history(created(), joined(second)));
    book.settle(start + limits.endedKeepMs - 1);
    expect(book.get(callId)?.recent).toHaveLength(2);
    book.settle(start + limits.endedKeepMs);
    expect(book.get(callId)).toMatchObject({ recent: [], state: { view: { seq: 2 } } });
    const late = newBook();
    for (const event of history(created(), joined(second))) late.replay(event, start + limits.endedKeepMs);
    expect(late.get(callId)).toMatchObject({ recent: [], deadline: start + settings.durationMsMax });
  });

  it('keeps no hole where a clock was corrected between events', () => {
    const book = newBook();
    const [first, second_, third_] = history(created(), joined(second), left(second));
    const now = start + limits.endedKeepMs;
    const ahead = (event: typeof first, ms: number) => ({
      ...event!,
      time: new Date(now + ms).toISOString(),
    });
    for (const event of [ahead(first, 1_000), second_!, ahead(third_, 2_000)]) book.replay(event, now);
    expect(book.get(callId)?.recent.map((e) => e.sequence)).toEqual([3]);
  });

  it('parks a call whose events have a gap, and says so once', () => {
    const parked: string[] = [];
    const book = new CallBook(({ parked: fault }) => void parked.push((fault as Error).message));
    const [first, second_, third_] = history(created(), joined(second), left(second));
    for (const event of [first!, third_!, { ...second_!, sequence: 4 }]) book.replay(event, start);
    expect(parked).toEqual([`${third_!.id} (${third_!.type}) can not be folded`]);
    expect(book.get(callId)).toMatchObject({ deadline: undefined, state: { view: { seq: 1 } } });
    expect(book.get(callId)?.recent).toHaveLength(3);
  });

  it('skips an event of a type that only newer code knows, says so, and goes on', () => {
    const skipped: string[] = [];
    const book = new CallBook(
      ({ parked }) => {
        throw parked;
      },
      ({ type, sequence }) => skipped.push(`${type} ${sequence}`),
    );
    const events = history(created(), joined(second), left(second));
    const odd = { ...events[1]!, type: 'call.levitated' } as unknown as (typeof events)[0];
    for (const event of [events[0]!, odd!, { ...events[1]!, sequence: 3 }, { ...events[2]!, sequence: 4 }])
      book.replay(event, start);
    expect(skipped).toEqual(['call.levitated 2']);
    const entry = book.get(callId)!;
    expect(entry.state.view).toMatchObject({ seq: 4, emptySince: start });
    expect(entry.recent.map((e) => e.sequence)).toEqual([1, 2, 3, 4]);
  });

  it('parks a call at an event in a version that only newer code knows', () => {
    const why: unknown[] = [];
    const book = new CallBook(({ parked }) => why.push(parked));
    const events = history(created(), joined(second), left(second));
    const newer = { ...events[1]!, schemaversion: 2 } as unknown as (typeof events)[0];
    for (const event of [events[0]!, newer!, events[2]!]) book.replay(event, start);
    expect(why).toMatchObject([{ cause: expect.any(NewerEvent) }]);
    expect(book.get(callId)).toMatchObject({ deadline: undefined, state: { view: { seq: 1 } } });
  });
});
