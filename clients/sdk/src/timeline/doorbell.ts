import { sdkLimits } from '../limits.ts';
import type { Clock, Timer } from '../ports.ts';

/** When to look again: soon after something happened, else now and then. */
export class Doorbell {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #stop: () => void;
  readonly #ring = () => this.#rang();
  readonly #abort = () => this.#wake();
  #isRung = false;
  #timer: Timer;
  #wake: () => void = () => {};

  constructor(clock: Clock, listen: (ring: () => void) => () => void, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
    this.#stop = listen(this.#ring);
    signal?.addEventListener('abort', this.#abort);
  }

  /** Settles when it is time to look, or the signal came. */
  async rung(): Promise<void> {
    if (this.#signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#wait(this.#isRung ? sdkLimits.timelineGatherMs : sdkLimits.timelineLookMs);
    });
    this.#isRung = false;
  }

  close(): void {
    this.#stop();
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#clock.clearTimeout(this.#timer);
  }

  /** Bursts are read together. */
  #rang(): void {
    if (this.#isRung) return;
    this.#isRung = true;
    this.#wait(sdkLimits.timelineGatherMs);
  }

  #wait(delayMs: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#wake(), delayMs);
  }
}
