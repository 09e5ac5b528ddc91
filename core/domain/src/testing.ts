import {
  reject,
  timeOfCallId,
  timeOfMs,
  type CallEvent,
  type CallEventBody,
  type CallEventType,
  type Capabilities,
  type Command,
  type CommandData,
  type CommandOf,
  type CallServer,
  type CommandType,
  type Fingerprint,
  type ProducerDescription,
  type RejectionCode,
  type RouteReason,
  type TrackDescription,
} from '@ringback/schemas';
import { decide } from './call/decide.ts';
import type { Decision } from './call/decision.ts';
import { toEvents } from './call/envelope.ts';
import { evolve, fold } from './call/evolve.ts';
import { initialState, type CallState } from './call/state.ts';
import { withoutCause } from './call/visibility.ts';

/** Test data: fixed ids, fixed times, nothing random. Imported as `@ringback/domain/testing`. */

export const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
/** When everything begins; what does not say its time happened then. Milliseconds since 1970. */
export const start = timeOfCallId(callId);
export const codeVersion = 'test';

export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

export interface Person {
  readonly userId: string;
  readonly participantId: string;
  readonly displayName: string;
  readonly instanceId: string;
  readonly sessionId: string;
  readonly guest: boolean;
  readonly admin: boolean;
  readonly capabilities?: Capabilities;
  readonly fingerprints?: Fingerprint[];
}

/** Person number `n`: participant, page and session ids follow from it. */
export function person(n: number, userId: string): Person {
  return {
    userId,
    participantId: uuid(0xa000 + n),
    displayName: userId,
    instanceId: uuid(0xb000 + n),
    sessionId: uuid(0xc000 + n),
    guest: false,
    admin: false,
  };
}

/** Made the call. */
export const host = person(1, 'host');
export const second = person(2, 'second');
export const third = person(3, 'third');

/** On a page that can use a Call Server. */
export function able(who: Person, more: Partial<Capabilities> = {}): Person {
  return { ...who, capabilities: { ...capabilities, ...more }, fingerprints: [fingerprint] };
}

/** The same person after a reload. */
export function reloaded(who: Person): Person {
  return { ...who, instanceId: uuid(0xb0ff), sessionId: uuid(0xc0ff) };
}

/** Call Server number `n`, with a load of `n` tenths. */
export const callServer = (n: number, more: Partial<CallServer> = {}): CallServer => ({
  gateway: `media-${n}/1`,
  region: 'home',
  load: n / 10,
  ...more,
});

export const settings: CommandData<'call.create'> = {
  guestsAllowed: true,
  participantsMax: 4,
  durationMsMax: 3_600_000,
  emptyTimeoutMs: 60_000,
};
export const sdp = 'v=0\r\n';
export const camera: TrackDescription = {
  trackId: 'camera-1',
  kind: 'video',
  source: 'camera',
  muted: false,
};
export const capabilities: Capabilities = {
  version: 1,
  audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  videoCodecs: [{ mimeType: 'video/VP8', clockRate: 90_000 }],
  screenShare: true,
  userAgent: 'test',
};

const fingerprint: Fingerprint = { algorithm: 'sha-256', value: Array(32).fill('AB').join(':') };
/** The camera as it is sent to a Call Server. */
export const producer = (n: number, trackId = camera.trackId): ProducerDescription => ({
  producerId: uuid(0xf000 + n),
  trackId,
  rtpParameters: {
    codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
    encodings: [{ rid: 'r0' }, { rid: 'r1' }],
  },
});

/** A command of this person, or of the platform. The id is always the same one unless `more` says otherwise. */
export function ask<T extends CommandType>(
  who: Person | 'system',
  type: T,
  data: CommandData<T>,
  more: Partial<Omit<Command, 'type' | 'data'>> = {},
): CommandOf<T> {
  const person = who === 'system' ? undefined : who;
  const entering = type === 'call.create' || type === 'call.join';
  return {
    id: uuid(1),
    type,
    callId,
    tenantId: 'default',
    actor:
      person === undefined
        ? { kind: 'system', name: 'test' }
        : { kind: 'user', userId: person.userId, guest: person.guest, admin: person.admin },
    ...(person === undefined || entering ? {} : { participantId: person.participantId }),
    ...(person === undefined || type === 'call.create' ? {} : { sessionId: person.sessionId }),
    receivedTime: timeOfMs(start),
    correlationId: uuid(2),
    data,
    ...more,
  } as unknown as CommandOf<T>;
}

export function join(
  who: Person,
  more: Partial<Omit<Command, 'type' | 'data'>> = {},
): CommandOf<'call.join'> {
  const { participantId, instanceId, displayName } = who;
  const data = { participantId, instanceId, displayName, gateway: 'edge-1/1', ...pageOf(who) };
  return ask(who, 'call.join', data, more);
}

function pageOf({ capabilities, fingerprints }: Person) {
  return {
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
  };
}

/** The gateway's news that a person's socket is gone. */
export function socketGone(who: Person): CommandOf<'call.disconnect'> {
  const { participantId, sessionId } = who;
  return ask('system', 'call.disconnect', { reason: 'socket-closed' }, { participantId, sessionId });
}

/** What happened, with the time where it matters. */
export type Fact = CallEventBody & { readonly at?: number };

export function fact<T extends CallEventType>(
  type: T,
  data: Extract<CallEventBody, { type: T }>['data'],
): CallEventBody {
  return { type, data } as CallEventBody;
}

