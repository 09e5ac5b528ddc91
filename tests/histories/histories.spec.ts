import { globSync, readdirSync, readFileSync } from 'node:fs';
import { readCallFile } from '@ringback/cli';
import {
  canonicalJson,
  commandOf,
  decide,
  evolve,
  fold,
  initialState,
  toEvents,
  withoutCause,
} from '@ringback/domain';
import { stateHash } from '@ringback/eventlog';
import { callEventSchema, current, isKnown, msOfTime } from '@ringback/schemas';
import type { CallEvent, CallEventBody } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const read = (path: string) => readFileSync(`${here}/${path}`, 'utf8');

/** State hashes as they were when the history was recorded: not read from the files themselves. */
const recorded = JSON.parse(read('hashes.json')) as Record<string, string>;

/**
 * Decisions that newer code takes otherwise, on purpose: the types of what is decided are the same, the data is not.
 * By history, the sequence of the decision's first event, and what changed.
 */
const changedSince: Record<string, Record<number, string>> = {
  'peer-to-peer-0.1.0': { 23: '[JO5] since 0.2.0 a new page brings its name and capabilities along' },
};

function factsOf(name: string): CallEvent[] {
  const lines = read(`${name}.ndjson`).trim().split('\n').slice(1);
  return lines.map((line) => JSON.parse(line) as CallEvent).filter((event) => 'sequence' in event);
}

/** Events of one command stand together and share its id. */
function commits(facts: readonly CallEvent[]): CallEvent[][] {
  const groups: CallEvent[][] = [];
  for (const event of facts) {
    if (event.data.cause === undefined) groups.at(-1)!.push(event);
    else groups.push([event]);
  }
  return groups;
}

describe('the histories', () => {
  const names = readdirSync(here).filter((name) => name.endsWith('.ndjson'));

  it('have each a recorded hash', () => {
    expect(names.toSorted()).toEqual(
      Object.keys(recorded)
        .map((name) => `${name}.ndjson`)
        .toSorted(),
    );
  });

  it('hold every version of every event that was released', () => {
    const held = new Set(
      Object.keys(recorded)
        .flatMap(factsOf)
        .map((event) => `${event.type}/${event.schemaversion}.json`),
    );
    const released = globSync('call.*/*.json', { cwd: `${here}/../../schemas/versions` });
    expect(released.length).toBeGreaterThan(30);
    const missing = released.filter((path) => !held.has(path));
    expect(missing, 'in no history: record one that has them, node tests/histories/make.ts').toEqual([]);
  });
});

describe.each(Object.entries(recorded))('%s', (name, hash) => {
  const facts = factsOf(name);

  it("still validates in today's versions, and folds to the hash recorded then", () => {
    for (const event of facts) {
      expect(isKnown(event), `${event.type} in version ${event.schemaversion}`).toBe(true);
      expect(callEventSchema.safeParse(current(event)).error).toBeUndefined();
    }
    expect(facts.map((e) => e.sequence)).toEqual(facts.map((_, i) => i + 1));
    expect(stateHash(fold(facts).view!)).toBe(hash);
    expect(readCallFile(readFileSync(`${here}/${name}.ndjson`))).toMatchObject({
      stateHash: hash,
      unknown: 0,
    });
  });

  it("today's code takes every decision in it the same way", () => {
    let state = initialState;
    for (const group of commits(facts)) {
      const command = commandOf(group[0]!)!;
      const now = msOfTime(group[0]!.time);
      const decision = decide(state, command, now);
      expect(decision.kind, `${command.type} at ${group[0]!.sequence}`).toBe('accepted');
      const bodies: readonly CallEventBody[] = decision.kind === 'accepted' ? decision.events : [];
      const seq = state.view?.seq ?? 0;
      const again = toEvents(command, bodies, { seq, now, codeVersion: group[0]!.codeversion });
      // What was brought up to today's version shares other fields with its command: it is compared by itself.
      expect(canonicalJson(commandOf(current(group[0]!)))).toBe(canonicalJson(command));
      const stored = canonicalJson(group.map(current).map(withoutCause));
      if (changedSince[name]?.[group[0]!.sequence] === undefined) {
        expect(canonicalJson(again.map(withoutCause))).toBe(stored);
        expect(canonicalJson(commandOf(again[0]!))).toBe(canonicalJson(command));
      } else {
        expect(again.map((e) => e.type)).toEqual(group.map((e) => e.type));
        expect(canonicalJson(again.map(withoutCause))).not.toBe(stored);
      }
      for (const event of group) state = evolve(state, event);
    }
  });

  it('a changed history does not pass', () => {
    const renamed = structuredClone(facts);
    for (const event of renamed) if (event.type === 'call.participant.joined') event.data.displayName += '!';
    expect(stateHash(fold(renamed).view!)).not.toBe(hash);
    const later = structuredClone(facts);
    later.at(-1)!.time = '2030-01-01T00:00:00.000Z';
    expect(stateHash(fold(later).view!)).not.toBe(hash);
  });
});
