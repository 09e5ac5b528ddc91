import type { ClientMessage, ServerMessage } from '@ringback/schemas';
import { fullJitterMs } from './backoff.ts';
import { RingbackError, type ErrorCode } from './errors.ts';
import { sdkLimits } from './limits.ts';
import type { Ports, Timer } from './ports.ts';
import type { CommandResult } from './types.ts';

export type ReplyMessage = Extract<ServerMessage, { type: 'reply' }>;
/** Everything that has a call and gets a reply. */
export type Request = Extract<ClientMessage, { callId: string }>;

export interface RequestOptions {
  /**
   * `resend`: when the socket is lost, sent again with the same id once the call is joined again. `session`: means
   * something on this socket only (a join), so it fails with `network` when that is lost.
   */
  life: 'resend' | 'session';
  /** Default: the limit of all commands. */
  timeLimitMs?: number;
  /** Takes the request back: what was not sent is not sent any more, and the promise rejects with `closed`. */
  signal?: AbortSignal | undefined;
  /** Asked before it is sent once more; false: it is not, and a refusal that says "not now" is its end. Default: always. */
  isWanted?: () => boolean;
}

export interface OutboxPorts {
  /** Says whether there is a session to send it on. */
  send(request: Request): boolean;
  /** Whether requests for this call may go out now. */
  isOpen(callId: string): boolean;
  /** The session's token has expired; says whether there will be another session. */
  renewToken(): boolean;
}

interface Pending {
  readonly request: Request;
  readonly life: RequestOptions['life'];
  readonly settle: (outcome: CommandResult | RingbackError) => void;
  readonly isWanted: () => boolean;
  tries: number;
  /** It went out once: whether it was carried out is not known any more. */
  isSent: boolean;
  retryTimer: Timer;
}

/**
 * These act on others as they are now: half a minute later it may be somebody who has come back, or just begun to
 * speak. Where such a one can not be sent, whoever asked for it hears so soon. The rest says how one's own things are to be.
 */
const onOthers: ReadonlySet<Request['type']> = new Set<Request['type']>([
  'call.end',
  'call.mute-participant',
  'call.remove',
]);

/** Refusals that say "not now": the same id is sent again. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['overloaded', 'unknown_outcome', 'rate_limited']);

/**
 * Requests without a reply yet, in the order they were made: the queue while there is no connection, too. Bounded in
 * number and in time. A request is repeated with its id, and the platform gives a repeated id its first reply, so
 * nothing happens twice. What was never sent certainly did not happen, and is told apart.
 */
export class Outbox {
  readonly #ports: Ports;
  readonly #send: OutboxPorts['send'];
  readonly #isOpen: OutboxPorts['isOpen'];
  readonly #renewToken: OutboxPorts['renewToken'];
  readonly #pending = new Map<string, Pending>();
  #unreadTimer: Timer;

  constructor(ports: Ports, to: OutboxPorts) {
    this.#ports = ports;
    this.#send = to.send;
    this.#isOpen = to.isOpen;
    this.#renewToken = to.renewToken;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** @throws RingbackError the refusal, or `queue_full`, `timeout`, `network` (not sent), `closed`. As a rejection. */
  request(request: Request, options: RequestOptions): Promise<CommandResult> {
    const { life, signal, timeLimitMs = sdkLimits.commandMsMax, isWanted = () => true } = options;
    if (signal?.aborted === true) return Promise.reject(takenBack());
    // A join must find room, or nothing would ever make some.
    if (life === 'resend' && this.#pending.size >= sdkLimits.pendingCommandsMax)
      return Promise.reject(full());
    const { clock } = this.#ports;
    const unsentMs = onOthers.has(request.type) ? Math.min(timeLimitMs, sdkLimits.unsentMsMax) : timeLimitMs;
    return new Promise((resolve, reject) => {
      const onAbort = () => pending.settle(takenBack());
      let limit = clock.setTimeout(() => {
        if (!pending.isSent) return pending.settle(unsent());
        limit = clock.setTimeout(() => pending.settle(late()), timeLimitMs - unsentMs);
      }, unsentMs);
      const settle = (outcome: CommandResult | RingbackError) => {
        clock.clearTimeout(limit);
        clock.clearTimeout(pending.retryTimer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(request.id);
        if (outcome instanceof RingbackError) reject(outcome);
        else resolve(outcome);
      };
      const pending: Pending = {
        ...{ request, life, settle, isWanted },
        ...{ tries: 0, isSent: false, retryTimer: undefined },
      };
      signal?.addEventListener('abort', onAbort);
      this.#pending.set(request.id, pending);
      this.#post(pending);
    });
  }

  /** Whatever is unanswered and may go out does, in its order: after `connected`, and after a call is joined. */
  flush(callId?: string): void {
    for (const pending of this.#pending.values())
      if (pending.life === 'resend' && (callId ?? pending.request.callId) === pending.request.callId)
        this.#post(pending);
  }

  receive(reply: ReplyMessage): void {
    if (reply.id === null) return this.#refusedUnread();
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if (reply.ok) return pending.settle({ seq: reply.seq });
    // It was not carried out: kept as if the socket had been lost with it.
    if (reply.error.code === 'token_expired' && this.#renewToken()) return;
    if (!passing.has(reply.error.code) || !pending.isWanted())
      return pending.settle(RingbackError.from(reply.error));
    const { clock, random } = this.#ports;
    const { backoffMsMin, backoffMsMax } = sdkLimits;
    clock.clearTimeout(pending.retryTimer);
    pending.retryTimer = clock.setTimeout(
      () => this.#post(pending),
      fullJitterMs(pending.tries++, random(), backoffMsMin, backoffMsMax),
    );
  }

  /**
   * A gateway that is sent too much does not read on to find the id: any of those without a reply may be the one,
   * so all are sent again, after a pause.
   */
  #refusedUnread(): void {
    const { clock } = this.#ports;
    clock.clearTimeout(this.#unreadTimer);
    this.#unreadTimer = clock.setTimeout(() => {
      for (const pending of this.#pending.values()) this.#post(pending);
    }, sdkLimits.unreadMs);
  }

  /** The socket is lost. */
  disconnected(): void {
    this.#ports.clock.clearTimeout(this.#unreadTimer);
    for (const pending of [...this.#pending.values()]) {
      this.#ports.clock.clearTimeout(pending.retryTimer);
      if (pending.life === 'session')
        pending.settle(new RingbackError('network', 'The connection was lost before there was a reply.'));
    }
  }

  /**
   * Gives up everything, or the commands of one call. Not its join: whoever asked for that must know whether it
   * came about, to undo it.
   */
  fail(error: RingbackError, callId?: string): void {
    if (callId === undefined) this.#ports.clock.clearTimeout(this.#unreadTimer);
    for (const pending of [...this.#pending.values()])
      if (callId === undefined || (pending.request.callId === callId && pending.life === 'resend'))
        pending.settle(error);
  }

  #post(pending: Pending): void {
    if (!pending.isWanted()) return;
    if (pending.life === 'resend' && !this.#isOpen(pending.request.callId)) return;
    if (this.#send(pending.request)) pending.isSent = true;
  }
}

const takenBack = () => new RingbackError('closed', 'The request was taken back.');
const late = () => new RingbackError('timeout', 'No reply in time: it may or may not have happened.');
const unsent = () => new RingbackError('network', 'It could not be sent in time: it did not happen.');
const full = () =>
  new RingbackError(
    'queue_full',
    `${sdkLimits.pendingCommandsMax} requests are without a reply. Wait for some of them.`,
  );
