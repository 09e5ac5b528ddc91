import type { Clock } from '@ringback/runtime';
import {
  reject,
  type PeopleMessage,
  type Presence,
  type Rejection,
  type ServerMessage,
  type UserPresence,
} from '@ringback/schemas';
import { limits } from '../limits.ts';
import { RateLimit } from '../rate-limit.ts';
import { maySeePeople, type Identity } from '../tokens.ts';
import type { Device, LocalUser } from './devices.ts';
import type { Follower } from './followed.ts';
import type { People } from './people.ts';

type FollowMessage = Extract<PeopleMessage, { type: 'follow' }>;

/** The session, as its attendance needs it. */
export interface Attending {
  readonly isInCall: boolean;
  tell(message: ServerMessage): void;
  refuse(id: string, error: Rejection): void;
}

/** One session as a device of its user, and as one that may hear of other people. */
export class Attendance implements Device, Follower {
  readonly #ports: { readonly people: People; readonly clock: Clock };
  readonly #session: Attending;
  #user: LocalUser | undefined;
  #follows: RateLimit | undefined;
  /** The last list; the next one waits for it. */
  #following: Promise<void> | undefined;
  /** Whether it hears of other people, or is about to. */
  isFollowing = false;
  isAway = false;
  seenAs: Presence = 'offline';
  heardAt: number;

  constructor(ports: { readonly people: People; readonly clock: Clock }, session: Attending) {
    this.#ports = ports;
    this.#session = session;
    this.heardAt = ports.clock.monotonic();
  }

  get isInCall(): boolean {
    return this.#session.isInCall;
  }

  /** The token was accepted. */
  begin({ tenantId, userId }: Identity): void {
    this.heardAt = this.#ports.clock.monotonic();
    this.#user = this.#ports.people.enter({ tenantId, userId }, this);
  }

  /** The client said something. */
  heard(): void {
    const now = this.#ports.clock.monotonic();
    const wasIdle = now - this.heardAt >= limits.idleMs;
    this.heardAt = now;
    if (wasIdle) this.changed();
  }

  /** It is in a call, or in none any more. */
  changed(): void {
    if (this.#user !== undefined) this.#ports.people.look(this.#user, this);
  }

  /** The socket is gone. */
  end(): void {
    if (this.#user === undefined) return;
    this.#ports.people.leave(this.#user, this);
    this.#user = undefined;
  }

  async take(identity: Identity, message: PeopleMessage): Promise<void> {
    const { id } = message;
    if (message.type === 'follow') return this.#follow(identity, message);
    this.isAway = message.away;
    this.changed();
    const { userId, presence } = this.#user!;
    this.#session.tell({ type: 'presence', id, users: [{ userId, presence }] });
  }

  tell(message: ServerMessage): void {
    this.#session.tell(message);
  }

  hear(users: UserPresence[]): void {
    this.#session.tell({ type: 'presence', users });
  }

  async #follow(identity: Identity, { id, users: userIds }: FollowMessage): Promise<void> {
    const { clock, people } = this.#ports;
    const now = clock.monotonic();
    this.#follows ??= new RateLimit(limits.followsPerSecond, limits.followsBurst, now);
    if (!maySeePeople(identity)) return this.#session.refuse(id, reject('not_permitted'));
    if (!this.#follows.take(now)) return this.#session.refuse(id, reject('rate_limited'));
    this.isFollowing = userIds.length > 0;
    const before = this.#following;
    this.#following = (async () => {
      await before;
      // Gone meanwhile: nobody would end what began now.
      if (this.#user === undefined) return;
      const users = await people.follow(this, identity.tenantId, userIds);
      if (users === undefined) this.#session.refuse(id, reject('overloaded'));
      else this.#session.tell({ type: 'presence', id, users });
    })();
    await this.#following;
  }
}
