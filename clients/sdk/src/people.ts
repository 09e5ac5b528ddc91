import type { PeopleMessage, Presence, ServerMessage, UserMessage, UserPresence } from '@ringback/schemas';
import { Emitter, type Listenable } from './emitter.ts';
import { RingbackError } from './errors.ts';
import type { HttpRequest } from './http.ts';
import { sdkLimits } from './limits.ts';
import type { Ports } from './ports.ts';

/** @internal */
type PresenceMessage = Extract<ServerMessage, { type: 'presence' }>;
/** @internal */
type ReplyMessage = Extract<ServerMessage, { type: 'reply' }>;
/** @internal */
type MessageMessage = Extract<ServerMessage, { type: 'message' }>;

/** Something an application told this user. */
export interface ReceivedMessage {
  /** The same where the application sent it again. */
  messageId: string;
  /** The `sub` of the token that it was sent with. */
  from: string;
  /** Milliseconds since 1970. */
  sentAt: number;
  message: UserMessage;
}

export interface PresenceList {
  users: UserPresence[];
  /** False where a gateway did not answer in time: there may be more than this says. */
  complete: boolean;
}

export interface SentMessage {
  messageId: string;
  /** Open sockets of the user that were handed it; with 0 nobody got it. */
  sessions: number;
  /** False where a gateway did not answer in time: there may have been more. */
  complete: boolean;
}

export interface PeopleEvents {
  /** The presence of somebody who is followed, whenever it is another one. */
  presence: UserPresence;
  /** An application told this user something: once on each of their devices, as far as they are connected. */
  message: ReceivedMessage;
  /** `follow` was refused, as it is for guests and for a token for one call. A `retryable` one is said again. */
  refused: RingbackError;
}

/** @internal The client, as this part of it needs it. */
export interface PeoplePorts extends Pick<Ports, 'clock' | 'random' | 'uuid'> {
  /** False where there is no session. */
  readonly send: (message: PeopleMessage) => boolean;
  readonly connect: () => void;
  /** Of the platform, as the client was given it. */
  readonly origin: string;
  readonly http: <T>(request: Omit<HttpRequest, 'token'>) => Promise<T>;
}

/** Who is there of one's tenant, and what applications tell this user. */
export class People implements Listenable<PeopleEvents> {
  readonly #ports: PeoplePorts;
  readonly #emitter = new Emitter<PeopleEvents>();
  /** By user id. */
  readonly #known = new Map<string, Presence>();
  #followed: readonly string[] = [];
  #followId = '';
  /** Milliseconds since 1970. */
  #saidFollowAt = -Infinity;
  #willSayFollow = false;
  #isAway = false;
  /** Of messages: an application that heard no answer sends the same one again. */
  readonly #seen = new Set<string>();

  /** @internal Use `client.people`. */
  constructor(ports: PeoplePorts) {
    this.#ports = ports;
  }

