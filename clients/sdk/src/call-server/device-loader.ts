import { sdkLimits } from '../limits.ts';
import type { Clock, Timer } from '../ports.ts';
import type { CallServerDevice } from './device.ts';

/**
 * Loads what speaks WebRTC with a Call Server, once. It comes over the network, from an edge that may be the very
 * thing that just broke: so it is loaded before it is needed, and tried again after a pause.
 */
export class DeviceLoader {
  readonly #clock: Clock;
  readonly #load: () => Promise<CallServerDevice>;
  #device: Promise<CallServerDevice> | undefined;
  #wasTried = false;
  #timer: Timer;
  #giveUp: ((error: Error) => void) | undefined;
  #closed = false;

  constructor(clock: Clock, load: () => Promise<CallServerDevice>) {
    this.#clock = clock;
    this.#load = load;
  }

  /** Begins before it is needed, and once only: whoever needs it will hear of what went wrong. */
  preload(): void {
    if (!this.#wasTried) this.load().catch(() => {});
  }

  /** A failure lasts for those who wait; who asks after that begins anew. */
  load(): Promise<CallServerDevice> {
    this.#wasTried = true;
    this.#device ??= this.#tryAll().catch((error: unknown) => {
      this.#device = undefined;
      throw error;
    });
    return this.#device;
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#giveUp?.(new Error('The call is over.'));
  }

  async #tryAll(): Promise<CallServerDevice> {
    for (const pauseMs of sdkLimits.deviceRetryMs) {
      try {
        return await this.#load();
      } catch {
        await this.#pause(pauseMs);
      }
    }
    return this.#load();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('The call is over.'));
      this.#giveUp = reject;
      this.#timer = this.#clock.setTimeout(resolve, delayMs);
    });
  }
}
