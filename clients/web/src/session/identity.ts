import { signal } from '@preact/signals';
import type { TokenRequest } from '@ringback/sdk';
import { browserStore, readJson } from './storage.ts';

/** Who this browser is to the platform: a guest with a token. */
export interface Identity {
  displayName: string;
  userId: string;
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export interface GuestDesk {
  create(displayName: string): Promise<Omit<Identity, 'displayName'>>;
  /** The same guest, with another token. */
  renew(token: string): Promise<Omit<Identity, 'displayName'>>;
}

const key = 'ringback.identity';
/** Not used any more so long before it expires, so that no request is on its way when it does. Milliseconds. */
const spareMs = 60_000;
/** Whoever comes back within the last days of a token stays the same guest. Milliseconds. */
const renewBeforeMs = 10 * 24 * 3_600_000;

export const identity = signal<Identity | undefined>(readJson(browserStore, key, isIdentity));

function isFresh(known: Identity | undefined, now: number): known is Identity {
  return known !== undefined && known.expiresAt - spareMs > now;
}

export class IdentityKeeper {
  readonly #desk: GuestDesk;
  #pending: Promise<Identity> | undefined;
  #renewing: Promise<Identity> | undefined;

  constructor(desk: GuestDesk) {
    this.#desk = desk;
  }

  /** Be this name from now on; becomes a guest where one is needed. */
  async be(displayName: string): Promise<Identity> {
    const known = await this.#known(displayName);
    return known.displayName === displayName ? known : keep({ ...known, displayName });
  }

  /**
   * A token that is good now. Where the platform does not take the last one (it expired, its keys changed) this is a
   * new guest.
   */
  async token({ refused, expiring }: TokenRequest = {}): Promise<string> {
    if (refused !== undefined && this.#pending === undefined && identity.value)
      keep({ ...identity.value, expiresAt: 0 });
    const known = await this.#known(identity.value?.displayName ?? 'Guest');
    const renewing = this.#renewInTime(known);
    // Nobody waits for what is not needed yet.
    return (expiring === true ? await renewing : known).token;
  }

  async #known(displayName: string): Promise<Identity> {
    const known = identity.value;
    if (isFresh(known, Date.now())) return known;
    this.#pending ??= this.#become(displayName).finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #renewInTime(known: Identity): Promise<Identity> {
    if (known.expiresAt - renewBeforeMs > Date.now()) return known;
    this.#renewing ??= this.#renew(known).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renew(known: Identity): Promise<Identity> {
    try {
      const { userId, token, expiresAt } = await this.#desk.renew(known.token);
      const now = identity.value;
      // Somebody else meanwhile: the token was refused.
      return now?.userId === userId ? keep({ ...now, token, expiresAt }) : known;
    } catch {
      // It is still good, and whoever asks next tries again.
      return known;
    }
  }

  async #become(displayName: string): Promise<Identity> {
    const { userId, token, expiresAt } = await this.#desk.create(displayName);
    return keep({ displayName, userId, token, expiresAt });
  }
}

function keep(next: Identity): Identity {
  identity.value = next;
  browserStore.set(key, JSON.stringify(next));
  return next;
}

function isIdentity(value: unknown): value is Identity {
  const candidate = value as Partial<Identity> | null;
  return (
    typeof candidate?.displayName === 'string' &&
    typeof candidate.userId === 'string' &&
    typeof candidate.token === 'string' &&
    typeof candidate.expiresAt === 'number'
  );
}