export const at = (ms: number, body: CallEventBody): Fact => ({ ...body, at: ms });
export const created = (more: Partial<CommandData<'call.create'>> = {}) =>
  fact('call.created', { createdBy: host.userId, ...settings, ...more });
export const joined = (who: Person, role?: 'host' | 'participant') => {
  const { userId, participantId, displayName, instanceId, sessionId, guest } = who;
  return fact('call.participant.joined', {
    participantId,
    userId,
    guest,
    role: role ?? (participantId === host.participantId ? 'host' : 'participant'),
    displayName,
    instanceId,
    sessionId,
    gateway: 'edge-1/1',
    ...pageOf(who),
  });
};
export const reconnected = ({ participantId, instanceId, sessionId }: Person) =>
  fact('call.participant.reconnected', { participantId, instanceId, sessionId, gateway: 'edge-1/1' });
/** Back on a new page. */
export const back = (who: Person) => {
  const { participantId, instanceId, sessionId, displayName } = who;
  return fact('call.participant.reconnected', {
    participantId,
    instanceId,
    sessionId,
    gateway: 'edge-1/1',
    displayName,
    ...pageOf(who),
  });
};
export const disconnected = ({ participantId, sessionId }: Person, graceUntil: number) =>
  fact('call.participant.disconnected', {
    participantId,
    sessionId,
    reason: 'socket-closed',
    graceUntil: timeOfMs(graceUntil),
  });
export const left = ({ participantId }: Person, reason: 'left' | 'lost' | 'call-ended' = 'left') =>
  fact('call.participant.left', { participantId, reason });
export const locked = fact('call.locked', { by: host.participantId });
export const ended = (reason: 'host' | 'empty' | 'nobody-came' | 'max-duration', by?: Person) =>
  fact('call.ended', { reason, ...(by === undefined ? {} : { by: by.participantId }) });
export const published = ({ participantId }: Person, track: TrackDescription = camera) =>
  fact('call.track.published', { participantId, track });

/** The media takes the way to this Call Server, or without one the direct way. */
export const routed = (epoch: number, reason: RouteReason, people: number, server?: CallServer) =>
  fact('call.route.changed', {
    kind: server === undefined ? 'p2p' : 'call-server',
    epoch,
    reason,
    policy: 1,
    people,
    ...(server === undefined ? {} : { server }),
  });
export const switched = ({ participantId }: Person, epoch: number) =>
  fact('call.leg.switched', { participantId, epoch });
export const settled = (epoch: number, ...missing: readonly Person[]) =>
  fact('call.route.settled', { epoch, missing: missing.map((p) => p.participantId) });
export const produced = ({ participantId }: Person, epoch: number, what: ProducerDescription) =>
  fact('call.track.produced', { participantId, epoch, ...what });

/** The facts as stored events, in order, without the commands behind them. */
export function history(...facts: readonly Fact[]): CallEvent[] {
  return facts.flatMap(({ at: now = start, ...body }, seq) =>
    toEvents(ask('system', 'call.deadline', {}, { id: uuid(0xe000 + seq) }), [body as CallEventBody], {
      seq,
      now,
      codeVersion,
    }).map(withoutCause),
  );
}

/** Facts (none where nothing changes), a refusal, or the place of the first reply. */
export type Outcome =
  | readonly CallEventBody[]
  | { readonly rejected: RejectionCode; readonly field?: string }
  | { readonly repeated: number };
export const nothing: Outcome = [];
export const rejected = (code: RejectionCode, field?: string): Outcome => ({
  rejected: code,
  ...(field === undefined ? {} : { field }),
});
export const repeated = (seq: number): Outcome => ({ repeated: seq });

/** `expect(given(created(), joined(host)).when(join(second))).toEqual([joined(second)])` */
export function given(...facts: readonly Fact[]) {
  return givenState(fold(history(...facts)));
}

export function givenState(state: CallState) {
  deepFreeze(state);
  return {
    state,
    when(command: Command, now = start): Outcome {
      const decision = decide(state, deepFreeze(command), now);
      switch (decision.kind) {
        case 'accepted':
          return decision.events;
        case 'repeated':
          return repeated(decision.seq);
        case 'rejected': {
          const { code, message, field } = decision.rejection;
          if (message === '') throw new Error(`${code} says nothing to a person`);
          return rejected(reject(code).code, field);
        }
        default:
          return decision satisfies never;
      }
    },
  };
}

export interface Step {
  readonly decision: Decision;
  readonly events: readonly CallEvent[];
  readonly state: CallState;
}

/** Decides, puts the envelope around, folds: what an owner does with a command. */
export function play(state: CallState, command: Command, now = start): Step {
  const decision = decide(state, command, now);
  if (decision.kind !== 'accepted') return { decision, events: [], state };
  const events = toEvents(command, decision.events, { seq: state.view?.seq ?? 0, now, codeVersion });
  let after = state;
  for (const event of events) after = evolve(after, event);
  return { decision, events, state: after };
}

/** Plays commands in order; every one must be accepted. */
export function played(...commands: readonly Command[]): CallState {
  let state = initialState;
  for (const command of commands) {
    const step = play(state, command);
    if (step.decision.kind !== 'accepted') throw new Error(`${command.type} was not accepted`);
    state = step.state;
  }
  return state;
}

/** Makes any later change to it an error. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
