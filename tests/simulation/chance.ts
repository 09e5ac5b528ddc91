import { seededIds, type Ids } from '@ringback/runtime';

/** All chance of a simulation: the same seed says the same things in the same order. */
export class Chance {
  readonly ids: Ids;

  constructor(seed: number) {
    this.ids = seededIds(seed);
  }

  /** A source of its own, so that what one part draws does not move what another one draws. */
  fork(): Chance {
    return new Chance(Math.floor(this.ids.random() * 2 ** 32));
  }

  between(min: number, max: number): number {
    return min + this.ids.random() * (max - min);
  }

  /** Both ends included. */
  int(min: number, max: number): number {
    return Math.floor(this.between(min, max + 1));
  }

  /** Small values as often as large ones, by their order of magnitude. */
  spread(min: number, max: number): number {
    return min * (max / min) ** this.ids.random();
  }

  /** A wait until the next of things that happen at random, `mean` apart. */
  wait(mean: number): number {
    return -Math.log(1 - this.ids.random()) * mean;
  }

  is(probability: number): boolean {
    return this.ids.random() < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }
}
