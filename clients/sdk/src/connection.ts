import type { ClientMessage, ServerMessage } from '@ringback/schemas';
import { closeCodes, protocolVersion } from '@ringback/schemas/edge/protocol';
import { planFor, reconnectDelayMs, type ReturnPlan } from './backoff.ts';
import { RingbackError, type ErrorCode } from './errors.ts';
import { sdkLimits } from './limits.ts';
import type { Ports, SocketLike, Timer } from './ports.ts';
import { TokenRefresh } from './token-refresh.ts';
import { isTokenRefused, requestOf, type TokenSource } from './token.ts';
import type { ClientStatus } from './types.ts';

export type ConnectedMessage = Extract<ServerMessage, { type: 'connected' }>;
export type ByeMessage = Extract<ServerMessage, { type: 'bye' }>;

/** When the last token was there, and when the session with it began. Milliseconds since 1970. */
export interface SessionTimes {
  tokenAtMs: number;
  connectedAtMs: number;
}

export interface ConnectionHandlers {
  status(status: ClientStatus): void;
  reconnecting(attempt: number, delayMs: number): void;
  /** A session began; what was sent on the one before may not have arrived. */
  connected(message: ConnectedMessage): void;
  /** Everything but `connected` and `bye`. */
  message(message: Exclude<ServerMessage, ConnectedMessage | ByeMessage>): void;
  disconnected(): void;
  /** The session's token ends in `leftMs` and is not renewed yet; without an error, it can not be. */
  tokenExpiring(leftMs: number, error: RingbackError | undefined): void;
  /** Over for good. */
  closed(error: RingbackError | undefined): void;
}

/** One WebSocket that comes back: connect message, liveness, back-off. Knows nothing of calls. */
export class Connection {
  readonly #url: string;
  readonly #token: TokenSource;
  readonly #ports: Ports;
  readonly #on: ConnectionHandlers;
  readonly #refresh: TokenRefresh;
  #status: ClientStatus = 'idle';
  /** Of the attempt under way or the open session; messages of any other socket are ignored. */
  #socket: SocketLike | undefined;
  #connectId = '';
  #attempts = 0;
  #tokenAtMs = 0;
  #connectedAtMs = 0;
  #heardAtMs = 0;
  #bye: ByeMessage | undefined;
  /** Of the last token; once a session began with another one, nothing. */
  #refusal: ErrorCode | undefined;
  /** Whichever is waited for now: the next attempt, `connected`, or the next look at liveness. */
  #timer: Timer;
  #stopNetwork: (() => void) | undefined;

