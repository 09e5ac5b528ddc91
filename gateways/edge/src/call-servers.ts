import { listen, type Bus, type Clock } from '@ringback/runtime';
import { busForms, subjects, type BeatMessage } from '@ringback/schemas';
import { limits } from './limits.ts';

/** The Call Servers that were heard lately. Whether a call goes through one its owner decides, by its own hearing. */
export class CallServers {
  readonly #heardAt = new Map<string, number>();
  readonly #clock: Clock;
  readonly #end: () => void;

  constructor(bus: Bus, clock: Clock) {
    this.#clock = clock;
    this.#end = listen(bus, subjects.allBeats, busForms.beat, (beat) => this.#hear(beat));
  }

  /** Names, sorted. */
  heard(): string[] {
    return [...this.#heardAt.keys()].filter((gateway) => this.#isFresh(gateway)).sort();
  }

  stop(): void {
    this.#end();
  }

  /** Only a media gateway that takes calls says how much of it is in use. */
  #hear({ gateway, load }: BeatMessage): void {
    if (load === undefined) return;
    for (const known of this.#heardAt.keys()) if (!this.#isFresh(known)) this.#heardAt.delete(known);
    this.#heardAt.set(gateway, this.#clock.monotonic());
  }

  #isFresh(gateway: string): boolean {
    return this.#clock.monotonic() - (this.#heardAt.get(gateway) ?? -Infinity) <= limits.callServerSilentMs;
  }
}
