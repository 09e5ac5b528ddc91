import {
  host,
  at,
  second,
  callId,
  third,
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
    const text = 'x'.repeat(1024 * 1024);
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

  it('keeps an ended call for latecomers, then its summary', () => {
    const book = bookOf(...over);
    book.settle(start + 1_000 + limits.endedKeepMs - 1);
    expect(book.get(callId)).toBeDefined();
    expect(book.ended(callId)).toBeUndefined();
    book.settle(start + 1_000 + limits.endedKeepMs);
    expect(book.get(callId)).toBeUndefined();
    expect(book.ended(callId)).toMatchObject({
      tenantId: 'default',
      users: new Set(['host', 'second']),
      summary: { callId, status: 'ended', seq: 4 },
    });
    expect(book.liveCount).toBe(0);
    const open = bookOf(...history(created()));
    open.settle(start + 10 * limits.endedKeepMs);
    expect(open.get(callId)).toBeDefined();
  });

  it.each([
    ['open', history(created(), joined(second)), false],
    ['ended', over, true],
  ] as const)('lists %s calls to those who took part, newest first', (_, events, settled) => {
    const book = bookOf(...events);
    const later = callId.replace(/0$/, '1');
    const [created_] = history(at(start + 500, created()));
    book.replay({ ...created_!, subject: later }, start);
    if (settled) book.settle(start + 1_000 + limits.endedKeepMs);
    const list = (filter: { tenantId?: string; userId?: string }) =>
      book.list({ ...filter, limit: 10 }).map((call) => call.callId);
    expect(list({})).toEqual([later, callId]);
    expect(list({ tenantId: 'default', userId: host.userId })).toEqual([later, callId]);
    expect(list({ tenantId: 'default', userId: second.userId })).toEqual([callId]);
    expect(list({ tenantId: 'default', userId: third.userId })).toEqual([]);
    expect(list({ tenantId: 'other' })).toEqual([]);
    expect(book.list({ limit: 1 })).toHaveLength(1);
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
    const book = new CallBook(({ callId }, event) => parked.push(`${callId} ${event.sequence}`));
    const [first, second_, third_] = history(created(), joined(second), left(second));
    for (const event of [first!, third_!, { ...second_!, sequence: 4 }]) book.replay(event, start);
    expect(parked).toEqual([`${callId} 3`]);
    expect(book.get(callId)).toMatchObject({ deadline: undefined, state: { view: { seq: 1 } } });
    expect(book.get(callId)?.recent.length).toBe(3);
  });
});
