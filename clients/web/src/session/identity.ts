import { signal } from '@preact/signals';
import { browserStore, readJson } from './storage.ts';

/** Who this browser is to the platform: a guest with a token. */
export interface Identity {
  displayName: string;
  userId: string;
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export type CreateGuest = (displayName: string) => Promise<Omit<Identity, 'displayName'>>;

const key = 'ringback.identity';
/** Renewed this long before it expires, so that no request is on its way when it does. Milliseconds. */
const renewBeforeMs = 60_000;

export const identity = signal<Identity | undefined>(readJson(browserStore, key, isIdentity));

function isFresh(known: Identity | undefined, now: number): known is Identity {
  return known !== undefined && known.expiresAt - renewBeforeMs > now;
}

export class IdentityKeeper {
  readonly #createGuest: CreateGuest;
  #pending: Promise<Identity> | undefined;

  constructor(createGuest: CreateGuest) {
    this.#createGuest = createGuest;
  }

  /** Be this name from now on; becomes a guest where one is needed. */
  async be(displayName: string): Promise<Identity> {
    const known = await this.#known(displayName);
    return known.displayName === displayName ? known : keep({ ...known, displayName });
  }

  /**
   * A token that is good now.
   *
   * @param refused the platform does not take the last one (it expired, its keys changed): be a new guest
   */
  async token(refused: boolean): Promise<string> {
    if (refused && this.#pending === undefined && identity.value) keep({ ...identity.value, expiresAt: 0 });
    return (await this.#known(identity.value?.displayName ?? 'Guest')).token;
  }

  async #known(displayName: string): Promise<Identity> {
    const known = identity.value;
    if (isFresh(known, Date.now())) return known;
    this.#pending ??= this.#become(displayName).finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #become(displayName: string): Promise<Identity> {
    const { userId, token, expiresAt } = await this.#createGuest(displayName);
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
