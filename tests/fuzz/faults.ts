import { limits } from './limits.ts';

/** What must not happen, with the scene in which it did. */
export class Faults {
  count = 0;
  readonly told: string[] = [];

  add(where: string, what: string): void {
    this.count += 1;
    if (this.told.length < limits.faultsTold) this.told.push(`${where}: ${what}`);
  }
}