  /** @returns ends the listening. */
  on<Name extends keyof PeopleEvents>(
    name: Name,
    listener: (payload: PeopleEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Follows these users, at most 200, and no others: `presence` tells each change, after a reconnect too. */
  follow(userIds: readonly string[]): void {
    this.#followed = [...userIds];
    for (const userId of this.#known.keys()) if (!userIds.includes(userId)) this.#known.delete(userId);
    this.#ports.connect();
    this.#sayFollowSoon();
  }

  /** Of somebody who is followed, as last heard; undefined before that. */
  presenceOf(userId: string): Presence | undefined {
    return this.#known.get(userId);
  }

  /** Says that nobody is at this device, or that somebody is back. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway;
    this.#ports.send({ type: 'away', id: this.#ports.uuid(), away: isAway });
  }

  /** Asks once, of at most 50 users. @throws RingbackError */
  getPresence(userIds: readonly string[]): Promise<PresenceList> {
    const query = new URLSearchParams(userIds.map((id) => ['users', id]));
    return this.#ports.http({ method: 'GET', path: `/v1/presence?${query}`, repeatable: true });
  }

  /**
   * Tells a user something, on all their devices that are connected now. With a token that has `roomAdmin`.
   *
   * @param messageId a UUID; say the same one where you send it again, and no device shows it twice.
   * @throws RingbackError
   */
  sendMessage(
    userId: string,
    message: UserMessage,
    messageId: string = this.#ports.uuid(),
  ): Promise<SentMessage> {
    const path = `/v1/users/${encodeURIComponent(userId)}/messages`;
    return this.#ports.http({ method: 'POST', path, body: { messageId, message }, repeatable: true });
  }

  /**
   * Where the people of a call gather (without one: this user's devices): the `url` for the options of a client that is
   * to be in it. Any other gateway does as well; this one costs the platform least.
   *
   * @throws RingbackError
   */
  async gatherAt(callId?: string): Promise<{ gateway: string; url: string }> {
    const body = callId === undefined ? {} : { callId };
    const request = { method: 'POST', path: '/v1/connect', body, repeatable: true } as const;
    const { gateway, url } = await this.#ports.http<{ gateway: string; url: string }>(request);
    const isHere = url.startsWith('/');
    return { gateway, url: isHere ? this.#ports.origin : new URL(url).origin.replace(/^ws/, 'http') };
  }

  /** @internal A session began: the gateway knows nothing of what the one before was told. */
  connected(): void {
    if (this.#followed.length > 0) this.#sayFollow();
    if (this.#isAway) this.setAway(true);
  }

  /** @internal */
  receive(message: PresenceMessage | MessageMessage): void {
    if (message.type === 'presence') return this.#hear(message.users);
    const { type: _, ...received } = message;
    if (this.#seen.has(received.messageId)) return;
    this.#seen.add(received.messageId);
    if (this.#seen.size > sdkLimits.messagesSeenMax) this.#seen.delete(this.#seen.values().next().value!);
    this.#emitter.emit('message', received);
  }

  #hear(users: readonly UserPresence[]): void {
    // The answer to `away` is about oneself, and news may be of a list that was replaced since.
    const followed = new Set(this.#followed);
    for (const user of users) {
      if (!followed.has(user.userId) || this.#known.get(user.userId) === user.presence) continue;
      this.#known.set(user.userId, user.presence);
      this.#emitter.emit('presence', user);
    }
  }

  /** @internal @returns whether the reply was to this part. */
  takes(reply: ReplyMessage): boolean {
    if (reply.id !== this.#followId || reply.ok) return false;
    const error = RingbackError.from(reply.error);
    if (error.retryable) this.#sayFollowAgain(reply.id);
    this.#emitter.emit('refused', error);
    return true;
  }

  /** After a pause that is another one for each client; not where another list was said meanwhile. */
  #sayFollowAgain(refusedId: string): void {
    const { clock, random } = this.#ports;
    const pauseMs = Math.round(((1 + random()) / 2) * sdkLimits.backoffMsMax);
    clock.setTimeout(() => {
      if (this.#followId === refusedId) this.#sayFollow();
    }, pauseMs);
  }

  /** A gateway takes one list a second; of those in between the last one counts. */
  #sayFollowSoon(): void {
    const { clock } = this.#ports;
    if (this.#willSayFollow) return;
    const waitMs = this.#saidFollowAt + sdkLimits.followMs - clock.now();
    if (waitMs <= 0) return this.#sayFollow();
    this.#willSayFollow = true;
    clock.setTimeout(
      () => {
        this.#willSayFollow = false;
        this.#sayFollow();
      },
      Math.min(waitMs, sdkLimits.followMs),
    );
  }

  #sayFollow(): void {
    this.#followId = this.#ports.uuid();
    this.#saidFollowAt = this.#ports.clock.now();
    this.#ports.send({ type: 'follow', id: this.#followId, users: [...this.#followed] });
  }
}
