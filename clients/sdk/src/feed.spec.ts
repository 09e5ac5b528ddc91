import { describe, expect, it } from 'vitest';
import { Feed, type FeedMessage } from './feed.ts';
import { sdkLimits } from './limits.ts';
import { created, delivery, snapshot } from './testing/fake-gateway.ts';
import { foldCall } from '@ringback/domain';

const at = (seq: number, after = seq - 1) => delivery({ ...created, sequence: seq }, after) as FeedMessage;
const snapshotAt = (seq: number) => snapshot({ ...foldCall([created])!, seq }) as FeedMessage;

describe('the order of a feed', () => {
  it('takes each event once', () => {
    const feed = new Feed(0);
    expect([at(1), at(2), at(2), at(1), at(3)].map((m) => feed.step(m))).toEqual([
      'next',
      'next',
      'had',
      'had',
      'next',
    ]);
    expect(feed.seq).toBe(3);
  });

  it('follows `after`, not the numbers: what is for others is left out', () => {
    const feed = new Feed(4);
    expect(feed.step(at(9, 4))).toBe('next');
    expect(feed.step(at(12, 9))).toBe('next');
  });

  it('takes an event whose `after` lies behind a snapshot', () => {
    const feed = new Feed(0);
    expect(feed.step(snapshotAt(10))).toBe('snapshot');
    expect(feed.step(at(11, 7))).toBe('next');
  });

  it('sees a gap, stays where it was, and names that place', () => {
    const feed = new Feed(3);
    expect(feed.step(at(6, 5))).toBe('gap');
    expect(feed.seq).toBe(3);
    expect(feed.after).toBe(3);
  });

  it('asks for a snapshot at the start, after too many gaps, and when its state is wrong', () => {
    expect(new Feed(0).after).toBeUndefined();
    const feed = new Feed(3);
    for (let i = 0; i <= sdkLimits.gapRejoinsMax; i++) feed.step(at(6, 5));
    expect(feed.after).toBeUndefined();
    feed.step(snapshotAt(8));
    expect(feed.after).toBe(8);
    feed.distrust();
    expect(feed.after).toBeUndefined();
  });

  it('ignores a snapshot that events have overtaken', () => {
    const feed = new Feed(9);
    expect(feed.step(snapshotAt(8))).toBe('had');
  });
});
