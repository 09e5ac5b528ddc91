import { tookPart } from '@ringback/domain';
import { reject, type CallView, type ClientMessage, type Rejection } from '@ringback/schemas';
import type { Recipient } from './call-feed.ts';
import { catchUp, type CatchUpPorts } from './catch-up.ts';
import type { FeedHub } from './feed-hub.ts';
import { Subscription } from './subscription.ts';
import { mayEnter, type Identity } from './tokens.ts';

export type WatchMessage = Extract<ClientMessage, { type: 'watch' }>;

/** The session, as its watching needs it. */
export interface Watcher {
  readonly isOpen: () => boolean;
  readonly accepted: (message: WatchMessage, seq: number) => void;
  readonly refused: (message: WatchMessage, rejection: Rejection) => void;
  readonly socket: Recipient['socket'];
  readonly lost: () => void;
}

/** The calls that one session follows without being in them. */
export class Watching {
  readonly #ports: CatchUpPorts & { readonly feeds: FeedHub };
  readonly #watcher: Watcher;
  readonly #watched = new Map<string, Recipient>();
  /** Asked for, not answered yet: the last time for each call. */
  readonly #asked = new Map<string, WatchMessage>();

  constructor(ports: CatchUpPorts & { readonly feeds: FeedHub }, watcher: Watcher) {
    this.#ports = ports;
    this.#watcher = watcher;
  }

  /** Calls watched or about to be: each has its place from the moment it is asked for. */
  get size(): number {
    return new Set(this.callIds).size;
  }

  /** Those of `size`. */
  get callIds(): string[] {
    return [...this.#watched.keys(), ...this.#asked.keys()];
  }

  has(callId: string): boolean {
    return this.#watched.has(callId) || this.#asked.has(callId);
  }

  async watch(identity: Identity, message: WatchMessage): Promise<void> {
    const { callId } = message;
    const watcher = this.#watcher;
    if (!mayEnter(identity, callId)) return watcher.refused(message, reject('not_permitted'));
    this.#asked.set(callId, message);
    let answer: { state: CallView } | Rejection;
    // Not stopped, nor asked for again, meanwhile?
    const isLast = () => this.#asked.get(callId) === message;
    let wanted = false;
    try {
      answer = await this.#ports.reader.state(callId, identity.tenantId);
    } finally {
      wanted = isLast();
      if (wanted) this.#asked.delete(callId);
    }
    if (!watcher.isOpen()) return;
    if ('code' in answer) return watcher.refused(message, answer);
    if (!identity.roomAdmin && !tookPart(answer.state, identity.userId))
      return watcher.refused(message, reject('not_permitted'));
    watcher.accepted(message, answer.state.seq);
    if (wanted) await this.#follow(identity, message);
  }

  stop(callId: string): void {
    this.#asked.delete(callId);
    this.#detach(callId);
  }

  stopAll(): void {
    this.#asked.clear();
    for (const callId of [...this.#watched.keys()]) this.#detach(callId);
  }

  async #follow(identity: Identity, { callId, after }: WatchMessage): Promise<void> {
    const { isOpen, socket, lost } = this.#watcher;
    this.#detach(callId);
    const recipient: Recipient = {
      subscription: new Subscription(callId, undefined, after),
      socket,
      lost,
      saw: (event) => {
        if (event.type === 'call.ended') this.#detach(callId);
      },
    };
    this.#watched.set(callId, recipient);
    await catchUp(this.#ports, {
      recipient,
      tenantId: identity.tenantId,
      fresh: false,
      isCurrent: () => isOpen() && this.#watched.get(callId) === recipient,
      isIn: (state) => state.status !== 'ended',
      out: () => this.#detach(callId),
    });
  }

  #detach(callId: string): void {
    const recipient = this.#watched.get(callId);
    if (recipient === undefined) return;
    this.#watched.delete(callId);
    this.#ports.feeds.detach(recipient);
  }
}
