import {
  callEventSchema,
  callEvents,
  callViewSchema,
  commandSchema,
  limits,
  msOfTime,
  type CallEvent,
  type Command,
} from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical.ts';
import { host, ask, deepFreeze, join, play, settings, start, uuid, type Step } from '../testing.ts';
import { commandFrom, lives } from '../testing-lives.ts';
import { deadlines, nextDeadline } from './deadlines.ts';
import { decide } from './decide.ts';
import { commandOf } from './envelope.ts';
import { fold, foldCall } from './evolve.ts';
import { initialState, presentParticipants, type CallState } from './state.ts';

/** RINGBACK_TEST_SEED and RINGBACK_TEST_RUNS search further; fast-check prints the seed and path of a failure. */
const options = {
  seed: Number(process.env.RINGBACK_TEST_SEED ?? 20_251_119),
  numRuns: Number(process.env.RINGBACK_TEST_RUNS ?? 150),
  // The usual bias is towards short lives, in which little happens.
  unbiased: true,
};

const anyView = callViewSchema.optional();
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

interface Checked {
  readonly step: Step;
  readonly before: CallState;
  readonly command: Command;
  readonly now: number;
}

/** Plays a life and holds every step against `check`. */
function live(
  [more, people, arrivals]: typeof lives extends fc.Arbitrary<infer T> ? T : never,
  check: (checked: Checked, events: readonly CallEvent[]) => void,
): { state: CallState; events: CallEvent[]; now: number } {
  const events: CallEvent[] = [];
  let state: CallState = initialState;
  let now = start;
  const create = ask(host, 'call.create', { ...settings, ...more }, { id: uuid(0) });
  const entrances = people.map((who) => join(who, { id: uuid(0) }));
  for (const next of [create, ...entrances, ...arrivals]) {
    const command = 'elapsedMs' in next ? commandFrom(next, state.view) : next;
    now += 'elapsedMs' in next ? next.elapsedMs : 0;
    // Nothing that goes in may be changed.
    const step = play(deepFreeze(state), deepFreeze(command), now);
    events.push(...step.events);
    check({ step, before: state, command, now }, events);
    state = step.state;
  }
  return { state, events, now };
}

