import type { Clock } from '@ringback/runtime';
import { limits } from './limits.ts';

/** The session whose token it is. */
export interface TokenHolder {
  /** Told once for each token, some time before it ends. */
  readonly expiring: (expiresAt: number, leftMs: number) => void;
  readonly expired: () => void;
}

/**
 * How long a session's token is good. Looked at with the heartbeat instead of by a timer of its own: of fifty thousand
 * idle sockets hardly any ends in the next seconds. Only those get one, so that they hear nothing past the end.
 */
export class TokenLife {
  readonly #clock: Clock;
  readonly #holder: TokenHolder;
  #expiresAt = Number.POSITIVE_INFINITY;
  #said: 'nothing' | 'expiring' | 'expired' = 'nothing';
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, holder: TokenHolder) {
    this.#clock = clock;
    this.#holder = holder;
  }

  /** From now on it is this token's end, milliseconds since 1970. */
  begin(expiresAt: number): void {
    this.stop();
    this.#expiresAt = expiresAt;
    this.#said = 'nothing';
    this.look();
  }

  get isOver(): boolean {
    return this.#expiresAt <= this.#clock.now();
  }

  /** To be called more often than every `limits.tokenEndMs`. */
  look(): void {
    const leftMs = this.#expiresAt - this.#clock.now();
    if (leftMs > limits.tokenExpiringMs || this.#said === 'expired') return;
    if (this.#said === 'nothing') {
      this.#said = 'expiring';
      this.#holder.expiring(this.#expiresAt, Math.max(0, Math.round(leftMs)));
    }
    // Set anew each time: the wall clock may have been put right.
    this.stop();
    if (leftMs <= limits.tokenEndMs) this.#cancel = this.#clock.after(Math.max(0, leftMs), () => this.#end());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #end(): void {
    if (!this.isOver) return this.look();
    this.#said = 'expired';
    this.#holder.expired();
  }
}
