import type {
  CallEvent,
  CallSummary,
  ClientCommandType,
  CommandMessage,
  TelemetryPage,
} from '@ringback/schemas';
import { Call } from './call.ts';
import { CallWatch } from './call-watch.ts';
import { Connection, type ConnectedMessage } from './connection.ts';
import { Emitter, type Listenable } from './emitter.ts';
import { RingbackError, type ErrorCode } from './errors.ts';
import { requestJson, type HttpRequest } from './http.ts';
import type { Link, Topic } from './link.ts';
import { Outbox } from './outbox.ts';
import { People } from './people.ts';
import { portsOf, type Ports } from './ports.ts';
import { CallTimeline, type TimelineOptions } from './timeline/call-timeline.ts';
import { isTokenRefused, requestOf, tokenSourceOf, type TokenSource } from './token.ts';
import type {
  CallState,
  ClientEvents,
  ClientOptions,
  ClientStatus,
  CommandResult,
  CreateCallOptions,
  CreatedCall,
  Guest,
  IceServers,
  JoinOptions,
  Session,
} from './types.ts';

/** The data of each command, as the contract has it. */
export type CommandDataOf<T extends ClientCommandType> = Extract<CommandMessage, { type: T }>['data'];

/**
 * One person's connection to the platform: HTTP requests, and one WebSocket that comes back by itself and carries
 * all their calls. Every method that can fail rejects with {@link RingbackError}.
 */
export class RingbackClient implements Listenable<ClientEvents> {
  /** Who is there, and messages to this user. */
  readonly people: People;
  readonly #origin: string;
  readonly #ports: Ports;
  readonly #token: TokenSource;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #topics = new Map<string, Topic>();
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #link: Link;
  #session: ConnectedMessage | undefined;
  /** `<callId>:<seq>` of the call that was made last. */
  #made: string | undefined;

