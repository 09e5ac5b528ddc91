import {
  msOfTime,
  upcast,
  versionOf,
  type CallEvent,
  type CallView,
  type ParticipantView,
} from '@ringback/schemas';
import { changeRoute, settleRoute, withCalm } from '../routing/evolve-route.ts';
import { addRecent, findRecent, recentOf, replaceRecent, withRecent } from './recent.ts';
import { actorKey, initialState, isPresent, own, type CallState } from './state.ts';

/** A version of an event that this code does not know: newer code ran here and was taken back. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';

  constructor({ id, type, schemaversion, codeversion }: CallEvent) {
    super(
      `${id}: version ${schemaversion} of ${type} was written by version ${codeversion} of the platform; this one ` +
        `knows versions up to ${versionOf(type)}. Run that one or a newer one to go on with the call.`,
    );
  }
}

/**
 * Folds one fact into the state, in whichever version it was stored. Total: every event type has its branch, and a
 * new one fails to compile.
 *
 * @throws NewerEvent, and as `evolveCall`
 */
export function evolve(state: CallState, event: CallEvent): CallState {
  return { view: evolveCall(state.view, event), recent: remember(state.recent, event) };
}

/** Folds all facts of one call, in order. */
export function fold(events: Iterable<CallEvent>): CallState {
  let state = initialState;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** What everybody may see of a call, folded; the timeline and the SDK use it too. */
export function foldCall(events: Iterable<CallEvent>): CallView | undefined {
  let view: CallView | undefined;
  for (const event of events) view = evolveCall(view, event);
  return view;
}

/**
 * For who shows and does not decide: what can not be folded changes nothing but `seq`. Also of what is known:
 * somebody whose joining is not can not be found later.
 *
 * @returns `undefined` before the call was made, as far as this code knows.
 */
export function evolveShown(view: CallView | undefined, event: CallEvent): CallView | undefined {
  try {
    return evolveCall(view, event);
  } catch {
    return view && { ...view, seq: event.sequence };
  }
}

/**
 * Folds one fact into the public view of its call. A new type may be skipped: it changes nothing but `seq`. A new
 * version may not.
 *
 * @throws NewerEvent
 * @throws Error where the first fact is not `call.created`: the log is damaged, or read from its middle.
 */
export function evolveCall(view: CallView | undefined, stored: CallEvent): CallView {
  const event = upcast(stored);
  if (event === 'newer') throw new NewerEvent(stored);
  const seq = stored.sequence;
  const at = msOfTime(stored.time);
  if (event !== 'unknown' && event.type === 'call.created') {
    const { cause: _, createdBy, ...settings } = event.data;
    return {
      callId: event.subject,
      tenantId: event.tenantid,
      seq,
      status: 'open',
      ...settings,
      createdBy,
      createdAt: at,
      locked: false,
      participants: {},
    };
  }
  if (view === undefined)
    throw new Error(`${stored.subject}: the first event is ${stored.type}, not call.created`);
  if (event === 'unknown') return { ...view, seq };
  return { ...apply(view, event, at), seq };
}

function apply(view: CallView, event: Exclude<CallEvent, { type: 'call.created' }>, at: number): CallView {
  switch (event.type) {
    case 'call.participant.joined': {
      const { cause: _, ...person } = event.data;
      const { emptySince: __, ...rest } = view;
      const participant: ParticipantView = {
        ...person,
        presence: 'connected',
        joinedAt: at,
        tracks: {},
        connections: {},
      };
      return withCalm(withParticipant(rest, participant), at);
    }
    case 'call.participant.reconnected': {
      const { cause: _, participantId, instanceId, ...back } = event.data;
      const samePage = own(view.participants, participantId)?.instanceId === instanceId;
      // A new page has none of the old one's tracks and peer connections.
      const after = update(
        samePage ? view : withoutConnectionsTo(view, participantId),
        participantId,
        (p) => {
          const { graceUntil: __, ...rest } = samePage ? p : withoutPage(p);
          return { ...rest, ...back, instanceId, presence: 'connected' };
        },
      );
      return samePage ? after : withCalm(after, at);
    }
    case 'call.participant.disconnected':
      return update(view, event.data.participantId, (p) => ({
        ...p,
        presence: 'disconnected',
        graceUntil: msOfTime(event.data.graceUntil),
      }));
    case 'call.participant.left': {
      const { participantId } = event.data;
      const after = update(withoutConnectionsTo(view, participantId), participantId, (p) => {
        // What a device could do is of no use to anybody now, and is most of the bytes.
        const { graceUntil: _, capabilities: __, handRaisedAt: ___, ...rest } = withoutPage(p);
        return { ...rest, presence: 'left', leftAt: at, leftReason: event.data.reason };
      });
      const calm = withCalm(after, at);
      return Object.values(calm.participants).some(isPresent) ? calm : { ...calm, emptySince: at };
    }
    case 'call.locked':
      return { ...view, locked: true };
    case 'call.unlocked':
      return { ...view, locked: false };
    case 'call.ended':
      return { ...view, status: 'ended', endedAt: at, endReason: event.data.reason };
    case 'call.track.published':
      return update(view, event.data.participantId, (p) => ({
        ...p,
        tracks: { ...p.tracks, [event.data.track.trackId]: event.data.track },
      }));
    case 'call.track.unpublished':
      return update(view, event.data.participantId, (p) => {
        const { [event.data.trackId]: _, ...tracks } = p.tracks;
        const { [event.data.trackId]: __, ...producers } = p.producers ?? {};
        return { ...p, tracks, ...(p.producers === undefined ? {} : { producers }) };
      });
    case 'call.track.muted':
      return setMuted(view, event.data, true);
    case 'call.track.unmuted':
      return setMuted(view, event.data, false);
    case 'call.capabilities.announced':
      return withCalm(
        update(view, event.data.participantId, (p) => ({ ...p, capabilities: event.data.capabilities })),
        at,
      );
    case 'call.connection.changed':
      return update(view, event.data.participantId, (p) => {
        const { cause: _, participantId: __, ...connection } = event.data;
        return { ...p, connections: { ...p.connections, [connection.peerId]: connection } };
      });
    case 'call.offer.sent':
    case 'call.answer.sent':
    case 'call.candidate.sent':
      // Negotiation is between two browsers: what comes of it is reported as call.connection.changed.
      return view;
    case 'call.route.changed':
      return changeRoute(view, event, at);
    case 'call.route.settled':
      return settleRoute(view);
    case 'call.leg.switched':
      return update(view, event.data.participantId, (p) => ({ ...p, shownEpoch: event.data.epoch }));
    case 'call.transport.changed': {
      const { cause: _, restart: __, participantId, direction, ...end } = event.data;
      return update(view, participantId, (p) => {
        // Of the route that is being left: nothing that hides the new one's.
        if ((p.transports?.[direction]?.epoch ?? 0) > end.epoch) return p;
        return { ...p, transports: { ...p.transports, [direction]: end } };
      });
    }
    case 'call.track.produced': {
      const { cause: _, participantId, ...producer } = event.data;
      return update(view, participantId, (p) => ({
        ...p,
        producers: { ...p.producers, [producer.trackId]: producer },
      }));
    }
    case 'call.bandwidth.changed':
      return update(view, event.data.participantId, (p) => ({ ...p, bandwidth: event.data.decision }));
    case 'call.hand.raised':
      return update(view, event.data.participantId, (p) => ({ ...p, handRaisedAt: at }));
    case 'call.hand.lowered':
      return update(view, event.data.participantId, (p) => {
        const { handRaisedAt: _, ...rest } = p;
        return rest;
      });
    case 'call.transports.created':
    case 'call.transport.restarted':
    case 'call.producer.refused':
    case 'call.consumers.created':
    case 'call.layers.changed':
    case 'call.encodings.changed':
      // Between the Call Server and one page, like the negotiation of two.
      return view;
    default:
      return event satisfies never;
  }
}

/** Without all that belongs to a page: it is gone. */
function withoutPage(p: ParticipantView): ParticipantView {
  const { fingerprints: _, producers: __, transports: ___, shownEpoch: ____, bandwidth: _____, ...rest } = p;
  return { ...rest, tracks: {}, connections: {} };
}

/** The other ends of the connections of somebody whose own end is gone: nobody can report on them any more. */
function withoutConnectionsTo(view: CallView, peerId: string): CallView {
  let after = view;
  for (const p of Object.values(view.participants)) {
    if (own(p.connections, peerId) === undefined) continue;
    const { [peerId]: _, ...connections } = p.connections;
    after = withParticipant(after, { ...p, connections });
  }
  return after;
}

function setMuted(
  view: CallView,
  data: { participantId: string; trackId: string },
  muted: boolean,
): CallView {
  return update(view, data.participantId, (p) => {
    const track = own(p.tracks, data.trackId);
    return track === undefined ? p : { ...p, tracks: { ...p.tracks, [data.trackId]: { ...track, muted } } };
  });
}

function update(
  view: CallView,
  participantId: string,
  change: (p: ParticipantView) => ParticipantView,
): CallView {
  const participant = own(view.participants, participantId);
  if (participant === undefined)
    throw new Error(`${view.callId}: no participant ${participantId} at event ${view.seq + 1}`);
  return withParticipant(view, change(participant));
}

function withParticipant(view: CallView, participant: ParticipantView): CallView {
  return { ...view, participants: { ...view.participants, [participant.participantId]: participant } };
}

/** The reply to a command is the sequence of its last event; every event of it names the command. */
function remember(recent: CallState['recent'], event: CallEvent): CallState['recent'] {
  const cause = event.data.cause;
  const id = event.causationid;
  if (cause === undefined) {
    // A later event of the same command: its reply moves on to this one. Its sequence tells the command from
    // somebody else's of the same id.
    for (const commands of recent) {
      const found = findRecent(commands, id, ({ seq }) => seq === event.sequence - 1);
      if (found !== undefined) return withRecent(recent, replaceRecent(commands, found, event.sequence));
    }
    return recent;
  }
  const actor = actorKey(cause);
  const session =
    cause.command === 'call.join' && cause.sessionId !== undefined ? { sessionId: cause.sessionId } : {};
  const command = { id, seq: event.sequence, ...session };
  return withRecent(recent, addRecent(recentOf(recent, actor), actor, command));
}
