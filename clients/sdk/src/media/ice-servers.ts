import type { IceServer } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { IceServers } from '../types.ts';

/** A timer's delay is 32 bits (WHATWG HTML section 8.7); a day is plenty. */
const delayMsMax = 24 * 3_600_000;

/** STUN and TURN servers whose credentials are renewed before they expire. */
export class IceServerKeeper {
  readonly #clock: Clock;
  readonly #renew: () => Promise<IceServers>;
  readonly #changed: (servers: IceServer[]) => void;
  #servers: IceServer[] = [];
  #timer: Timer;
  #closed = false;

  constructor(clock: Clock, renew: () => Promise<IceServers>, changed: (servers: IceServer[]) => void) {
    this.#clock = clock;
    this.#renew = renew;
    this.#changed = changed;
  }

  get servers(): IceServer[] {
    return this.#servers;
  }

  set(servers: IceServer[]): void {
    if (this.#closed) return;
    this.#servers = servers;
    this.#changed(servers);
    const expiresAtMs = Math.min(...servers.map(expiryMs));
    this.#clock.clearTimeout(this.#timer);
    if (Number.isFinite(expiresAtMs))
      this.#renewIn(expiresAtMs - this.#clock.now() - sdkLimits.iceServersRenewMs);
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
  }

  #renewIn(delayMs: number): void {
    // The lower bound also holds where a clock is so wrong that all credentials look expired.
    const waitMs = Math.min(Math.max(delayMs, sdkLimits.iceServersRenewMs / 2), delayMsMax);
    this.#timer = this.#clock.setTimeout(() => {
      this.#renew().then(
        ({ iceServers }) => this.set(iceServers),
        () => this.#closed || this.#renewIn(0),
      );
    }, waitMs);
  }
}

/** TURN REST form: the user name begins with the second (since 1970) at which it expires. */
function expiryMs(server: IceServer): number {
  const seconds = Number.parseInt(server.username ?? '', 10);
  return Number.isNaN(seconds) ? Number.POSITIVE_INFINITY : seconds * 1000;
}
