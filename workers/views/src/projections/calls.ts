import { defineProjection } from '@ringback/projections';
import { limits, msOfTime, type CallSummary } from '@ringback/schemas';

interface Person {
  readonly userId: string;
  readonly displayName: string;
  readonly present: boolean;
}

interface CallState {
  readonly tenantId: string;
  readonly name: string | undefined;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly endReason?: string;
  /** By participant id, in the order they first came. */
  readonly people: readonly (readonly [participantId: string, person: Person])[];
}

/** The call list: a row a call, and a row for each user who made it or took part. */
export const calls = defineProjection({
  name: 'calls',
  version: 1,
  handles: [
    'call.created',
    'call.participant.joined',
    'call.participant.reconnected',
    'call.participant.left',
    'call.ended',
  ],
  tables: [
    {
      name: 'call',
      columns: {
        tenant_id: 'text',
        status: 'text',
        name: 'text',
        created_by: 'text',
        created_at: 'bigint',
        ended_at: 'bigint',
        end_reason: 'text',
        /** JSON: names, in the order they came. */
        people: 'text',
        participants_now: 'integer',
        seq: 'integer',
      },
      key: [],
      indexes: [
        ['created_at', 'call_id'],
        ['tenant_id', 'created_at', 'call_id'],
      ],
    },
    {
      name: 'call_user',
      columns: { tenant_id: 'text', user_id: 'text', created_at: 'bigint' },
      key: ['user_id'],
      indexes: [['tenant_id', 'user_id', 'created_at', 'call_id']],
    },
  ],
  evolve(state: CallState | undefined, event): CallState {
    if (event.type === 'call.created') {
      const { createdBy, name } = event.data;
      return { tenantId: event.tenantid, name, createdBy, createdAt: msOfTime(event.time), people: [] };
    }
    if (state === undefined) throw new Error(`the first event is ${event.type}, not call.created`);
    switch (event.type) {
      case 'call.participant.joined': {
        const { participantId, userId, displayName } = event.data;
        return withPerson(state, participantId, { userId, displayName, present: true });
      }
      case 'call.participant.reconnected': {
        const { participantId, displayName } = event.data;
        const there = personIn(state, participantId);
        return withPerson(state, participantId, {
          ...there,
          displayName: displayName ?? there.displayName,
          present: true,
        });
      }
      case 'call.participant.left': {
        const { participantId } = event.data;
        return withPerson(state, participantId, { ...personIn(state, participantId), present: false });
      }
      case 'call.ended':
        return { ...state, endedAt: msOfTime(event.time), endReason: event.data.reason };
      default:
        return event satisfies never;
    }
  },
  rows(_callId, seq, state) {
    const people = state.people.map(([, person]) => person);
    const users = new Set([state.createdBy, ...people.map(({ userId }) => userId)]);
    const { tenantId: tenant_id, createdAt: created_at } = state;
    return {
      call: [
        {
          tenant_id,
          status: state.endedAt === undefined ? 'open' : 'ended',
          name: state.name ?? null,
          created_by: state.createdBy,
          created_at,
          ended_at: state.endedAt ?? null,
          end_reason: state.endReason ?? null,
          people: JSON.stringify(namesOf(people)),
          participants_now: people.filter(({ present }) => present).length,
          seq,
        },
      ],
      call_user: [...users].map((user_id) => ({ tenant_id, user_id, created_at })),
    };
  },
});

function namesOf(people: readonly Person[]): string[] {
  return [...new Set(people.map(({ displayName }) => displayName))].slice(0, limits.summaryPeopleMax);
}

function personIn({ people }: CallState, participantId: string): Person {
  const found = people.find(([id]) => id === participantId)?.[1];
  if (found === undefined) throw new Error(`there is no participant ${participantId}`);
  return found;
}

function withPerson(state: CallState, participantId: string, person: Person): CallState {
  const entry = [participantId, person] as const;
  const isKnown = state.people.some(([id]) => id === participantId);
  const people = isKnown
    ? state.people.map((old) => (old[0] === participantId ? entry : old))
    : [...state.people, entry];
  return { ...state, people };
}

export interface CallRow {
  readonly call_id: string;
  readonly status: 'open' | 'ended';
  readonly name: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly end_reason: CallSummary['endReason'] | null;
  readonly people: string;
  readonly participants_now: number;
  readonly seq: number;
}

export function summaryOf(row: CallRow): CallSummary {
  return {
    callId: row.call_id,
    status: row.status,
    ...(row.name === null ? {} : { name: row.name }),
    createdBy: row.created_by,
    createdAt: row.created_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.end_reason === null ? {} : { endReason: row.end_reason! }),
    people: JSON.parse(row.people) as string[],
    participantsNow: row.participants_now,
    seq: row.seq,
  };
}
