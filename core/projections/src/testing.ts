import { history, created, joined, left, locked, person, type Fact } from '@ringback/domain/testing';
import { MemoryLog, type EventLog, type StoredCommit } from '@ringback/eventlog';
import type { Logger } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { defineProjection } from './projection.ts';

/** Test data. All calls are in this partition. */
export const partition = 3;

/** Who is in a call. A name with `bad` in it can not be folded, as long as that is so. */
export function peopleView(isBad: (name: string) => boolean = () => false, version = 1) {
  return defineProjection({
    name: 'people',
    version,
    handles: ['call.created', 'call.participant.joined', 'call.participant.left'],
    tables: [
      {
        name: 'call',
        columns: { people: 'integer', seq: 'integer', version: 'integer' },
        key: [],
        indexes: [['people']],
      },
      {
        name: 'person',
        columns: { participant_id: 'text', name: 'text', host: 'boolean' },
        key: ['participant_id'],
        indexes: [],
      },
    ],
    evolve(state: Record<string, { name: string; host: boolean }> | undefined, event) {
      if (event.type === 'call.created') return {};
      const { participantId } = event.data;
      const { [participantId]: _, ...others } = state ?? {};
      if (event.type === 'call.participant.left') return others;
      const { displayName: name, role } = event.data;
      if (isBad(name)) throw new Error(`"${name}" is no name`);
      return { ...others, [participantId]: { name, host: role === 'host' } };
    },
    rows: (_callId, seq, state) => ({
      call: [{ people: Object.keys(state).length, seq, version }],
      person: Object.entries(state).map(([participant_id, { name, host }]) => ({
        participant_id,
        name,
        host,
      })),
    }),
  });
}

/** Call number `n` of the partition. */
export function callNumber(n: number): string {
  return `03-019a9d5c-7a00-7c4e-b1a2-${n.toString(16).padStart(12, '0')}`;
}

/** The facts as events of this call. */
export function eventsOf(callId: string, ...facts: readonly Fact[]): CallEvent[] {
  return history(...facts).map((event) => ({
    ...event,
    id: `${callId}/${event.sequence}`,
    subject: callId,
    partitionkey: callId,
  }));
}

export const named = (n: number, name: string) => ({ ...person(n, `user-${n}`), displayName: name });

/** Calls of three, their events mixed, cut into commits. */
export const histories = fc
  .record({
    calls: fc.array(
      fc.array(fc.constantFrom('in-1', 'in-2', 'in-3', 'out-1', 'out-2', 'lock'), { maxLength: 12 }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    order: fc.array(fc.nat(99), { minLength: 80, maxLength: 80 }),
    cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 80, maxLength: 80 }),
  })
  .map(({ calls, order, cuts }) => {
    const left_ = calls.map((steps, n) => eventsOf(callNumber(n), created(), ...steps.map(factOf)));
    const mixed: CallEvent[] = [];
    for (const pick of order) {
      const some = left_.filter((events) => events.length > 0);
      if (some.length > 0) mixed.push(some[pick % some.length]!.shift()!);
    }
    const commits: CallEvent[][] = [];
    for (const size of cuts) if (mixed.length > 0) commits.push(mixed.splice(0, size));
    return commits;
  });

function factOf(step: string): Fact {
  const n = Number(step.at(-1));
  if (step === 'lock') return locked;
  return step.startsWith('in') ? joined(named(n, `Person ${n}`)) : left(named(n, ''));
}

export async function append(
  log: EventLog,
  commits: readonly (readonly CallEvent[])[],
  from = 0,
): Promise<void> {
  for (const [i, events] of commits.entries()) {
    const body = { kind: 'commit' as const, owner: 'test', events: [...events] };
    const done = await log.append({ partition, body, id: `test-${from + i}`, expected: from + i });
    if (done.kind !== 'stored') throw new Error(`commit ${from + i} is ${done.kind}`);
  }
}

/** Says some commits twice, and breaks off now and then. */
export class UnsteadyLog extends MemoryLog {
  readonly #random: () => number;

  constructor(random: () => number) {
    super(() => 1_000);
    this.#random = random;
  }

  override async *follow(of: number, from: number, signal: AbortSignal): AsyncIterable<StoredCommit> {
    for await (const commit of super.follow(of, from, signal)) {
      yield commit;
      if (this.#random() < 0.2) yield structuredClone(commit);
      if (this.#random() < 0.1) throw new Error('the log is away');
    }
  }
}

const quiet = () => {};
export const silent = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
