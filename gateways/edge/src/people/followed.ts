import type { Presence, UserPresence } from '@ringback/schemas';
import { limits } from '../limits.ts';
import { keyOf, mostPresent, type UserRef } from './devices.ts';

/** A socket that hears whether people are there. */
export interface Follower {
  hear(users: UserPresence[]): void;
}

interface FollowedUser extends UserRef {
  /** Whether each hears of changes yet: first it is told how things are. */
  readonly followers: Map<Follower, boolean>;
  /** By gateway: as its devices there are, and by which of that gateway's news. */
  readonly at: Map<string, { readonly presence: Presence; readonly number: number }>;
  /** As the followers were told. */
  told: Presence;
}

/** The users that sockets of this gateway follow, wherever their devices are. */
export class Followed {
  readonly #users = new Map<string, FollowedUser>();
  readonly #lists = new Map<Follower, ReadonlySet<FollowedUser>>();

  get users(): readonly UserRef[] {
    return [...this.#users.values()];
  }

  /**
   * From now on it follows these and no others. Of those that are new on its list it hears once that has started.
   *
   * @returns whether there was room for them; else nothing has changed.
   */
  set(follower: Follower, tenantId: string, userIds: readonly string[]): boolean {
    const refs = [...new Set(userIds)].map((userId) => ({ tenantId, userId }));
    const added = refs.filter((ref) => !this.#users.has(keyOf(ref)));
    if (this.#users.size + added.length > limits.followedUsersTotalMax) return false;
    const list = new Set(refs.map((ref) => this.#make(ref)));
    for (const user of list) if (!user.followers.has(follower)) user.followers.set(follower, false);
    const before = this.#lists.get(follower) ?? new Set();
    if (list.size > 0) this.#lists.set(follower, list);
    else this.#lists.delete(follower);
    for (const user of before) if (!list.has(user)) this.#leave(user, follower);
    return true;
  }

  /** Those on its list of whom this gateway has not said yet how they are there. */
  unknownAt(gateway: string, follower: Follower): readonly UserRef[] {
    return [...(this.#lists.get(follower) ?? [])].filter(({ at }) => !at.has(gateway));
  }

  /** @returns how all on its list are; it hears of every change from here on. */
  start(follower: Follower): UserPresence[] {
    const list = [...(this.#lists.get(follower) ?? [])];
    for (const { followers } of list) followers.set(follower, true);
    return list.map(({ userId, told }) => ({ userId, presence: told }));
  }

  drop(follower: Follower): void {
    const list = this.#lists.get(follower) ?? new Set();
    this.#lists.delete(follower);
    for (const user of list) this.#leave(user, follower);
  }

  /** What a gateway told after `number` news; later news of it that came before are left as they are. */
  apply(gateway: string, number: number, users: Iterable<UserRef & { readonly presence: Presence }>): void {
    const changed: FollowedUser[] = [];
    for (const { presence, ...ref } of users) {
      const user = this.#users.get(keyOf(ref));
      if (user === undefined || (user.at.get(gateway)?.number ?? 0) > number) continue;
      user.at.set(gateway, { presence, number });
      changed.push(user);
    }
    this.#tell(changed);
  }

  /** Its sockets are gone. */
  lose(gateway: string): void {
    this.#tell([...this.#users.values()].filter(({ at }) => at.delete(gateway)));
  }

  #make(ref: UserRef): FollowedUser {
    const key = keyOf(ref);
    let user = this.#users.get(key);
    if (user === undefined) {
      user = { ...ref, followers: new Map(), at: new Map(), told: 'offline' };
      this.#users.set(key, user);
    }
    return user;
  }

  #leave(user: FollowedUser, follower: Follower): void {
    user.followers.delete(follower);
    if (user.followers.size === 0) this.#users.delete(keyOf(user));
  }

  /** Each follower hears all that came together at once. */
  #tell(users: readonly FollowedUser[]): void {
    const news = new Map<Follower, UserPresence[]>();
    for (const user of users) {
      const presence = mostPresent([...user.at.values()].map((there) => there.presence));
      if (presence === user.told) continue;
      user.told = presence;
      for (const [follower, hears] of user.followers) {
        if (!hears) continue;
        const list = news.get(follower) ?? [];
        list.push({ userId: user.userId, presence });
        news.set(follower, list);
      }
    }
    for (const [follower, list] of news) follower.hear(list);
  }
}
