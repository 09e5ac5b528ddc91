import { foldCall, presentParticipants, summarize, tookPart } from '@ringback/domain';
import {
  back,
  callServer,
  created,
  disconnected,
  ended,
  history,
  joined,
  left,
  locked,
  person,
  reconnected,
  reloaded,
  routed,
  settled,
  start,
  type Fact,
} from '@ringback/domain/testing';
import type { Projection, Row } from '@ringback/projections';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calls, summaryOf, type CallRow } from './calls.ts';
import { routes } from './routes.ts';
import { sessions } from './sessions.ts';

const people = [1, 2, 3].map((n) => person(n, n === 3 ? 'user-2' : `user-${n}`));
const somebody = fc.constantFrom(...people);
const step: fc.Arbitrary<Fact> = fc.oneof(
  somebody.map((who) => joined(who)),
  somebody.map((who) => left(who)),
  somebody.map((who) => disconnected(who, start + 30_000)),
  somebody.map((who) => reconnected(who)),
  somebody.map((who) => back({ ...reloaded(who), displayName: 'Another name' })),
  fc.constant(locked),
  fc.integer({ min: 1, max: 5 }).map((epoch) => routed(epoch, 'third-joined', 3, callServer(epoch))),
  fc.integer({ min: 1, max: 5 }).map((epoch) => settled(epoch)),
);
/** A call as it may come about, in any order of things, ended or not. */
const facts = fc
  .tuple(fc.array(step, { maxLength: 30 }), fc.boolean(), fc.constantFrom({}, { name: 'Weekly' }))
  .map(([steps, over, more]) =>
    history(created(more), ...possible(steps), ...(over ? [ended('empty')] : [])),
  );

/** Only who is in the call can lose a socket, come back or leave. */
function possible(steps: readonly Fact[]): Fact[] {
  const there = new Set<string>();
  return steps.filter(({ type, data }) => {
    if (!type.startsWith('call.participant.') || !('participantId' in data)) return true;
    if (type === 'call.participant.joined') return there.add(data.participantId);
    return type === 'call.participant.left'
      ? there.delete(data.participantId)
      : there.has(data.participantId);
  });
}

function rowsOf(
  projection: Projection,
  events: readonly CallEvent[],
): Readonly<Record<string, readonly Row[]>> {
  let state: unknown = null;
  for (const event of events)
    // As it is kept between two batches.
    if (projection.handles.has(event.type))
      state = JSON.parse(JSON.stringify(projection.evolve(state ?? undefined, event)));
  if (state === null) return {};
  return projection.rows(events[0]!.subject, events.at(-1)!.sequence, state);
}

describe('the call list', () => {
  it('has for each call what its fold says', () => {
    fc.assert(
      fc.property(facts, (events) => {
        const view = foldCall(events)!;
        const { call, call_user } = rowsOf(calls, events);
        expect(summaryOf({ call_id: view.callId, ...call![0] } as unknown as CallRow)).toEqual(
          summarize(view),
        );
        const users = ['host', 'user-1', 'user-2'].filter((user) => tookPart(view, user));
        expect(call_user!.map(({ user_id }) => user_id).toSorted()).toEqual(users);
      }),
    );
  });
});

describe('sessions', () => {
  it('are of those who are in the call, by the socket that speaks for them', () => {
    fc.assert(
      fc.property(facts, (events) => {
        const view = foldCall(events)!;
        const there = view.status === 'ended' ? [] : presentParticipants(view);
        const expected = there.map(({ participantId, sessionId, userId, gateway, presence }) => ({
          participant_id: participantId,
          session_id: sessionId,
          user_id: userId,
          gateway,
          presence,
        }));
        const found = rowsOf(sessions, events).session ?? [];
        const byId = (a: Row, b: Row) => (a.participant_id! < b.participant_id! ? -1 : 1);
        expect(found.toSorted(byId)).toEqual(
          expected.toSorted(byId).map((row) => expect.objectContaining(row)),
        );
      }),
    );
  });
});

describe('routes', () => {
  it('say for each open call where its media runs', () => {
    fc.assert(
      fc.property(facts, (events) => {
        const { route, status } = foldCall(events)!;
        const [row] = rowsOf(routes, events).route ?? [];
        if (route === undefined || status === 'ended') expect(row).toBeUndefined();
        else
          expect(row).toMatchObject({
            kind: route.kind,
            epoch: route.epoch,
            reason: route.reason,
            server: route.server?.gateway ?? null,
            settled: route.before === undefined,
          });
      }),
    );
  });
});
