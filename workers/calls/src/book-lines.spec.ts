import { created, history, host, joined, left, second, start, ended, at } from '@ringback/domain/testing';
import { reject } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { decodeInto, encodeCut } from './book-lines.ts';
import { CallBook } from './call-book.ts';
import { limits } from './limits.ts';
import { write } from './written.ts';

const place = { position: 7, owner: 'owner-1' };

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let found = '';
  for await (const piece of bytes) found += Buffer.from(piece).toString();
  return found;
}

/** In pieces that end anywhere, also within a character. */
async function* pieces(whole: string, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(whole);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

const idOf = (n: number) => `03-019a9d5c-7a00-7c4e-b1a2-${n.toString(16).padStart(12, '0')}`;
const of = (n: number, events: ReturnType<typeof history>) =>
  events.map((event) => ({ ...event, subject: idOf(n), id: `${idOf(n)}/${event.sequence}` }));

/** A call that is open and has refused something, one that is parked, one that ended long ago. */
function fullBook(parked: string[] = []): CallBook {
  const book = new CallBook(({ parked: fault }) => parked.push(String(fault)));
  const now = start + 10 * limits.endedKeepMs;
  const person = { ...second, displayName: 'Zoë 🎥' };
  for (const event of of(1, history(created(), joined(host), joined(person)))) book.replay(event, now);
  for (const event of of(2, history(joined(second)))) book.replay(event, now);
  const over = history(created(), joined(second), left(second), at(start + 1_000, ended('empty')));
  for (const event of of(3, over)) book.replay(event, now);
  book.settle(now);
  book.remember(book.get(idOf(1))!, 'key', { ok: false, error: reject('call_full') });
  // A command waits for a call that is not there yet.
  book.open(idOf(4));
  return book;
}

describe('the lines of a snapshot', () => {
  it('hold everything that was in the book, whatever pieces they come in', async () => {
    const book = fullBook();
    const whole = await text(encodeCut(book.cut(), place));
    for (const size of [1, 7, 4_096]) {
      const parked: string[] = [];
      const again = new CallBook(({ parked: fault }) => parked.push(String(fault)));
      expect(await decodeInto(again, pieces(whole, size))).toEqual(place);
      expect(await text(encodeCut(again.cut(), place))).toBe(whole);
      expect(again.get(idOf(1))).toMatchObject({
        state: { view: { seq: 3 } },
        deadline: book.get(idOf(1))!.deadline,
        outcomes: new Map([['key', { ok: false, error: reject('call_full') }]]),
        recent: { length: 0 },
      });
      // With the reason: operators read no more than this after a take-over.
      const why = `${idOf(2)}: the first event is call.participant.joined, not call.created`;
      expect(parked).toEqual([`Error: ${idOf(2)}/1 (call.participant.joined) can not be folded: ${why}`]);
      expect(again.get(idOf(2))).toMatchObject({ deadline: undefined });
      expect(again.ended(idOf(3))).toEqual({ tenantId: 'default' });
      expect(again.get(idOf(4))).toBeUndefined();
    }
  });

  it('are of a moment: what comes after changes nothing in them', async () => {
    const book = fullBook();
    const before = await text(encodeCut(book.cut(), place));
    const cut = book.cut();
    const entry = book.get(idOf(1))!;
    const [, , , leaves] = of(1, history(created(), joined(host), joined(second), left(second)));
    book.append(entry, [write(leaves!)]);
    book.remember(entry, 'other', { ok: true, seq: 4 });
    book.settle(start + 100 * limits.endedKeepMs);
    expect(await text(encodeCut(cut, place))).toBe(before);
    expect(await text(encodeCut(book.cut(), place))).not.toBe(before);
  });

  it('are of no use where one is missing, doubled, cut off, or of another kind', async () => {
    const whole = await text(encodeCut(fullBook().cut(), place));
    const lines = whole.trim().split('\n');
    const without = (n: number) => [...lines.slice(0, n), ...lines.slice(n + 1)].join('\n') + '\n';
    const wrong = [
      '',
      whole.slice(0, -1),
      whole.slice(0, whole.length >> 1),
      `${whole}${lines.at(-1)}\n`,
      `${lines[1]}\n${whole}`,
      '{"other":1}\n',
      ...lines.map((_, n) => without(n)),
    ];
    for (const text of wrong)
      await expect(decodeInto(new CallBook(() => {}), pieces(text, 100)), text).rejects.toThrow();
  });

  it('let go of the loop between slices', async () => {
    const book = new CallBook(() => {});
    for (let n = 0; n < 500; n++)
      for (const event of of(n, history(created(), joined(host)))) book.replay(event, start);
    let turns = 0;
    let encoding = true;
    const turn = () => {
      turns += 1;
      if (encoding) setImmediate(turn);
    };
    setImmediate(turn);
    let slices = 0;
    for await (const slice of encodeCut(book.cut(), place)) {
      slices += 1;
      expect(slice.length).toBeLessThan(2 * limits.snapshotSliceBytes);
    }
    encoding = false;
    expect(slices).toBeGreaterThan(3);
    expect(turns).toBeGreaterThanOrEqual(slices - 1);
  });
});