  /**
   * Connects to nothing yet.
   *
   * @throws RingbackError `invalid` where there is no `url`, and no page whose origin it could be.
   */
  constructor(options: ClientOptions) {
    this.#origin = originOf(options.url);
    this.#ports = portsOf(options.ports);
    this.#token = tokenSourceOf(options.token);
    this.#outbox = new Outbox(this.#ports, {
      send: (request) => this.#connection.send(request),
      // Commands of calls nobody joined go out, too: to be refused with the platform's own words.
      isOpen: (callId) => this.#topics.get(callId)?.isOpen() ?? true,
      renewToken: () => this.#connection.renewToken(),
    });
    this.#connection = this.#makeConnection();
    this.people = new People({
      send: (message) => this.#connection.send(message),
      connect: () => this.connect(),
      origin: this.#origin,
      http: (request) => this.#http(request),
      clock: this.#ports.clock,
      random: this.#ports.random,
      uuid: this.#ports.uuid,
    });
    const times = () => this.#connection.times;
    this.#link = {
      ports: this.#ports,
      attach: (topic) => this.#attach(topic),
      forget: (topic, error) => this.#forget(topic, error),
      topicOf: (callId) => this.#topics.get(callId),
      request: (request, options) => this.#outbox.request(request, options),
      flush: (callId) => this.#outbox.flush(callId),
      getIceServers: () => this.getIceServers(),
      reads: this,
      get sessionTimes() {
        return times();
      },
    };
  }

  /**
   * Makes somebody without an account a guest: a name (at most 80 characters) for a token. Needs no client.
   *
   * @throws RingbackError `guests_disabled`, `rate_limited`, `network`.
   */
  static createGuest(
    displayName: string,
    options: { url?: string; ports?: Partial<Ports> } = {},
  ): Promise<Guest> {
    // A token that nobody received is nobody's: asking twice makes one guest.
    const request = { method: 'POST', path: '/v1/guests', body: { displayName }, repeatable: true } as const;
    return requestJson(originOf(options.url), request, portsOf(options.ports));
  }

  /**
   * Another token for a guest whose one is still good; they stay the same guest.
   *
   * @throws RingbackError `token_expired` where it is too late, `not_permitted` for who is no guest of the platform.
   */
  static renewGuest(token: string, options: { url?: string; ports?: Partial<Ports> } = {}): Promise<Guest> {
    // Both tokens of a request that was repeated are good.
    const request = { method: 'POST', path: '/v1/guests/renew', token, repeatable: true } as const;
    return requestJson(originOf(options.url), request, portsOf(options.ports));
  }

  /** Of the connection; `status` events bring each change. */
  get status(): ClientStatus {
    return this.#connection.status;
  }

  /** Of the session that is open now: ids, and the server's clock when it began. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Calls `listener` for each such event, in order. Returns a function that stops it. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Opens the WebSocket. `join` and `watch` do it, too. */
  connect(): void {
    this.#connection.open();
  }

  /** Closes for good: calls end locally, the platform sees a lost socket. To leave a call at once, `leave()` first. */
  close(): void {
    this.#connection.close();
  }

  /**
   * Joins a call. Gives the call at once, so that listeners are there before anything happens; `call.ready` tells
   * when it is joined. The call is joined again by itself after every reconnect.
   *
   * @throws RingbackError `invalid` where this client is in that call already, `closed` after `close()`.
   */
  join(callId: string, options: JoinOptions): Call {
    return new Call(this.#link, callId, options);
  }

  /**
   * Follows all events of a call without being in it, from the one after `after` (default 0: from the first).
   *
   * @throws RingbackError as `join`.
   */
  watch(callId: string, options: { after?: number } = {}): CallWatch {
    return new CallWatch(this.#link, callId, options.after ?? 0);
  }

  /**
   * Sends one command, or keeps it until there is a connection; it is sent again with the same id until there is a
   * reply, at most 30 s. `Call` has a method for most of them.
   *
   * @throws RingbackError the refusal, or `timeout` (it may have happened), `network` (it did not), `queue_full`, `closed`.
   */
  command<T extends ClientCommandType>(
    callId: string,
    type: T,
    data: CommandDataOf<T>,
  ): Promise<CommandResult> {
    if (this.status === 'closed') return Promise.reject(closedError());
    this.connect();
    const message = { type, id: this.#ports.uuid(), callId, data } as CommandMessage;
    return this.#outbox.request(message, { life: 'resend' });
  }

  /**
   * Makes a call. Safe to lose the reply of: the request is repeated with the same command id.
   *
   * @throws RingbackError `not_permitted`, `invalid` with the `field`, `rate_limited`, `network`.
   */
  async createCall(options: CreateCallOptions = {}): Promise<CreatedCall> {
    const post = async (body: object, repeatable: boolean) => {
      const made = await this.#http<CreatedCall>({ method: 'POST', path: '/v1/calls', body, repeatable });
      this.#made = `${made.callId}:${made.seq}`;
      return made;
    };
    try {
      return await post({ ...options, commandId: this.#ports.uuid() }, true);
    } catch (error) {
      // The id carries this machine's time. Without one the server makes it, and a repeat would make a second call.
      if (error instanceof RingbackError && error.code === 'clock_skew') return post(options, false);
      throw error;
    }
  }

  /**
   * The calls one made or took part in, newest first. `limit` 1 to 200, default 50.
   *
   * @throws RingbackError `views_unavailable` while lists can not be read; calls themselves go on.
   */
  async listCalls(options: { limit?: number } = {}): Promise<CallSummary[]> {
    const query = new URLSearchParams();
    if (options.limit !== undefined) query.set('limit', String(options.limit));
    // A list is a moment behind; what one made oneself has to be in it.
    if (this.#made !== undefined) query.set('atLeast', this.#made);
    const path = query.size === 0 ? '/v1/calls' : `/v1/calls?${query}`;
    return (await this.#get<{ calls: CallSummary[] }>(path)).calls;
  }

  /**
   * A call's folded state and its hash: for who took part in it, made it, or administers it.
   *
   * @throws RingbackError `call_unknown`, `not_permitted`.
   */
  getCall(callId: string): Promise<CallState> {
    return this.#get(`/v1/calls/${callId}`);
  }

  /**
   * A call's events as pages of at most 1,000, from the one after `after` (default 0), up to where it is now.
   *
   * @throws RingbackError as `getCall`.
   */
  async *getEvents(callId: string, options: { after?: number } = {}): AsyncGenerator<CallEvent[], void> {
    let after: number | undefined = options.after ?? 0;
    while (after !== undefined) {
      const page: { events: CallEvent[]; next?: number } = await this.#get(
        `/v1/calls/${callId}/events?after=${after}`,
      );
      yield page.events;
      after = page.next;
    }
  }

  /**
   * A page of a call's telemetry: refusals and how joins went, with `samples` also what was measured (default false).
   * `after` is the `next` of a page before; default: from the beginning.
   *
   * @throws RingbackError as `getCall`.
   */
  getTelemetry(
    callId: string,
    options: { after?: string | undefined; samples?: boolean } = {},
  ): Promise<TelemetryPage> {
    const query = new URLSearchParams();
    if (options.after !== undefined) query.set('after', options.after);
    if (options.samples === true) query.set('samples', 'true');
    return this.#get(`/v1/calls/${callId}/telemetry${query.size === 0 ? '' : `?${query}`}`);
  }

  /**
   * What happened in a call, and how it was at any instant: for who took part in it, made it, or administers it.
   * Nothing is read before it is asked for. In a call, `call.timeline()` follows more closely.
   */
  timeline(callId: string, options: TimelineOptions = {}): CallTimeline {
    return new CallTimeline(callId, { ...options, reads: this, clock: this.#ports.clock });
  }

  /** STUN and TURN servers with fresh credentials, good for `ttlSeconds`. Calls renew theirs by themselves. */
  getIceServers(): Promise<IceServers> {
    return this.#get('/v1/ice-servers');
  }

  #get<T>(path: string): Promise<T> {
    return this.#http({ method: 'GET', path, repeatable: true });
  }

  async #http<T>(request: Omit<HttpRequest, 'token'>): Promise<T> {
    const send = async (refused?: ErrorCode) =>
      requestJson<T>(
        this.#origin,
        { ...request, token: await this.#token.get(requestOf(refused)) },
        this.#ports,
      );
    try {
      return await send();
    } catch (error) {
      const refused = error instanceof RingbackError && isTokenRefused(error.code) ? error.code : undefined;
      if (refused === undefined || !this.#token.canRenew) throw error;
      return send(refused);
    }
  }

  #attach(topic: Topic): void {
    if (this.status === 'closed') throw closedError();
    if (this.#topics.has(topic.callId))
      throw new RingbackError('invalid', 'This client follows that call already.', { field: 'callId' });
    this.#topics.set(topic.callId, topic);
    if (this.#session === undefined) this.connect();
    else topic.connected(this.#session);
  }

  #forget(topic: Topic, error: RingbackError | undefined): void {
    if (this.#topics.get(topic.callId) !== topic) return;
    this.#topics.delete(topic.callId);
    if (error !== undefined) this.#outbox.fail(error, topic.callId);
  }

  #makeConnection(): Connection {
    const socketUrl = `${this.#origin.replace(/^http/, 'ws')}/v1/ws`;
    return new Connection(socketUrl, this.#token, this.#ports, {
      status: (status) => this.#emitter.emit('status', status),
      reconnecting: (attempt, delayMs) => this.#emitter.emit('reconnecting', { attempt, delayMs }),
      connected: (message) => {
        this.#session = message;
        for (const topic of [...this.#topics.values()]) topic.connected(message);
        this.#outbox.flush();
        this.people.connected();
      },
      message: (message) => {
        if (message.type === 'reply') {
          if (!this.people.takes(message)) this.#outbox.receive(message);
        } else if (message.type === 'snapshot' || message.type === 'event')
          this.#topics.get(message.callId)?.message(message);
        else if (message.type === 'presence' || message.type === 'message') this.people.receive(message);
      },
      disconnected: () => {
        this.#session = undefined;
        this.#outbox.disconnected();
        for (const topic of [...this.#topics.values()]) topic.disconnected();
      },
      tokenExpiring: (leftMs, error) =>
        this.#emitter.emit('token-expiring', { leftMs, ...(error === undefined ? {} : { error }) }),
      closed: (error) => {
        this.#session = undefined;
        for (const topic of [...this.#topics.values()]) topic.closed(error);
        this.#outbox.fail(error ?? closedError());
        this.#emitter.emit('closed', error === undefined ? {} : { error });
      },
    });
  }
}

const closedError = () => new RingbackError('closed', 'This client is closed.');

function originOf(url: string | undefined): string {
  const origin = url ?? (globalThis.location as Location | undefined)?.origin;
  if (origin === undefined) throw new RingbackError('invalid', 'Outside of pages, `url` is needed.');
  return origin.replace(/\/+$/, '');
}
