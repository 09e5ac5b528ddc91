import {
  callId,
  created,
  ended,
  fact,
  history,
  host,
  joined,
  locked,
  second,
} from '@ringback/domain/testing';
import { makeLogger } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import { describe, expect, it, vi } from 'vitest';
import { CallFeed, type Recipient } from './call-feed.ts';
import { FeedHub } from './feed-hub.ts';
import { limits } from './limits.ts';
import { eventLength, Subscription } from './subscription.ts';

const unlocked = fact('call.unlocked', { by: host.participantId });
/** A call with this many events. */
const eventsOf = (count: number): CallEvent[] =>
  history(
    created(),
    joined(host),
    ...Array.from({ length: count - 2 }, (_, i) => (i % 2 ? unlocked : locked)),
  );

/** What the owner and the log have; reads wait for `release` where they are held. */
class FakeReader {
  stored: CallEvent[] = [];
  reads: number[] = [];
  held: Promise<void> | undefined;
  failures = 0;
  pageSize = Infinity;

  readonly read = async (after: number): Promise<CallEvent[]> => {
    this.reads.push(after);
    await this.held;
    if (this.failures-- > 0) throw new Error('away');
    return this.stored.filter((e) => e.sequence > after).slice(0, this.pageSize);
  };

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held = promise;
    return () => {
      this.held = undefined;
      resolve();
    };
  }
}

function recipient(position = 0): Recipient & { got: number[]; saw_: number[] } {
  const got: number[] = [];
  const saw_: number[] = [];
  return {
    subscription: new Subscription(callId, host.participantId, position),
    socket: { send: (text) => got.push((JSON.parse(text) as { seq: number }).seq) },
    saw: (event) => saw_.push(event.sequence),
    lost: () => got.push(-1),
    got,
    saw_,
  };
}