  constructor(url: string, token: TokenSource, ports: Ports, on: ConnectionHandlers) {
    this.#url = url;
    this.#token = token;
    this.#ports = ports;
    this.#on = on;
    this.#refresh = new TokenRefresh(token, ports, {
      send: (message) => this.send(message),
      failed: (leftMs, error) => on.tokenExpiring(leftMs, error),
    });
  }

  get status(): ClientStatus {
    return this.#status;
  }

  get times(): SessionTimes {
    return { tokenAtMs: this.#tokenAtMs, connectedAtMs: this.#connectedAtMs };
  }

  /** Starts, once. */
  open(): void {
    if (this.#status !== 'idle') return;
    this.#stopNetwork = this.#ports.onNetworkChange(() => this.#networkChanged());
    this.#setStatus('connecting');
    void this.#attempt();
  }

  /** Sends where there is a session; else says no, and the caller waits for `connected`. */
  send(message: ClientMessage): boolean {
    if (this.#status !== 'connected' || this.#socket === undefined) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The token of this session has expired. Says whether there will be a session with another one. */
  renewToken(): boolean {
    if (!this.#token.canRenew || this.#status !== 'connected') return false;
    this.#refusal = 'token_expired';
    this.#lost('now');
    return true;
  }

  close(error?: RingbackError): void {
    if (this.#status === 'closed') return;
    this.#ports.clock.clearTimeout(this.#timer);
    this.#stopNetwork?.();
    this.#dropSocket();
    this.#setStatus('closed');
    this.#on.closed(error);
  }

  /** A socket of the network before is likely dead, and silence would tell so only after two heartbeats. */
  #networkChanged(): void {
    if (this.#status === 'connected') this.#lost('now');
    else void this.#attempt();
  }

  async #attempt(): Promise<void> {
    const { clock } = this.#ports;
    clock.clearTimeout(this.#timer);
    this.#dropSocket();
    this.#bye = undefined;
    const id = this.#ports.uuid();
    this.#connectId = id;
    // The limit covers a token source that hangs, too.
    this.#timer = clock.setTimeout(() => this.#lost('usual'), sdkLimits.connectMsMax);
    let token: string;
    try {
      token = await this.#token.get(requestOf(this.#refusal));
    } catch (error) {
      if (this.#connectId !== id) return;
      if (error instanceof RingbackError && !error.retryable) this.close(error);
      else this.#lost('usual');
      return;
    }
    if (this.#connectId !== id) return;
    this.#tokenAtMs = clock.now();
    this.#openSocket(token);
  }

  #openSocket(token: string): void {
    const socket = new this.#ports.WebSocket(this.#url);
    const mine = () => this.#socket === socket;
    this.#socket = socket;
    socket.onopen = () => {
      const connect = { type: 'connect', id: this.#connectId, protocol: protocolVersion, token } as const;
      if (mine()) socket.send(JSON.stringify(connect));
    };
    socket.onmessage = ({ data }) => mine() && this.#receive(data, token);
    socket.onclose = ({ code }) => mine() && this.#closedBy(code);
    // A close always follows an error and says more.
    socket.onerror = null;
  }

  #closedBy(code: number): void {
    if (code === closeCodes.tokenExpired.code && this.renewToken()) return;
    this.#lost(planFor(code), code);
  }

  /** `token`: the one that this socket began with. */
  #receive(data: unknown, token: string): void {
    this.#heardAtMs = this.#ports.clock.now();
    const messages = parseFrame(data);
    // Whatever answered is not a gateway of ours: perhaps a proxy in the midst of a change.
    if (messages === undefined) return this.#lost('slow');
    const socket = this.#socket;
    for (const message of messages) {
      // A handler may have closed us.
      if (this.#socket !== socket) return;
      this.#handle(message, token);
    }
  }

  #handle(message: ServerMessage, token: string): void {
    switch (message.type) {
      case 'connected':
        this.#refresh.begin(token);
        return this.#connected(message);
      case 'token.expiring':
        return this.#refresh.expiring(message.leftMs);
      case 'token.renewed':
        return void this.#refresh.receive(message);
      case 'bye':
        this.#bye = message;
        return;
      case 'reply':
        if (this.#refresh.receive(message)) return;
        if (message.id !== this.#connectId) return this.#on.message(message);
        if (!message.ok) this.#refused(RingbackError.from(message.error));
        return;
      default:
        // Also types of later servers: whoever reads on ignores what it does not know.
        return this.#on.message(message);
    }
  }

  #connected(message: ConnectedMessage): void {
    this.#connectedAtMs = this.#ports.clock.now();
    this.#refusal = undefined;
    this.#setStatus('connected');
    this.#watchLiveness(message.heartbeatMs);
    this.#on.connected(message);
  }

  #refused(error: RingbackError): void {
    if (error.retryable) return this.#lost('slow');
    const another = this.#token.canRenew && this.#refusal === undefined && isTokenRefused(error.code);
    if (!another) return this.close(error);
    this.#refusal = error.code;
    this.#lost('now');
  }

  /**
   * A browser answers pings unseen, so silence is all there is to notice. Looked at by the wall clock and often,
   * because timers stand still while a laptop sleeps: on waking, the silence is found at once.
   */
  #watchLiveness(heartbeatMs: number): void {
    const { clock } = this.#ports;
    clock.clearTimeout(this.#timer);
    const look = () => {
      if (clock.now() - this.#heardAtMs >= 2 * heartbeatMs) this.#lost('now');
      else this.#timer = clock.setTimeout(look, Math.min(1_000, heartbeatMs / 2));
    };
    look();
  }

  #lost(plan: ReturnPlan, code?: number): void {
    const { clock, random } = this.#ports;
    clock.clearTimeout(this.#timer);
    this.#dropSocket();
    if (plan === 'never') return this.close(this.#farewell(code));
    const wasConnected = this.#status === 'connected';
    if (wasConnected && clock.now() - this.#connectedAtMs >= sdkLimits.stableMs) this.#attempts = 0;
    const delayMs = reconnectDelayMs(plan, this.#attempts, this.#bye?.retryAfterMs, random());
    this.#attempts += 1;
    this.#setStatus('reconnecting');
    if (wasConnected) this.#on.disconnected();
    this.#on.reconnecting(this.#attempts, delayMs);
    this.#timer = clock.setTimeout(() => void this.#attempt(), delayMs);
  }

  #farewell(code: number | undefined): RingbackError {
    const known = Object.values(closeCodes).find((c) => c.code === code);
    const sentence = this.#bye?.reason ?? known?.reason ?? 'The server closed the connection for good.';
    if (code === closeCodes.sessionReplaced.code) return new RingbackError('session_replaced', sentence);
    if (code === closeCodes.tokenRefused.code) return new RingbackError('token_invalid', sentence);
    if (code === closeCodes.tokenExpired.code) return new RingbackError('token_expired', sentence);
    return new RingbackError('protocol', sentence);
  }

  /** Without waiting for the closing handshake: on a dead link that takes minutes. */
  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#connectId = '';
    this.#refresh.stop();
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #setStatus(status: ClientStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#on.status(status);
  }
}

function parseFrame(data: unknown): ServerMessage[] | undefined {
  try {
    const messages: unknown = JSON.parse(data as string);
    return Array.isArray(messages) ? messages : undefined;
  } catch {
    return undefined;
  }
}
