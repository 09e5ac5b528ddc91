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
import { write } from './written.ts';

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

const sequencesOf = (book: CallBook) =>
  book
    .get(callId)!
    .recent.after(0, Infinity)
    .map((event) => event.sequence);

describe('CallBook', () => {
  it('holds the state, the last events and the next deadline', () => {
    const events = history(created(), joined(second));
    const entry = bookOf(...events).get(callId);
    expect(entry?.deadline).toBe(start + settings.durationMsMax);
    expect(entry?.recent.after(0, 10)).toEqual(events);
    expect(entry?.state.view?.seq).toBe(2);
    expect(bookOf(...over).get(callId)?.deadline).toBeUndefined();
  });

  it('cuts the last events, without a gap up to the head', () => {
    const book = bookOf(...history(created(), joined(host)));
    const [first] = history(created());
    for (let sequence = 3; sequence <= 2 * limits.recentEventsPerCallMax + 1; sequence++)
      book.append(book.get(callId)!, [
        write({
          ...first!,
          type: sequence % 2 === 0 ? 'call.locked' : 'call.unlocked',
          data: { by: host.participantId },
          sequence,
        } as never),
      ]);
    const sequences = sequencesOf(book);
    expect(sequences).toHaveLength(limits.recentEventsPerCallMax);
    expect(sequences.at(-1)).toBe(2 * limits.recentEventsPerCallMax + 1);
    expect(sequences.at(-1)! - sequences[0]!).toBe(sequences.length - 1);
  });

  it('keeps no more of all calls together than is allowed, and the latest of each', () => {
    const book = newBook();
    const text = 'x'.repeat(400 * 1024);
    const calls = Array.from({ length: 100 }, (_, i) => callId.slice(0, -2) + String(i).padStart(2, '0'));
    for (const event of history(created(), joined(host)))
      for (const subject of calls) book.replay({ ...event, subject, codeversion: text }, start);
    const kept = calls.map((id) =>
      book
        .get(id)!
        .recent.after(0, Infinity)
        .map((event) => event.sequence),
    );
    expect(kept.flat().length).toBeLessThanOrEqual(limits.recentBytesMax / text.length);
    expect(kept.at(-1)).toEqual([2]);
    expect(kept.flat().length).toBeGreaterThan(0);
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
    expect(book.get(callId)?.recent.length).toBe(2);
    book.settle(start + limits.endedKeepMs);
    expect(sequencesOf(book)).toEqual([]);
    expect(book.get(callId)?.state.view?.seq).toBe(2);
    const late = newBook();
    for (const event of history(created(), joined(second))) late.replay(event, start + limits.endedKeepMs);
    expect(sequencesOf(late)).toEqual([]);
    expect(late.get(callId)?.deadline).toBe(start + settings.durationMsMax);
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
    expect(sequencesOf(book)).toEqual([3]);
  });

  it('parks a call whose events have a gap, and says so once', () => {
    const parked: string[] = [];
    const book = new CallBook(({ parked: fault }) => void parked.push((fault as Error).message));
    const [first, second_, third_] = history(created(), joined(second), left(second));
    for (const event of [first!, third_!, { ...second_!, sequence: 4 }]) book.replay(event, start);
    expect(parked).toEqual([`${third_!.id} (${third_!.type}) can not be folded`]);
    expect(book.get(callId)).toMatchObject({ deadline: undefined, state: { view: { seq: 1 } } });
    expect(book.get(callId)?.recent.length).toBe(3);
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
    expect(sequencesOf(book)).toEqual([1, 2, 3, 4]);
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
