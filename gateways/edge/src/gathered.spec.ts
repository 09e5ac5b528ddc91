import { describe, expect, it } from 'vitest';
import { Gathered } from './gathered.ts';
import { limits } from './limits.ts';

const message = (n: number) => JSON.stringify({ n });
const textOf = (gathered: Gathered) => gathered.frames.map((frame) => frame.toString());

describe('Gathered', () => {
  it('is one place for all who are told the same in the same order', () => {
    const nothing = Gathered.nothing();
    // Not the same strings, as two events may make them.
    const [a, b] = [1, 1].map((n) => nothing.with(message(n)).with(message(2)));
    expect(a).toBe(b);
    expect(a!.frames).toBe(b!.frames);
    expect(textOf(a!)).toEqual(['[{"n":1},{"n":2}]']);
    expect(a!.count).toBe(2);
  });

  it('keeps apart those who are not', () => {
    const nothing = Gathered.nothing();
    const first = nothing.with(message(1));
    const ways = Array.from({ length: 10 }, (_, n) => first.with(message(n)).with(message(99)));
    expect(ways.map(textOf)).toEqual(ways.map((_, n) => [`[{"n":1},{"n":${n}},{"n":99}]`]));
    expect(textOf(nothing.with(message(2)).with(message(1)))).toEqual(['[{"n":2},{"n":1}]']);
    expect(textOf(first)).toEqual(['[{"n":1}]']);
  });

  it('is shared by those who come one after the other, however many were told something else before', () => {
    const nothing = Gathered.nothing();
    for (let n = 0; n < 10; n++) nothing.with(message(n));
    const [a, b] = ['new', 'new'].map((text) => nothing.with(JSON.stringify(text)));
    expect(a).toBe(b);
  });

  it('is encoded as UTF-8', () => {
    const { frames } = Gathered.nothing().with('"é"');
    expect(frames.map((frame) => [...frame])).toEqual([[0x5b, 0x22, 0xc3, 0xa9, 0x22, 0x5d]]);
  });

  it('is cut where one frame would be too long, and has none where nothing waits', () => {
    const long = JSON.stringify('x'.repeat(limits.frameBytesMax / 2));
    let gathered = Gathered.nothing();
    expect(gathered.frames).toEqual([]);
    for (let i = 0; i < 3; i++) gathered = gathered.with(long);
    expect(textOf(gathered)).toEqual([`[${long}]`, `[${long}]`, `[${long}]`]);
  });
});
