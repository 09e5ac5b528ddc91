import { Counter, type Registry } from 'prom-client';
import { BadMessage } from './bus.ts';
import { limits } from './limits.ts';
import type { Logger } from './log.ts';

/** Counts by kind, and says which times are worth a line: the 1st, the 10th, the 100th … Whoever sends what is wrong sends much of it. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** @returns how often, where it is worth a line. */
  add(kind: string): number | undefined {
    const isCounted = this.#counts.has(kind) || this.#counts.size < limits.faultKindsMax;
    const known = isCounted ? kind : 'other';
    const count = (this.#counts.get(known) ?? 0) + 1;
    this.#counts.set(known, count);
    return /^10*$/.test(String(count)) ? count : undefined;
  }
}

/**
 * What a NatsBus tells of: messages of other parts that can not be read (`warn`), or whose handling failed (`error`).
 * Each is counted by the first word of its subject and the name of the error; the log has a few of each kind.
 */
export function busFaults(logger: Logger, registry: Registry): (subject: string, error: unknown) => void {
  const counter = new Counter({
    name: 'ringback_bus_faults_total',
    help: 'Messages of other parts that could not be read, handled or sent, by subject and error.',
    labelNames: ['subject', 'error'],
    registers: [registry],
  });
  const tally = new Tally();
  return (subject, error) => {
    const word = subject.split('.', 1)[0]!;
    const name = error instanceof Error ? error.name : 'unknown';
    counter.inc({ subject: word, error: name });
    const count = tally.add(`${word} ${name}`);
    if (count === undefined) return;
    const level = error instanceof BadMessage ? 'warn' : 'error';
    logger[level]({ subject, count, err: error }, 'message not read, handled or sent');
  };
}
