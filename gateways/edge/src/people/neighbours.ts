import { listen, type Bus, type Clock } from '@ringback/runtime';
import { busForms, subjects, type BeatMessage, type EdgeBeat } from '@ringback/schemas';
import { limits } from '../limits.ts';

/** One life of an edge gateway, as its last sign of life told it. */
export interface Neighbour {
  readonly gateway: string;
  readonly incarnation: string;
  readonly region: string | undefined;
  readonly edge: EdgeBeat;
  /** Monotonic milliseconds. */
  readonly heardAt: number;
}

export interface NeighbourHandlers {
  /** At each sign of life. */
  readonly heard: (neighbour: Neighbour) => void;
  /** This life of it is over. */
  readonly lost: (neighbour: Neighbour) => void;
}

/** The edge gateways that live, ourselves among them. Silence counts only while we hear ourselves: else it is ours. */
export class Neighbours {
  readonly #clock: Clock;
  readonly #self: string;
  readonly #handlers: NeighbourHandlers;
  readonly #heard = new Map<string, Neighbour>();
  readonly #end: () => void;
  #heardMyselfAt = -Infinity;
  /** Since when we hear ourselves without a break. */
  #hearingSince = -Infinity;

  constructor(self: string, { bus, clock }: { bus: Bus; clock: Clock }, handlers: NeighbourHandlers) {
    this.#self = self;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#end = listen(bus, subjects.allBeats, busForms.beat, (beat) => this.#hear(beat));
  }

  /** By name. */
  get alive(): readonly Neighbour[] {
    return [...this.#heard.values()].sort((a, b) => (a.gateway < b.gateway ? -1 : 1));
  }

  /** Has everybody who lives had the time to say so? Not at our start, nor while the bus is away or just back. */
  get isWhole(): boolean {
    const now = this.#clock.monotonic();
    return !this.#isDeaf(now) && now - this.#hearingSince >= limits.neighbourDeafMs;
  }

  /** Takes those for gone that have been silent too long. */
  look(): void {
    const now = this.#clock.monotonic();
    // Who could not be heard gets the full time to be heard again.
    if (this.#isDeaf(now) || now - this.#hearingSince <= limits.neighbourSilentMs) return;
    for (const neighbour of this.#heard.values())
      if (now - neighbour.heardAt > limits.neighbourSilentMs) this.#lose(neighbour);
  }

  stop(): void {
    this.#end();
  }

  #hear({ gateway, incarnation, region, edge }: BeatMessage): void {
    if (edge === undefined) return;
    const now = this.#clock.monotonic();
    if (gateway === this.#self) {
      if (this.#isDeaf(now)) this.#hearingSince = now;
      this.#heardMyselfAt = now;
    }
    const known = this.#heard.get(gateway);
    if (known !== undefined && known.incarnation !== incarnation) this.#lose(known);
    const neighbour = { gateway, incarnation, region, edge, heardAt: now };
    this.#heard.set(gateway, neighbour);
    this.#handlers.heard(neighbour);
  }

  #isDeaf(now: number): boolean {
    return now - this.#heardMyselfAt > limits.neighbourDeafMs;
  }

  #lose(neighbour: Neighbour): void {
    this.#heard.delete(neighbour.gateway);
    this.#handlers.lost(neighbour);
  }
}
