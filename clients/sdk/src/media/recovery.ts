import { fullJitterMs } from '../backoff.ts';
import { sdkLimits } from '../limits.ts';
import type { Clock, Timer } from '../ports.ts';

/**
 * When to restart ICE (W3C webrtc-pc section 4.4.2, `restartIce`): when a connection failed, when it stays
 * disconnected, and when the network changed. Bounded, with pauses that double.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #extraMs: number;
  readonly #restart: () => void;
  #state: RTCPeerConnectionState = 'new';
  #present = true;
  #restarts = 0;
  #timer: Timer;

  constructor(clock: Clock, polite: boolean, restart: () => void) {
    this.#clock = clock;
    this.#extraMs = polite ? sdkLimits.icePoliteExtraMs : 0;
    this.#restart = restart;
  }

  stateChanged(state: RTCPeerConnectionState): void {
    this.#state = state;
    if (state === 'connected') {
      this.#restarts = 0;
      this.#disarm();
    } else if (state === 'disconnected') this.#arm(sdkLimits.iceDisconnectedMs + this.#extraMs);
    else if (state === 'failed') this.#arm(this.#restarts === 0 ? this.#extraMs : pauseMs(this.#restarts));
  }

  /** Old attempts say nothing about another network, and the old path is likely gone though nobody said so yet. */
  networkChanged(): void {
    this.#restarts = 0;
    if (this.#state === 'new' || !this.#present) return;
    this.#disarm();
    this.#now();
  }

  /** Whether the other side is on a socket: an offer to nobody is not worth sending. */
  setPresent(present: boolean): void {
    if (this.#present === present) return;
    this.#present = present;
    if (present && this.#isBroken()) {
      this.#restarts = 0;
      this.#arm(this.#extraMs);
    }
  }

  close(): void {
    this.#disarm();
  }

  #isBroken(): boolean {
    return this.#state === 'failed' || this.#state === 'disconnected';
  }

  #arm(delayMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      // While a restart is under way the state is "connecting": let it come to an end.
      if (this.#isBroken()) this.#now();
    }, delayMs);
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #now(): void {
    if (!this.#present || this.#restarts >= sdkLimits.iceRestartsMax) return;
    this.#restarts += 1;
    this.#restart();
    // Should the restart come to nothing, no state change may tell.
    this.#arm(pauseMs(this.#restarts));
  }
}

/** After so many restarts. Without jitter: only two machines are involved, and politeness keeps them apart. */
function pauseMs(restarts: number): number {
  return fullJitterMs(restarts - 1, 1, sdkLimits.iceRestartMsMin, sdkLimits.iceRestartMsMax);
}
