import { Emitter, type Listenable } from './emitter.ts';
import { RingbackError } from './errors.ts';
import { Feed, type FeedMessage } from './feed.ts';
import type { Link, Topic } from './link.ts';
import type { WatchEvents } from './types.ts';

/**
 * A call one follows without being in it: for who took part in it, made it, or administers it. Made by
 * `client.watch`; goes on by itself after every reconnect.
 */
export class CallWatch implements Listenable<WatchEvents> {
  /** `<partition>-<UUIDv7>`. */
  readonly callId: string;
  readonly #link: Link;
  readonly #feed: Feed;
  readonly #emitter = new Emitter<WatchEvents>();
  readonly #topic: Topic;
  #asking = false;
  #stopped = false;

  /** @internal */
  constructor(link: Link, callId: string, after: number) {
    this.#link = link;
    this.callId = callId;
    this.#feed = new Feed(after);
    this.#topic = {
      callId,
      joins: false,
      isOpen: () => true,
      connected: () => void this.#ask(),
      disconnected: () => {},
      message: (message) => this.#receive(message),
      closed: (error) => this.#emitter.emit('ended', error === undefined ? {} : { error }),
    };
    link.attach(this.#topic);
  }

  /** The sequence of the last event received. */
  get seq(): number {
    return this.#feed.seq;
  }

  /** Calls `listener` for each such event, in order. Returns a function that stops it. */
  on<Name extends keyof WatchEvents>(name: Name, listener: (payload: WatchEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Stops following. Nothing comes after it. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#link.forget(this.#topic, new RingbackError('closed', 'No longer followed.'));
    if (!this.#asking) this.#unwatch();
  }

  #unwatch(): void {
    // Followed anew meanwhile, which took the place of this.
    if (this.#link.topicOf(this.callId) !== undefined) return;
    const unwatch = { type: 'unwatch', id: this.#link.ports.uuid(), callId: this.callId } as const;
    // Without a socket there is nothing to stop.
    this.#link.request(unwatch, { life: 'session' }).catch(() => {});
  }

  #receive(message: FeedMessage): void {
    switch (this.#feed.step(message)) {
      case 'next':
        if (message.type === 'event') this.#emitter.emit('event', message.event);
        return;
      case 'snapshot':
        if (message.type === 'snapshot') this.#emitter.emit('resync', message.state);
        return;
      case 'gap':
        return void this.#ask();
      case 'had':
    }
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#stopped) return;
    this.#asking = true;
    const id = this.#link.ports.uuid();
    const watch = { type: 'watch', id, callId: this.callId, after: this.#feed.seq } as const;
    try {
      await this.#link.request(watch, { life: 'session' });
      // Stopped meanwhile: only now is there something to stop.
      if (this.#stopped) this.#unwatch();
    } catch (error) {
      // Lost with the socket: asked again on the next one.
      if (this.#stopped || !(error instanceof RingbackError) || error.code === 'network') return;
      this.#link.forget(this.#topic, error);
      this.#emitter.emit('ended', { error });
    } finally {
      this.#asking = false;
    }
  }
}
