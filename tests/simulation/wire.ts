import type { World } from './world.ts';

/** One direction of one TCP connection: in order, with delays; what is under way when it breaks is lost. */
export class Wire {
  readonly #world: World;
  readonly #delayMs: () => number;
  #life = 0;
  #lastAt = 0;
  #stalledUntil = 0;

  constructor(world: World, delayMs: () => number) {
    this.#world = world;
    this.#delayMs = delayMs;
  }

  /** Runs `arrive` at the other end, unless it breaks before. */
  send(arrive: () => void): void {
    const life = this.#life;
    const at = Math.max(this.#world.now + this.#delayMs(), this.#stalledUntil, this.#lastAt);
    this.#lastAt = at;
    this.#world.after(at - this.#world.now, () => {
      if (life === this.#life) arrive();
    });
  }

  /** Packets are lost and sent again: what is sent from now on arrives in its order, but not before. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#world.now + ms);
  }

  /** What is under way never arrives. */
  cut(): void {
    this.#life += 1;
    this.#stalledUntil = 0;
  }
}
