import { closeCodes, reject, type ServerMessage } from '@ringback/schemas';
import type { WebSocket } from 'uWebSockets.js';
import type { Gathered } from './gathered.ts';
import { limits } from './limits.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { DisconnectReason, SessionPorts, SessionSocket } from './session-ports.ts';
import { Session } from './session.ts';

/** RFC 6455 section 7.4.1: message too big. */
const tooLargeCode = 1009;

/** What is needed of a WebSocket. */
export type RawSocket = Pick<WebSocket<unknown>, 'send' | 'end' | 'getBufferedAmount'>;

/** What a socket needs of those who hold it. */
export interface SocketHolder {
  readonly metrics: EdgeMetrics;
  /** Milliseconds, as Clock.monotonic. */
  now(): number;
  /** Where a socket begins for which nothing waits. */
  readonly nothing: Gathered;
  /** Calls `flush` at the end of this tick. */
  flushLater(socket: ClientSocket): void;
}

/** One client's socket: messages gathered per tick into one frame, closed where its reader is too slow. */
export class ClientSocket implements SessionSocket {
  readonly session: Session;
  readonly #ws: RawSocket;
  readonly #holder: SocketHolder;
  #waiting: Gathered | undefined;
  /** Nothing more is taken. */
  #closing = false;
  /** It is not ours to touch any more: uWebSockets.js throws at whoever does. */
  #ended = false;
  #sentAt: number;

  constructor(ws: RawSocket, host: string, holder: SocketHolder, ports: SessionPorts) {
    this.#ws = ws;
    this.#holder = holder;
    this.#sentAt = holder.now();
    this.session = new Session(this, host, ports);
  }

  send(message: string): void {
    if (this.#closing) return;
    if (this.#waiting === undefined) this.#holder.flushLater(this);
    this.#waiting = (this.#waiting ?? this.#holder.nothing).with(message);
  }

  /** Refuses a message that is not read because of its length. */
  refuseTooLarge(): void {
    const error = reject('too_large', `A message may have ${limits.messageBytesMax} bytes.`);
    this.send(JSON.stringify({ type: 'reply', id: null, ok: false, error } satisfies ServerMessage));
    this.close({ code: tooLargeCode, reason: error.message });
  }

  /** The other side closed it, or is gone: from now on there is nothing to send to. */
  gone(reason: DisconnectReason): void {
    this.#ended = true;
    this.#closing = true;
    this.#waiting = undefined;
    this.session.closed(reason);
  }

  /** What waits is still sent, then a goodbye that says why, and when to come back. */
  close({ code, reason }: { readonly code: number; readonly reason: string }, retryAfterMs?: number): void {
    if (this.#closing) return;
    const when = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.send(JSON.stringify({ type: 'bye', code, reason, ...when } satisfies ServerMessage));
    this.#closing = true;
    this.flush();
    this.#end(code, reason);
  }

  /** One frame (a JSON array) with everything of this tick; more only where it would be too long. */
  flush(now = this.#holder.now()): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#ended || waiting === undefined) return;
    this.#holder.metrics.sent.messages += waiting.count;
    // Not corked: each frame is one write anyway, and what is longer than the cork's 16 kB would be two.
    for (const frame of waiting.frames) if (!this.#sendFrame(frame, now)) return this.tooSlow();
  }

  /** Bytes that were sent and not read yet. */
  get buffered(): number {
    return this.#ended ? 0 : this.#ws.getBufferedAmount();
  }

  /** The gateway's sign of life for a client that was sent nothing for a while. */
  heartbeat(now: number): void {
    if (!this.#ended) this.session.look();
    if (this.#ended || this.#waiting !== undefined || now - this.#sentAt < limits.heartbeatAfterMs) return;
    if (!this.#sendFrame('[]', now)) this.tooSlow();
  }

  /** `send` answers 0: queued, 1: sent, 2: dropped. */
  #sendFrame(frame: string | Buffer, now: number): boolean {
    this.#holder.metrics.sent.frames += 1;
    this.#sentAt = now;
    return this.#ws.send(frame, false) !== 2;
  }

  /** A frame was dropped, which is a gap, or its unread bytes are needed for others: the socket ends there. */
  tooSlow(): void {
    if (this.#ended) return;
    this.#closing = true;
    this.session.closed('slow-consumer');
    this.#end(closeCodes.slowConsumer.code, closeCodes.slowConsumer.reason);
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#holder.metrics.closes.inc({ code: String(code) });
    this.#ws.end(code, reason);
  }
}
