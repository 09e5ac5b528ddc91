import { initialState, type CallState } from '@ringback/domain';
import { ask, host, join, play, settings, start, uuid } from '@ringback/domain/testing';
import type { CallEvent, Command } from '@ringback/schemas';
import type { Arbitrary } from 'fast-check';
import { commandFrom, type lives } from '../../core/domain/src/testing-lives.ts';

export type Life = typeof lives extends Arbitrary<infer T> ? T : never;

/** One command of a random call, and what came of it. */
export interface Lived {
  readonly command: Command;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly before: CallState;
  readonly events: readonly CallEvent[];
}

/** A random call through the real decider. */
export function live([more, people, arrivals]: Life): Lived[] {
  const create = ask(host, 'call.create', { ...settings, ...more }, { id: uuid(0) });
  const steps: Lived[] = [];
  let state = initialState;
  let now = start;
  for (const next of [create, ...people.map((who) => join(who, { id: uuid(0) })), ...arrivals]) {
    const command = 'elapsedMs' in next ? commandFrom(next, state.view) : next;
    now += 'elapsedMs' in next ? next.elapsedMs : 0;
    const step = play(state, command, now);
    steps.push({ command, now, before: state, events: step.events });
    ({ state } = step);
  }
  return steps;
}
