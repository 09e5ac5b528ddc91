import type { CallEvent } from '@ringback/schemas';
import { EventBuffer, type Keeping } from './event-buffer.ts';
import { limits } from './limits.ts';
import { messageOf, type Subscription } from './subscription.ts';

export interface Recipient {
  /** Its place until it is at the head. Of one who watches it says no more from then on. */
  readonly subscription: Subscription;
  readonly socket: { send(message: string): void };
  /** The event, after it was sent: recipients react to their own leaving. One who watches hears of the call's end alone. */
  readonly saw: (event: CallEvent) => void;
  /** It has lost its place: nothing more comes. */
  readonly lost: () => void;
}

/** One followed call at this gateway: what the owner feeds, put in order, gaps repaired, handed to its recipients. */
export class CallFeed {
  readonly callId: string;
  readonly #people = new Set<Recipient>();
  /** They see everything, so at the head all have the same place: what they are told is one message. */
  readonly #watchers = new Map<Recipient, Recipient['socket']>();
  /** Recipients on their way in; while there are any the feed is kept. */
  attaching = 0;
  readonly #read: (after: number) => Promise<readonly CallEvent[]>;
  readonly #onError: (error: unknown) => void;
  /** The last events in order, without a gap, up to the head. */
  readonly #recent: EventBuffer;
  /** Fed ahead of a gap. */
  readonly #ahead = new EventBuffer(limits.feedAheadMax, limits.feedAheadBytesMax);
  #head: number | undefined;
  /** The furthest that the owner was heard to be. */
  #known = 0;
  #repair: Promise<void> | undefined;
  #ended = false;

  /**
   * @param read events after a sequence, without a gap; may throw where they can not be had now.
   * @param together what all feeds keep for those who come back.
   */
  constructor(
    callId: string,
    read: (after: number) => Promise<readonly CallEvent[]>,
    onError: (error: unknown) => void,
    together: Keeping,
  ) {
    this.callId = callId;
    this.#read = read;
    this.#onError = onError;
    this.#recent = recentEvents(together);
  }

  get head(): number | undefined {
    return this.#head;
  }

  /** Recipients that are at the head. */
  get size(): number {
    return this.#people.size + this.#watchers.size;
  }

  remove(recipient: Recipient): void {
    this.#people.delete(recipient);
    this.#watchers.delete(recipient);
  }

