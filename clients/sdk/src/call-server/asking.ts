import { sdkLimits } from '../limits.ts';
import type { SendCommand } from '../media/leg.ts';
import type { Clock, Timer } from '../ports.ts';

/**
 * Asks the Call Server for transports that it made and whose message did not arrive, as after a socket that was lost
 * for long: the state that one gets then has no messages to oneself in it.
 */
export class Asking {
  readonly #clock: Clock;
  readonly #command: SendCommand;
  readonly #epoch: number;
  readonly #asks: () => void;
  #timer: Timer;
  #asked = 0;
  /** Takes back a question that waits for a socket: what it is about may be replayed first. */
  #question: AbortController | undefined;

  /** `asks`: called just before each question. */
  constructor(clock: Clock, epoch: number, command: SendCommand, asks: () => void) {
    this.#clock = clock;
    this.#asks = asks;
    this.#epoch = epoch;
    this.#command = command;
  }

  /** Something is missing: asks after a while, again and again, unless it comes. */
  start(asksMax: number = sdkLimits.transportsAsksMax): void {
    if (this.#timer !== undefined || this.#asked >= asksMax) return;
    const delayMs = Math.min(sdkLimits.transportsMsMax * 2 ** this.#asked, sdkLimits.transportsMsBackoff);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#asked += 1;
      this.#asks();
      this.#question = new AbortController();
      const missing = { direction: 'recv', epoch: this.#epoch, state: 'failed', restart: true } as const;
      void this.#command('call.transport', missing, this.#question.signal).catch(() => {});
      this.start(asksMax);
    }, delayMs);
  }

  /** Nobody to ask now, or no need to. */
  pause(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#question?.abort();
    this.#question = undefined;
  }

  /** All is well. */
  done(): void {
    this.pause();
    this.#asked = 0;
  }
}
