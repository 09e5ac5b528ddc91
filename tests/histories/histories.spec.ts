import { readFileSync } from 'node:fs';
import { canonicalJson, commandOf, decide, evolve, fold, initialState, toEvents } from '@ringback/domain';
import { stateHash } from '@ringback/eventlog';
import { callEventSchema, msOfTime, type CallEvent, type CallEventBody } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';

/** State hashes as they were when the history was recorded: written down here, not read from the file. */
const recorded: Record<string, string> = {
  'peer-to-peer-0.1.0': 'fd9560f3bd0fc9427ced08b6a8c8006886a9ac821b54c4ed119f18e29f1fa2e5',
};

/**
 * Decisions that newer code takes otherwise, on purpose: the types of what is decided are the same, the data is not.
 * By history, the sequence of the decision's first event, and what changed.
 */
const changedSince: Record<string, Record<number, string>> = {
  'peer-to-peer-0.1.0': { 23: '[JO5] since 0.2.0 a new page brings its name and capabilities along' },
};

function factsOf(name: string): CallEvent[] {
  const lines = readFileSync(new URL(`./${name}.ndjson`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
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

describe.each(Object.entries(recorded))('%s', (name, hash) => {
  const facts = factsOf(name);

  it('still validates, and folds to the hash recorded then', () => {
    for (const event of facts) expect(callEventSchema.safeParse(event).error).toBeUndefined();
    expect(facts.map((e) => e.sequence)).toEqual(facts.map((_, i) => i + 1));
    expect(stateHash(fold(facts).view!)).toBe(hash);
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
      if (changedSince[name]?.[group[0]!.sequence] === undefined)
        expect(canonicalJson(again)).toBe(canonicalJson(group));
      else {
        expect(again.map((e) => e.type)).toEqual(group.map((e) => e.type));
        expect(canonicalJson(again)).not.toBe(canonicalJson(group));
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
