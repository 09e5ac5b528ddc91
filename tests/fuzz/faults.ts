import { limits } from './limits.ts';

/** What must not happen, with the scene in which it did. */
export class Faults {
  count = 0;
  readonly told: string[] = [];
  readonly #tell: (fault: string) => void;

  /** @param tell told of each at once, as far as they are told at all. */
  constructor(tell: (fault: string) => void = () => {}) {
    this.#tell = tell;
  }

  add(where: string, what: string): void {
    this.count += 1;
    if (this.told.length >= limits.faultsTold) return;
    this.told.push(`${where}: ${what}`);
    this.#tell(`${where}: ${what}`);
  }
}