/** One who is not in the call. @param send fails where the socket does. */
function watcher(position: number, send?: () => void) {
  const got: string[] = [];
  const subscription = new Subscription(callId, undefined, position);
  const socket = { send: send ?? ((text: string) => void got.push(text)) };
  return { ...recipient(), subscription, socket, got, lost: () => void got.push('lost') };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const open = () => true;
const onError = () => {};

async function attached(count: number) {
  const reader = new FakeReader();
  reader.stored = eventsOf(count);
  const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
  const first = recipient();
  expect(await feed.attach(first, open)).toBe(true);
  return { reader, feed, first, all: eventsOf(count + 10) };
}

describe('CallFeed', () => {
  it('gives nothing to who went while it was being caught up', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(3);
    const release = reader.hold();
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const gone = recipient();
    let isOpen = true;
    const attaching = feed.attach(gone, () => isOpen);
    isOpen = false;
    release();
    expect([await attaching, gone.got, gone.saw_]).toEqual([false, [], []]);
  });

  it('hands on in order, once, whatever the order of what is fed', async () => {
    const { feed, first, all } = await attached(3);
    feed.ingest([all[4]!, all[3]!]);
    feed.ingest([all[3]!, all[4]!, all[0]!]);
    feed.ingest([all[5]!]);
    expect(first.got).toEqual(upTo(6));
    expect(first.saw_).toEqual(upTo(6));
  });

  it('reads what is missing, with one read at a time', async () => {
    const { reader, feed, first, all } = await attached(3);
    reader.stored = all.slice(0, 8);
    reader.reads = [];
    const release = reader.hold();
    feed.ingest([all[5]!]);
    feed.ingest([all[6]!]);
    feed.hear(8);
    expect(first.got).toEqual(upTo(3));
    release();
    await vi.waitFor(() => expect(first.got).toEqual(upTo(8)));
    expect(reader.reads).toEqual([3]);
  });

  it('reads what is missing without being told of a head', async () => {
    const { reader, feed, first, all } = await attached(3);
    reader.stored = all.slice(0, 6);
    feed.ingest([all[5]!]);
    await vi.waitFor(() => expect(first.got).toEqual(upTo(6)));
  });

  it('tries again with the next head where a read failed', async () => {
    const { reader, feed, first, all } = await attached(3);
    reader.stored = all.slice(0, 5);
    reader.failures = 1;
    await feed.repair();
    expect(first.got).toEqual(upTo(3));
    expect(feed.hear(5)).toBe(true);
    await vi.waitFor(() => expect(first.got).toEqual(upTo(5)));
    expect(feed.hear(5)).toBe(false);
  });

  it('does not lose what happens while somebody is on the way in', async () => {
    const { reader, feed, all } = await attached(3);
    const late = recipient();
    const release = reader.hold();
    const fed = feed.attach(late, open);
    feed.ingest([all[3]!, all[4]!]);
    reader.stored = all.slice(0, 5);
    release();
    expect(await fed).toBe(true);
    feed.ingest([all[5]!]);
    expect(late.got).toEqual(upTo(6));
  });

  it('keeps what comes before the first one is in', async () => {
    const reader = new FakeReader();
    const all = eventsOf(6);
    reader.stored = all.slice(0, 3);
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const first = recipient();
    const release = reader.hold();
    const attaching = feed.attach(first, open);
    feed.ingest([all[3]!, all[4]!]);
    release();
    expect(await attaching).toBe(true);
    expect(first.got).toEqual(upTo(5));
  });

  it('gives two who come at once each their part', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(5);
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const [a, b] = [recipient(0), recipient(3)];
    expect(await Promise.all([feed.attach(a, open), feed.attach(b, open)])).toEqual([true, true]);
    expect(a.got).toEqual(upTo(5));
    expect(b.got).toEqual([4, 5]);
    feed.ingest([eventsOf(6)[5]!]);
    expect([a.got.at(-1), b.got.at(-1)]).toEqual([6, 6]);
  });

  it('catches up in pages', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(25);
    reader.pageSize = 10;
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const first = recipient();
    expect(await feed.attach(first, open)).toBe(true);
    expect(first.got).toEqual(upTo(25));
    reader.stored = eventsOf(60);
    feed.hear(60);
    await vi.waitFor(() => expect(first.got).toEqual(upTo(60)));
  });

  it('takes nobody at a place that there is not', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(3);
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    expect(await feed.attach(recipient(1_000_000), open)).toBe(false);
    const first = recipient(2);
    expect(await feed.attach(first, open)).toBe(true);
    expect(await feed.attach(recipient(1_000_000), open)).toBe(false);
    feed.ingest([eventsOf(4)[3]!]);
    expect(first.got).toEqual([3, 4]);
  });

  it('wants a snapshot for who is too far behind', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(limits.resumeEventsMax + 2);
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    expect(await feed.attach(recipient(), open)).toBe(false);
    expect(feed.size).toBe(0);
  });

  it('wants a snapshot for who missed too much to be sent at once', async () => {
    const offer = fact('call.offer.sent', {
      from: second.participantId,
      to: host.participantId,
      connectionId: 'ab',
      sdp: `v=0${'x'.repeat(50_000)}`,
    });
    const reader = new FakeReader();
    reader.pageSize = 10;
    const count = Math.ceil(limits.resumeBytesMax / 50_000) + 20;
    reader.stored = history(created(), joined(host), ...Array.from({ length: count }, () => offer));
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const late = recipient();
    expect(await feed.attach(late, open)).toBe(false);
    expect(late.got.length * 50_000).toBeLessThan(limits.resumeBytesMax + 200_000);
    // Behind a snapshot it has its place.
    late.subscription.jump(reader.stored.length);
    expect(await feed.attach(late, open)).toBe(true);
    expect(feed.size).toBe(1);
  });

  it('reads again what did not fit in while there was a gap', async () => {
    const { reader, feed, first } = await attached(3);
    const all = eventsOf(limits.feedAheadMax + 100);
    reader.stored = all;
    reader.pageSize = 1_000;
    feed.ingest(all.slice(4));
    await vi.waitFor(() => expect(first.got).toEqual(upTo(all.length)));
  });

  it('goes on for the others where one has lost its place', async () => {
    const { feed, first, all } = await attached(3);
    const second = recipient();
    expect(await feed.attach(second, open)).toBe(true);
    first.subscription.jump(1);
    feed.ingest([all[3]!, all[4]!]);
    expect(first.got).toEqual([...upTo(3), -1]);
    expect(second.got).toEqual(upTo(5));
  });

  it('tells all who watch the same, and that the call ended', async () => {
    const { feed, first } = await attached(3);
    const toSecond = { from: host.participantId, to: second.participantId, connectionId: 'ab', sdp: 'v=0' };
    const offer = fact('call.offer.sent', toSecond);
    const all = history(created(), joined(host), locked, offer, unlocked, ended('host', host));
    const watchers = [watcher(2), watcher(3)];
    for (const one of watchers) expect(await feed.attach(one, open)).toBe(true);
    expect(feed.size).toBe(3);
    feed.ingest(all.slice(3));
    const places = watchers.map(({ got }) =>
      got.map((text) => JSON.parse(text) as { seq: number; after: number }).map((m) => [m.after, m.seq]),
    );
    // Offers too, which are not for the host, and the end.
    const new_ = [4, 5, 6].map((n) => [n - 1, n]);
    expect(places).toEqual([[[2, 3], ...new_], new_]);
    expect(first.got).toEqual([1, 2, 3, 5, 6]);
    expect(watchers.map(({ saw_ }) => saw_)).toEqual([[3, 6], [6]]);
    for (const gone of [first, ...watchers]) feed.remove(gone);
    expect(feed.size).toBe(0);
  });

  it('goes on for those who watch where one can not be told', async () => {
    const { feed, all } = await attached(3);
    const broken = watcher(3, () => {
      throw new Error('broken');
    });
    const other = watcher(3);
    for (const one of [broken, other]) expect(await feed.attach(one, open)).toBe(true);
    feed.ingest([all[3]!, all[4]!]);
    expect([broken.got, other.got.length, feed.size]).toEqual([['lost'], 2, 2]);
  });

  it('brings in nobody who is gone', async () => {
    const reader = new FakeReader();
    reader.stored = eventsOf(3);
    const feed = new CallFeed(callId, reader.read, onError, { bytes: 0 });
    const gone = recipient();
    expect(await feed.attach(gone, () => false)).toBe(false);
    expect(feed.size).toBe(0);
  });
});