  /** Events from the owner, in any order, maybe twice. */
  ingest(events: readonly CallEvent[]): void {
    for (const event of events) {
      // What a read brings after the end, or what came with the leaving of the last one, is nobody's any more, and would
      // stay counted.
      if (this.#ended) return;
      // Until the first recipient has its place there is nothing to put in order; these wait.
      if (this.#head !== undefined && event.sequence === this.#head + 1) this.#advance(event);
      else if (event.sequence > (this.#head ?? 0)) this.#ahead.add(event);
      this.#known = Math.max(this.#known, event.sequence);
    }
    if (this.#head === undefined) return;
    while (!this.#ended) {
      const next = this.#takeNext();
      if (next === undefined) break;
      this.#advance(next);
    }
    this.#ahead.dropUpTo(this.#head);
    if (this.#ahead.size > 0 && !this.#ended) void this.repair();
  }

  /**
   * The owner's head is further than ours: the feed lost its tail.
   *
   * @returns whether it is so.
   */
  hear(seq: number): boolean {
    if (this.#head === undefined || seq <= this.#head) return false;
    this.#known = Math.max(this.#known, seq);
    void this.repair();
    return true;
  }

  /** Reads what is missing, in as many reads as it takes. One at a time; what can not be had now is tried again with the next head. */
  repair(): Promise<void> {
    this.#repair ??= (async () => {
      try {
        for (let more = true; more;) {
          const before = this.#head ?? 0;
          const events = await this.#read(before);
          this.#head ??= 0;
          this.ingest(events);
          more = this.#head > before && (this.#ahead.size > 0 || this.#known > this.#head);
        }
      } catch (error) {
        // The next head or event brings us back here.
        this.#onError(error);
      } finally {
        this.#repair = undefined;
      }
    })();
    return this.#repair;
  }

  /**
   * Brings a recipient from its place to the head, then keeps it there. What happens meanwhile is not lost:
   * the last step, from what is in memory to listening, is one synchronous stretch.
   *
   * @returns false where it can not be caught up one by one: it needs a snapshot.
   */
  async attach(recipient: Recipient, isOpen: () => boolean): Promise<boolean> {
    const { subscription } = recipient;
    const start = subscription.position;
    const replayed = recentEvents();
    let bytes = 0;
    for (let round = 0; round < limits.catchUpRounds && isOpen(); round++) {
      const before = subscription.position;
      if (this.#head !== undefined && this.#covers(before)) {
        for (const event of this.#recent.after(before)) deliver(recipient, event);
        if (subscription.participantId === undefined) this.#watchers.set(recipient, recipient.socket);
        else this.#people.add(recipient);
        return true;
      }
      // The first one also asks for the event it has: a place that there is not would become the place of all.
      const events = await this.#read(this.#head === undefined ? Math.max(0, before - 1) : before);
      // Gone meanwhile: what it would see of itself might be taken for what its successor sees.
      if (!isOpen()) return false;
      for (const event of events) {
        bytes += deliver(recipient, event);
        if (bytes > limits.resumeBytesMax) return false;
        replayed.push(event);
      }
      if (subscription.position - start > limits.resumeEventsMax) return false;
      if (subscription.position > before) {
        // Maybe not all: a read has its limits.
        if (this.#head !== undefined) this.ingest(events);
      } else if (this.#head === undefined) {
        if (events.length === 0 && before > 0) return false;
        this.#begin(before, replayed);
      } else if (before > this.#head) {
        await this.repair();
        if (before > this.#head) return false;
      }
    }
    return false;
  }

  /** The first recipient's place becomes that of all. */
  #begin(head: number, replayed: EventBuffer): void {
    this.#head = head;
    for (const event of replayed.after(0)) this.#recent.push(event);
    this.ingest([]);
  }

  /** Keeps half of what it has for those who come back; the rest can be read. */
  forgetHalf(): void {
    this.#recent.halve();
  }

  /** It is not to be used any more. */
  end(): void {
    this.#ended = true;
    this.#recent.cut(0);
  }

  /** Is everything after this place in memory? */
  #covers(position: number): boolean {
    const head = this.#head ?? 0;
    if (position >= head) return position === head;
    return (this.#recent.first ?? Infinity) <= position + 1;
  }

  #advance(event: CallEvent): void {
    this.#head = event.sequence;
    this.#recent.push(event);
    this.#tellWatchers(event);
    for (const recipient of this.#people) {
      try {
        deliver(recipient, event);
      } catch (error) {
        this.#lose(recipient, error);
      }
    }
  }

  /** A thousand may watch: nothing of theirs is touched but the socket. */
  #tellWatchers(event: CallEvent): void {
    if (this.#watchers.size === 0) return;
    const message = messageOf(event, event.sequence - 1, true);
    this.#watchers.forEach((socket, recipient) => {
      try {
        socket.send(message);
      } catch (error) {
        this.#lose(recipient, error);
      }
    });
    if (event.type === 'call.ended') for (const recipient of [...this.#watchers.keys()]) recipient.saw(event);
  }

  /** The others go on. */
  #lose(recipient: Recipient, error: unknown): void {
    this.#onError(error);
    this.remove(recipient);
    recipient.lost();
  }

  #takeNext(): CallEvent | undefined {
    return this.#ahead.take(this.#head! + 1);
  }
}

function recentEvents(together?: Keeping): EventBuffer {
  return new EventBuffer(limits.feedRecentMax, limits.feedRecentBytesMax, together);
}

/** @returns how long the message was; 0 where there was nothing to send. */
function deliver(recipient: Recipient, event: CallEvent): number {
  if (event.sequence <= recipient.subscription.position) return 0;
  const message = recipient.subscription.take(event);
  if (message !== undefined) recipient.socket.send(message);
  recipient.saw(event);
  return message?.length ?? 0;
}
