import type { Clock } from '@ringback/runtime';
import { presences, type Presence, type ServerMessage } from '@ringback/schemas';
import { limits } from '../limits.ts';

export interface UserRef {
  readonly tenantId: string;
  readonly userId: string;
}

/** One connected socket of a user. */
export interface Device {
  readonly isInCall: boolean;
  /** It said that nobody is there. */
  readonly isAway: boolean;
  /** When it last said anything. Monotonic milliseconds. */
  readonly heardAt: number;
  /** As it counts for its user; kept here by Devices. First: offline. */
  seenAs: Presence;
  tell(message: ServerMessage): void;
}

/** A user with devices here, or who had some a moment ago. */
export interface LocalUser extends UserRef {
  /** In no order: most users have one, and a list of one is smaller than a set of one. */
  readonly devices: Device[];
  /** How many devices are seen as each of `presences`: somebody may have thousands, as bots do. */
  readonly counts: number[];
  /** As the others were told. */
  presence: Presence;
  /** A socket was lost, and what is told has not followed yet. Monotonic milliseconds. */
  lostAt: number | undefined;
}

/** One name for a user of a tenant: neither has a slash at its place. */
export function keyOf({ tenantId, userId }: UserRef): string {
  return `${tenantId}/${userId}`;
}

export function mostPresent(all: Iterable<Presence>): Presence {
  let most = 0;
  for (const presence of all) most = Math.max(most, presences.indexOf(presence));
  return presences[most]!;
}

/** The users whose sockets are at this gateway. */
export class Devices {
  readonly #clock: Clock;
  readonly #onChange: (user: LocalUser) => void;
  readonly #users = new Map<string, LocalUser>();
  readonly #lingering = new Set<LocalUser>();
  #socketCount = 0;
  #idleCheckedAt: number;

  /** @param onChange told when a user's presence, as far as it is here, is another one. */
  constructor(clock: Clock, onChange: (user: LocalUser) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#idleCheckedAt = clock.monotonic();
  }

  get socketCount(): number {
    return this.#socketCount;
  }

  get userCount(): number {
    return this.#users.size;
  }

  enter({ tenantId, userId }: UserRef, device: Device): LocalUser {
    const key = keyOf({ tenantId, userId });
    let user = this.#users.get(key);
    if (user === undefined) {
      const counts = presences.map(() => 0);
      user = { tenantId, userId, devices: [device], counts, presence: 'offline', lostAt: undefined };
      this.#users.set(key, user);
    } else user.devices.push(device);
    this.#socketCount += 1;
    this.look(user, device);
    return user;
  }

  leave(user: LocalUser, device: Device): void {
    const at = user.devices.indexOf(device);
    if (at < 0) return;
    user.devices[at] = user.devices.at(-1)!;
    user.devices.pop();
    this.#socketCount -= 1;
    see(user, device, 'offline');
    if (user.lostAt === undefined && rank(actual(user)) < rank(user.presence)) {
      user.lostAt = this.#clock.monotonic();
      this.#lingering.add(user);
    }
    this.#forget(user);
  }

  /** Something about this device of the user may have changed. */
  look(user: LocalUser, device: Device): void {
    see(user, device, presenceOf(device, this.#clock.monotonic()));
    const isLess = rank(actual(user)) < rank(user.presence);
    if (isLess && user.lostAt !== undefined) return;
    this.#tell(user);
  }

  presenceOf(ref: UserRef): Presence {
    return this.#users.get(keyOf(ref))?.presence ?? 'offline';
  }

  /** @returns to how many sockets. */
  tell(ref: UserRef, message: ServerMessage): number {
    const devices = this.#users.get(keyOf(ref))?.devices ?? [];
    for (const device of devices) device.tell(message);
    return devices.length;
  }

  /** Tells what is due: those who did not come back, and those who said nothing for long. */
  tick(): void {
    const now = this.#clock.monotonic();
    for (const user of this.#lingering) if (now - user.lostAt! >= limits.presenceLingerMs) this.#tell(user);
    if (now - this.#idleCheckedAt < limits.idleCheckMs) return;
    this.#idleCheckedAt = now;
    for (const user of this.#users.values()) for (const device of user.devices) this.look(user, device);
  }

  #tell(user: LocalUser): void {
    const presence = actual(user);
    user.lostAt = undefined;
    this.#lingering.delete(user);
    if (user.presence !== presence) {
      user.presence = presence;
      this.#onChange(user);
    }
    this.#forget(user);
  }

  #forget(user: LocalUser): void {
    if (user.devices.length === 0 && user.presence === 'offline') this.#users.delete(keyOf(user));
  }
}

function see({ counts }: LocalUser, device: Device, presence: Presence): void {
  counts[rank(device.seenAs)]! -= 1;
  counts[rank(presence)]! += 1;
  device.seenAs = presence;
}

/** Offline where it has no devices, whatever is counted for that. */
function actual({ counts }: LocalUser): Presence {
  return presences.findLast((presence) => counts[rank(presence)]! > 0 && presence !== 'offline') ?? 'offline';
}

function presenceOf({ isInCall, isAway, heardAt }: Device, now: number): Presence {
  if (isInCall) return 'in-call';
  return isAway || now - heardAt >= limits.idleMs ? 'away' : 'online';
}

function rank(presence: Presence): number {
  return presences.indexOf(presence);
}
