import type { Logger } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import { CallFeed, type Recipient } from './call-feed.ts';
import { isRefused, type CallReader } from './call-reader.ts';
import type { Keeping } from './event-buffer.ts';
import { limits } from './limits.ts';

/** All calls that somebody at this gateway follows. */
export class FeedHub {
  readonly #feeds = new Map<string, CallFeed>();
  readonly #keeping: Keeping = { bytes: 0 };
  readonly #reader: Pick<CallReader, 'events'>;
  readonly #logger: Logger;
  readonly #follow: (callId: string) => void;
  readonly #unfollow: (callId: string) => void;

  constructor(
    reader: Pick<CallReader, 'events'>,
    link: { follow: (callId: string) => void; unfollow: (callId: string) => void },
    logger: Logger,
  ) {
    this.#reader = reader;
    this.#logger = logger;
    this.#follow = (callId) => link.follow(callId);
    this.#unfollow = (callId) => link.unfollow(callId);
  }

  get size(): number {
    return this.#feeds.size;
  }

  /** From the owner. */
  ingest(events: readonly CallEvent[]): void {
    const byCall = Map.groupBy(events, (event) => event.subject);
    for (const [callId, ofCall] of byCall) this.#feeds.get(callId)?.ingest(ofCall);
    if (this.#keeping.bytes > limits.feedRecentTotalBytesMax)
      for (const feed of this.#feeds.values()) feed.forgetHalf();
  }

  /** From the owner. What it should have fed did not come: it may have forgotten that we follow, as after we were silent. */
  hear(callId: string, seq: number): void {
    if (this.#feeds.get(callId)?.hear(seq)) this.#follow(callId);
  }

  /** See CallFeed.attach. @throws where the events can not be had now. */
  async attach(recipient: Recipient, isOpen: () => boolean): Promise<boolean> {
    const { callId } = recipient.subscription;
    let feed = this.#feeds.get(callId);
    if (feed === undefined) {
      feed = this.#open(callId);
      this.#feeds.set(callId, feed);
      this.#follow(callId);
    }
    feed.attaching += 1;
    try {
      return await feed.attach(recipient, isOpen);
    } finally {
      feed.attaching -= 1;
      if (!isOpen()) feed.remove(recipient);
      this.#drop(feed);
    }
  }

  detach(recipient: Recipient): void {
    const feed = this.#feeds.get(recipient.subscription.callId);
    if (feed === undefined) return;
    feed.remove(recipient);
    this.#drop(feed);
  }

  #open(callId: string): CallFeed {
    const read = async (after: number) => {
      const events = await this.#reader.events(callId, after);
      if (isRefused(events)) throw new Error(`${callId}: ${events.code}`);
      return events;
    };
    const onError = (error: unknown) =>
      this.#logger.warn({ callId, err: error }, 'a feed has a gap or lost a recipient');
    return new CallFeed(callId, read, onError, this.#keeping);
  }

  /** Nobody is left and nobody is on the way. */
  #drop(feed: CallFeed): void {
    if (feed.size > 0 || feed.attaching > 0 || this.#feeds.get(feed.callId) !== feed) return;
    this.#feeds.delete(feed.callId);
    feed.end();
    this.#unfollow(feed.callId);
  }
}
