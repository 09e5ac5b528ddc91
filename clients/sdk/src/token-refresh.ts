import type { ClientMessage, ServerMessage } from '@ringback/schemas';
import { RingbackError } from './errors.ts';
import { sdkLimits } from './limits.ts';
import type { Ports, Timer } from './ports.ts';
import type { TokenSource } from './token.ts';

type RenewMessage = Extract<ClientMessage, { type: 'token.renew' }>;
type Answer = Extract<ServerMessage, { type: 'token.renewed' | 'reply' }>;

export interface TokenRefreshHandlers {
  send(message: RenewMessage): void;
  /** Not renewed yet; without an error: it can not be. */
  failed(leftMs: number, error: RingbackError | undefined): void;
}

/**
 * Gives a session another token before its own ends, on the same socket. The platform says when: so no clocks are
 * compared, and no timer waits for weeks. Tried again, each time sooner, until it is done or the token has ended.
 */
export class TokenRefresh {
  readonly #source: TokenSource;
  readonly #ports: Pick<Ports, 'clock' | 'random' | 'uuid'>;
  readonly #on: TokenRefreshHandlers;
  #token = '';
  #endsAtMs = 0;
  #pending: { readonly id: string; readonly token: string } | undefined;
  #timer: Timer;
  /** Of the session and its end; what was begun for another one is void. */
  #turn = 0;

  constructor(
    source: TokenSource,
    ports: Pick<Ports, 'clock' | 'random' | 'uuid'>,
    on: TokenRefreshHandlers,
  ) {
    this.#source = source;
    this.#ports = ports;
    this.#on = on;
  }

  /** A session began with this token. */
  begin(token: string): void {
    this.stop();
    this.#token = token;
  }

  /** The platform says that the session's token ends in so many milliseconds. */
  expiring(leftMs: number): void {
    this.stop();
    this.#endsAtMs = this.#ports.clock.now() + leftMs;
    if (this.#source.canRenew) this.#later();
    else this.#on.failed(leftMs, undefined);
  }

  /** Says whether it was an answer to this. */
  receive(answer: Answer): boolean {
    const pending = this.#pending;
    if (pending === undefined || answer.id !== pending.id) return false;
    this.#pending = undefined;
    if (answer.type === 'token.renewed') this.begin(pending.token);
    else if (!answer.ok) this.#failed(RingbackError.from(answer.error));
    return true;
  }

  stop(): void {
    this.#turn += 1;
    this.#pending = undefined;
    this.#ports.clock.clearTimeout(this.#timer);
  }

  get #leftMs(): number {
    return Math.max(0, this.#endsAtMs - this.#ports.clock.now());
  }

  #later(): void {
    const { clock, random } = this.#ports;
    const { tokenRenewShareMin, tokenRenewShareMax, tokenRenewMsMin } = sdkLimits;
    const share = tokenRenewShareMin + random() * (tokenRenewShareMax - tokenRenewShareMin);
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(
      () => void this.#renew(),
      Math.max(tokenRenewMsMin, Math.round(this.#leftMs * share)),
    );
  }

  async #renew(): Promise<void> {
    // The platform closes the socket: with the next one comes another token.
    if (this.#leftMs === 0) return;
    const turn = this.#turn;
    // Also where the answer, or the app, does not come.
    this.#later();
    try {
      const token = await this.#source.get({ expiring: true });
      if (turn !== this.#turn) return;
      if (token === this.#token) return this.#on.failed(this.#leftMs, sameAgain());
      this.#pending = { id: this.#ports.uuid(), token };
      this.#on.send({ type: 'token.renew', ...this.#pending });
    } catch (error) {
      if (turn === this.#turn) this.#on.failed(this.#leftMs, asRingbackError(error));
    }
  }

  #failed(error: RingbackError): void {
    // The person is somebody else now: that takes a session of its own.
    if (error.code === 'token_mismatch') this.stop();
    this.#on.failed(this.#leftMs, error);
  }
}

const sameAgain = () =>
  new RingbackError(
    'token_expired',
    'The function for tokens gave the one again that ends: where it is asked with `expiring`, it must get another.',
  );

function asRingbackError(error: unknown): RingbackError {
  if (error instanceof RingbackError) return error;
  return new RingbackError('network', 'The function for tokens failed.', { cause: error });
}