describe('what a feed keeps', () => {
  async function keeping(count: number) {
    const reader = new FakeReader();
    reader.stored = eventsOf(count);
    const together = { bytes: 0 };
    const feed = new CallFeed(callId, reader.read, onError, together);
    expect(await feed.attach(recipient(), open)).toBe(true);
    return { reader, together, feed };
  }

  it('is counted with that of all others, and halved where that is too much: the rest is read', async () => {
    const { reader, together, feed } = await keeping(20);
    const all = together.bytes;
    expect(all).toBe(eventsOf(20).reduce((sum, event) => sum + eventLength(event), 0));
    feed.forgetHalf();
    expect(together.bytes).toBeGreaterThan(0);
    expect(together.bytes).toBeLessThanOrEqual(all / 2);
    const reads = reader.reads.length;
    const [late, later] = [recipient(18), recipient(2)];
    expect(await feed.attach(late, open)).toBe(true);
    expect(reader.reads).toHaveLength(reads);
    expect(await feed.attach(later, open)).toBe(true);
    expect(reader.reads).toHaveLength(reads + 1);
    expect([late.got, later.got]).toEqual([upTo(20).slice(18), upTo(20).slice(2)]);
  });

  it('is gone with it, also where a read comes back later', async () => {
    const { reader, together, feed } = await keeping(3);
    reader.stored = eventsOf(5);
    const release = reader.hold();
    feed.hear(5);
    feed.end();
    release();
    await feed.repair();
    expect([together.bytes, feed.head]).toEqual([0, 3]);
  });

  it('keeps nothing of what came together with the leaving of the last one there', async () => {
    const { reader, together, feed } = await keeping(3);
    const leave = (event: CallEvent) => event.sequence === 4 && feed.end();
    await feed.attach({ ...recipient(3), saw: leave }, open);
    reader.reads = [];
    const all = eventsOf(9);
    feed.ingest([all[4]!, all[5]!, all[3]!, all[6]!, all[8]!]);
    expect([together.bytes, feed.head, reader.reads]).toEqual([0, 4, []]);
  });
});

describe('FeedHub', () => {
  function hub(count: number) {
    const reader = new FakeReader();
    reader.stored = eventsOf(count);
    const said: string[] = [];
    const feeds = new FeedHub(
      { events: (_: string, after: number) => reader.read(after) } as never,
      {
        follow: () => said.push('follow'),
        unfollow: () => said.push('unfollow'),
      },
      makeLogger('test', 'silent'),
    );
    return { reader, feeds, said };
  }

  it('follows a call while somebody wants it', async () => {
    const { feeds, said } = hub(3);
    const [a, b] = [recipient(), recipient()];
    await Promise.all([feeds.attach(a, open), feeds.attach(b, open)]);
    expect([said, feeds.size]).toEqual([['follow'], 1]);
    feeds.detach(a);
    feeds.ingest([eventsOf(4)[3]!]);
    expect([a.got.length, b.got.length]).toEqual([3, 4]);
    expect(said).toEqual(['follow']);
    feeds.detach(b);
    expect([said, feeds.size]).toEqual([['follow', 'unfollow'], 0]);
  });

  it('lets nobody in who left on the way', async () => {
    const { reader, feeds, said } = hub(3);
    let isOpen = true;
    const gone = recipient();
    const release = reader.hold();
    const attaching = feeds.attach(gone, () => isOpen);
    isOpen = false;
    feeds.detach(gone);
    release();
    await attaching;
    expect([said, feeds.size]).toEqual([['follow', 'unfollow'], 0]);
  });

  it('follows again where the owner seems to have forgotten', async () => {
    const { reader, feeds, said } = hub(3);
    const a = recipient();
    await feeds.attach(a, open);
    feeds.hear(callId, 3);
    expect(said).toEqual(['follow']);
    reader.stored = eventsOf(5);
    feeds.hear(callId, 5);
    expect(said).toEqual(['follow', 'follow']);
    await vi.waitFor(() => expect(a.got).toEqual(upTo(5)));
  });
});