describe('any life of a call', { timeout: 60_000 }, () => {
  it('keeps its events gapless, valid and foldable to one state', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(lives, (life) => {
        const { state, events } = live(life, ({ step, command }) => {
          expect(commandSchema.safeParse(command).error).toBeUndefined();
          for (const event of step.events) expect(callEventSchema.safeParse(event).error).toBeUndefined();
          const changed = step.events.length > 0 ? step.state.view : undefined;
          expect(anyView.safeParse(changed).error).toBeUndefined();
          for (const event of step.events) seen.add(event.type);
          if (step.decision.kind === 'rejected') seen.add(step.decision.rejection.code);
        });
        expect(events.map((e) => e.sequence)).toEqual(events.map((_, i) => i + 1));
        expect(fold(events)).toEqual(state);
        expect(fold(plain(events))).toEqual(plain(state));
        expect(canonicalJson(fold(plain(events)))).toBe(canonicalJson(state));
        expect(foldCall(events)).toEqual(state.view);
      }),
      options,
    );
    // Commands that never get anywhere would prove nothing.
    for (const { type } of callEvents) expect(seen).toContain(type);
    for (const code of reachable) expect(seen).toContain(code);
  });

  it('does not go beyond the limits, and does nothing after its end', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, ({ step, before, command }) => {
          const { view } = step.state;
          const foreign = before.view !== undefined && command.tenantId !== before.view.tenantId;
          expect(foreign || before.view?.status === 'ended' ? step.events : []).toEqual([]);
          if (view === undefined) return;
          expect(presentParticipants(view).length).toBeLessThanOrEqual(view.participantsMax);
          for (const p of Object.values(view.participants)) {
            const tracks = Object.values(p.tracks);
            expect(tracks.length).toBeLessThanOrEqual(limits.tracksPerParticipantMax);
            expect(tracks.filter((t) => t.source === 'screen').length).toBeLessThanOrEqual(1);
            expect(p.presence === 'left' ? [p.tracks, p.connections] : [{}, {}]).toEqual([{}, {}]);
            for (const peerId of Object.keys(p.connections))
              expect(view.participants[peerId]?.presence).not.toBe('left');
          }
        });
      }),
      options,
    );
  });

  it('gives every earlier command its first reply, and nothing else', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const accepted: { command: Command; seq: number }[] = [];
        const { state, now } = live(life, ({ step, command }) => {
          if (step.events.length > 0) accepted.push({ command, seq: step.events.at(-1)!.sequence });
        });
        for (const { command, seq } of accepted)
          expect(decide(state, command, now)).toEqual({ kind: 'repeated', seq });
      }),
      options,
    );
  });

  it('can be decided again from its own log, and from sorted JSON', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, ({ step, before, command, now }) => {
          const sorted = JSON.parse(canonicalJson(before)) as CallState;
          expect(decide(sorted, command, now)).toEqual(decide(before, command, now));
          const [first, ...rest] = step.events;
          for (const event of rest) expect(commandOf(event)).toBeUndefined();
          if (first === undefined) return;
          const again = commandOf(plain(first))!;
          expect(again).toEqual(plain(command));
          expect(play(before, again, msOfTime(first.time)).events).toEqual(step.events);
        });
      }),
      options,
    );
  });

  it('takes one way at a time, and counts the ways', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, ({ step, before, now }) => {
          const [was, is] = [before.view?.route, step.state.view?.route];
          const changes = step.events.filter((e) => e.type === 'call.route.changed');
          expect(changes.length).toBeLessThanOrEqual(1);
          for (const { data } of changes) expect(data.epoch).toBe((was?.epoch ?? 0) + 1);
          expect(is?.epoch ?? 0).toBe((was?.epoch ?? 0) + changes.length);
          if (step.state.view === undefined || is === undefined) return;
          expect(is.kind === 'call-server').toBe(is.server !== undefined);
          if (is.before === undefined) return;
          // What is kept is older, and of another kind or at another time; and it will be given up.
          expect(is.before.epoch).toBeLessThan(is.epoch);
          expect([is.kind, is.before.kind]).not.toEqual(['p2p', 'p2p']);
          const open = step.state.view.status === 'open';
          const until = deadlines(step.state.view).find((d) => d.kind === 'route-settle')?.at;
          expect(until).toBe(open ? is.since + limits.routeSettleMs : undefined);
          expect(is.since).toBeLessThanOrEqual(now);
          const epochs = [is.epoch, is.before.epoch];
          for (const p of Object.values(step.state.view.participants))
            for (const { epoch } of [
              ...Object.values(p.producers ?? {}),
              ...Object.values(p.transports ?? {}),
            ])
              expect(epochs).toContain(epoch);
        });
      }),
      options,
    );
  });

  it('does not keep two ways for ever: the deadlines of two switches end it', () => {
    fc.assert(
      fc.property(lives, (life) => {
        let { state } = live(life, () => {});
        for (let i = 0; i < 40 && state.view?.route?.before !== undefined; i++) {
          const due = nextDeadline(state.view);
          if (due === undefined) return;
          expect(due).toBeLessThanOrEqual(state.view.route.since + limits.routeSettleMs);
          const since = state.view.route.since;
          const tick = ask('system', 'call.deadline', {}, { id: uuid(0xde00 + i) });
          state = play(state, tick, due).state;
          const route = state.view?.route;
          if (route?.before !== undefined && route.since !== since) expect(route.kind).toBe('call-server');
        }
        expect(state.view?.status === 'ended' || state.view?.route?.before === undefined).toBe(true);
      }),
      options,
    );
  });

  it('ends by its deadlines, in as many steps as people are in it and a few more', () => {
    fc.assert(
      fc.property(lives, (life) => {
        let { state } = live(life, ({ step }) => {
          const { view } = step.state;
          const waits = view !== undefined && nextDeadline(view) !== undefined;
          expect(waits).toBe(view?.status === 'open');
        });
        // The end of a switch, the way back, its end or undoing, and the end of that.
        const steps = presentParticipants(state.view!).length + 6;
        for (let i = 0; i < steps && state.view?.status === 'open'; i++) {
          const tick = ask('system', 'call.deadline', {}, { id: uuid(0xdd00 + i) });
          const { events, state: after } = play(state, tick, nextDeadline(state.view));
          expect(events.length).toBeGreaterThan(0);
          state = after;
        }
        expect(state.view?.status).toBe('ended');
      }),
      options,
    );
  });
});

/** Every refusal that `decide` has. */
const reachable = [
  'call_unknown',
  'call_exists',
  'call_ended',
  'call_locked',
  'call_full',
  'guests_disabled',
  'not_permitted',
  'not_in_call',
  'not_host',
  'participant_taken',
  'session_replaced',
  'peer_unknown',
  'peer_left',
  'peer_is_self',
  'track_unknown',
  'track_exists',
  'screen_share_exists',
  'removed',
  'participant_unknown',
  'target_is_host',
  'route_stale',
  'producer_exists',
  'rtp_unsupported',
];
