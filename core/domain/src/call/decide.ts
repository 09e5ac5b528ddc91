import {
  limits,
  timeOfMs,
  type CallEventBody,
  type CallView,
  type Command,
  type CommandOf,
  type ParticipantView,
} from '@ringback/schemas';
import { hasMedia, mediaPeople, whyNotCome } from '../routing/people.ts';
import { decideRoute, wayBack } from '../routing/policy.ts';
import { settledBy, settledByTime } from '../routing/settle.ts';
import { deadlines } from './deadlines.ts';
import { accept, refuse, type Decision } from './decision.ts';
import { lowerHand, muteParticipant, remove } from './decide-host.ts';
import { produce, reportTransport, serve, swapped, type ServerCommand } from './decide-media.ts';
import { findRecent, recentOf, type RecentCommand } from './recent.ts';
import { actorKey, isPresent, own, presentParticipants, type CallState } from './state.ts';

/**
 * Decides one command on the folded facts. Pure: time comes in as `now` (milliseconds since 1970), facts
 * from outside ride in the command. The rules are those of SPEC.md, in its order.
 */
export function decide(state: CallState, command: Command, now: number): Decision {
  const decision = decideAlone(state, command, now);
  if (decision.kind !== 'accepted' || state.view === undefined) return decision;
  const settled = settledBy(state.view, decision.events);
  return settled.length === 0 ? decision : accept(...decision.events, ...settled);
}

function decideAlone(state: CallState, command: Command, now: number): Decision {
  const { view } = state;
  if (view !== undefined && view.tenantId !== command.tenantId) return refuse('call_unknown');
  const before = doneBefore(state, command);
  if (before !== undefined) return { kind: 'repeated', seq: before };
  if (command.type === 'call.create') return view === undefined ? create(command) : refuse('call_exists');
  if (view === undefined) return refuse('call_unknown');
  if (view.status === 'ended') return refuse('call_ended');
  switch (command.type) {
    case 'call.join':
      return join(view, command);
    case 'call.deadline':
      return command.actor.kind === 'system' ? passDeadlines(view, now) : refuse('not_permitted');
    case 'call.disconnect':
      return command.actor.kind === 'system' ? disconnect(view, command, now) : refuse('not_permitted');
    case 'call.route':
      return command.actor.kind === 'system' ? route(view, command) : refuse('not_permitted');
    case 'call.server-failed':
    case 'call.transports':
    case 'call.transport-restarted':
    case 'call.consumers':
    case 'call.producer-refused':
    case 'call.layers':
    case 'call.encodings':
      return command.actor.kind === 'system' ? serve(view, command) : refuse('not_permitted');
    default:
      return act(view, command);
  }
}

/** The owner asks the policy, with what it knows of Call Servers. */
function route(view: CallView, command: CommandOf<'call.route'>): Decision {
  const change = decideRoute(view, command.data);
  return change === undefined ? accept() : accept(change);
}

/**
 * What a command that had its effect was answered, the same again. Cheap: nothing is decided.
 *
 * @returns a sequence; undefined where it left nothing in the log, or too long ago.
 */
export function doneBefore(state: CallState, command: Command): number | undefined {
  return state.view?.tenantId === command.tenantId ? findRepeat(state, command)?.seq : undefined;
}

/**
 * The same id again, from the same person. Somebody who left, or is somewhere else by now, asks without a
 * participant: their participants' memories count too.
 */
function findRepeat({ view, recent }: CallState, command: Command): RecentCommand | undefined {
  const { actor } = command;
  const keys = [actorKey(command)];
  if (actor.kind === 'user' && command.participantId === undefined && command.type !== 'call.join')
    for (const p of Object.values(view?.participants ?? {}))
      if (p.userId === actor.userId) keys.push(p.participantId);
  for (const key of keys) {
    const commands = recentOf(recent, key);
    const found = commands && findRecent(commands, command.id, (before) => isSame(before, command));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A join means one session: its reply would tell another session that it is in the call. */
function isSame(before: RecentCommand, command: Command): boolean {
  return command.type !== 'call.join' || before.sessionId === command.sessionId;
}

/** A newer gateway may know commands that we do not. */
function unknownCommand(command: never): Decision {
  return refuse('unknown_type', `${(command as Command).type} is not known here.`);
}

function create(command: CommandOf<'call.create'>): Decision {
  if (command.actor.kind !== 'user') return refuse('not_permitted');
  return accept({ type: 'call.created', data: { createdBy: command.actor.userId, ...command.data } });
}

function join(view: CallView, command: CommandOf<'call.join'>): Decision {
  const { actor, sessionId } = command;
  if (actor.kind !== 'user' || sessionId === undefined) return refuse('not_permitted');
  const { participantId, instanceId, displayName, capabilities, fingerprints, gateway = '' } = command.data;
  const page = {
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
  };
  const known = own(view.participants, participantId);
  if (known !== undefined && known.userId !== actor.userId)
    return refuse('participant_taken', undefined, 'data.participantId');
  if (isPresent(known)) {
    const same =
      known.presence === 'connected' && known.sessionId === sessionId && known.instanceId === instanceId;
    if (same) return accept();
    const samePage = known.instanceId === instanceId;
    const no = samePage ? undefined : comes(view, { capabilities: known.capabilities, ...page });
    if (no !== undefined) return no;
    return accept({
      type: 'call.participant.reconnected',
      data: {
        participantId,
        instanceId,
        sessionId,
        gateway,
        ...(samePage ? {} : { displayName, ...page }),
      },
    });
  }
  const host = actor.userId === view.createdBy || actor.admin;
  if (!host && wasRemoved(view, actor.userId)) return refuse('removed');
  if (actor.guest && !view.guestsAllowed && !host)
    return refuse('guests_disabled', 'This call does not admit guests.');
  if (view.locked && !host) return refuse('call_locked');
  if (presentParticipants(view).length >= view.participantsMax)
    return refuse('call_full', `The call is full: ${view.participantsMax} people are in it.`);
  // Everyone would send to everyone: with a Call Server the third person would have brought it in.
  const mesh = (view.route?.kind ?? 'p2p') === 'p2p' && hasMedia(page);
  if (mesh && mediaPeople(view).length >= limits.meshMax)
    return refuse(
      'call_full',
      `${limits.meshMax} people are in the call, which is as many as can be without a Call Server.`,
    );
  const no = comes(view, page);
  if (no !== undefined) return no;
  if (known === undefined && Object.keys(view.participants).length >= limits.participantsEverMax)
    return refuse(
      'call_full',
      `${limits.participantsEverMax} people have been in this call, which is as many as it can remember.`,
    );
  return accept({
    type: 'call.participant.joined',
    data: {
      participantId,
      userId: actor.userId,
      guest: actor.guest,
      role: host ? 'host' : 'participant',
      displayName,
      instanceId,
      sessionId,
      gateway,
      ...page,
    },
  });
}

/** Whom the Call Server can not take would be in the call without anybody's media, and nobody would know why. */
function comes(
  { route }: CallView,
  page: Pick<ParticipantView, 'capabilities' | 'fingerprints'>,
): Decision | undefined {
  const missing = route?.kind === 'call-server' && hasMedia(page) ? whyNotCome(page) : undefined;
  return missing && refuse('invalid', remedies[missing], `data.${missing}`);
}

const remedies = {
  fingerprints:
    'data.fingerprints: this call runs through a Call Server; give the fingerprints of the certificate that you will ' +
    'use for it, or capabilities without codecs to follow the call without media.',
  capabilities:
    'data.capabilities: this call runs through a Call Server; give the codecs of your device, one of them Opus, VP8, ' +
    'VP9, H264 (constrained baseline) or AV1, or none at all to follow the call without media.',
};

function wasRemoved(view: CallView, userId: string): boolean {
  return Object.values(view.participants).some((p) => p.userId === userId && p.leftReason === 'removed');
}

function disconnect(view: CallView, command: CommandOf<'call.disconnect'>, now: number): Decision {
  const participant = own(view.participants, command.participantId ?? '');
  // Late news of a session that was replaced, or of somebody who left, changes nothing.
  if (participant?.presence !== 'connected' || participant.sessionId !== command.sessionId) return accept();
  return accept({
    type: 'call.participant.disconnected',
    data: {
      participantId: participant.participantId,
      sessionId: participant.sessionId,
      reason: command.data.reason,
      graceUntil: timeOfMs(now + limits.graceMs),
    },
  });
}

function passDeadlines(view: CallView, now: number): Decision {
  const due = deadlines(view).filter((d) => d.at <= now);
  for (const { kind } of due)
    if (kind === 'empty' || kind === 'nobody-came' || kind === 'max-duration')
      return accept(...ending(view, kind));
  // A way back waits for its turn: the next deadline of a state without those who leave now.
  const leaving = due.flatMap(({ kind, participantId }): CallEventBody[] =>
    kind === 'grace' && participantId !== undefined
      ? [{ type: 'call.participant.left', data: { participantId, reason: 'lost' } }]
      : [],
  );
  if (leaving.length > 0) return accept(...leaving);
  if (due.some(({ kind }) => kind === 'route-settle')) return accept(settledByTime(view));
  return due.some(({ kind }) => kind === 'route-back') ? accept(wayBack(view)) : accept();
}

/** Everyone leaves, then the call is over. */
function ending(
  view: CallView,
  reason: 'host' | 'empty' | 'nobody-came' | 'max-duration',
  by?: string,
): CallEventBody[] {
  return [
    ...presentParticipants(view).map((p): CallEventBody => ({
      type: 'call.participant.left',
      data: { participantId: p.participantId, reason: 'call-ended' },
    })),
    { type: 'call.ended', data: { reason, ...(by === undefined ? {} : { by }) } },
  ];
}

type InCallCommand = Exclude<
  Command,
  { type: 'call.create' | 'call.join' | 'call.deadline' | 'call.disconnect' | 'call.route' } | ServerCommand
>;

/** Commands of somebody who is in the call, on the session that is theirs now. */
function act(view: CallView, command: InCallCommand): Decision {
  const me = own(view.participants, command.participantId ?? '');
  if (!isPresent(me) || command.actor.kind !== 'user' || me.userId !== command.actor.userId)
    return refuse('not_in_call');
  if (me.sessionId !== command.sessionId) return refuse('session_replaced');
  const participantId = me.participantId;
  switch (command.type) {
    case 'call.leave':
      return accept({ type: 'call.participant.left', data: { participantId, reason: 'left' } });
    case 'call.lock':
      if (me.role !== 'host') return refuse('not_host');
      return view.locked ? accept() : accept({ type: 'call.locked', data: { by: participantId } });
    case 'call.unlock':
      if (me.role !== 'host') return refuse('not_host');
      return view.locked ? accept({ type: 'call.unlocked', data: { by: participantId } }) : accept();
    case 'call.end':
      if (me.role !== 'host') return refuse('not_host');
      return accept(...ending(view, 'host', participantId));
    case 'call.publish':
      return publish(me, command);
    case 'call.unpublish':
    case 'call.mute':
    case 'call.unmute':
      return changeTrack(me, command);
    case 'call.offer':
    case 'call.answer':
    case 'call.candidate':
      return negotiate(view, me, command);
    case 'call.capabilities': {
      const { capabilities } = command.data;
      return (
        comes(view, { ...me, capabilities }) ??
        accept({ type: 'call.capabilities.announced', data: { participantId, capabilities } })
      );
    }
    case 'call.connection':
      return reportConnection(view, me, command);
    case 'call.transport':
      return reportTransport(view, me, command);
    case 'call.produce':
      return produce(view, me, command);
    case 'call.swapped':
      return swapped(view, me, command);
    case 'call.bandwidth':
      return me.bandwidth === command.data.decision
        ? accept()
        : accept({ type: 'call.bandwidth.changed', data: { participantId, ...command.data } });
    case 'call.raise-hand':
      return me.handRaisedAt === undefined
        ? accept({ type: 'call.hand.raised', data: { participantId } })
        : accept();
    case 'call.lower-hand':
      return lowerHand(view, me, command);
    case 'call.mute-participant':
      return muteParticipant(view, me, command);
    case 'call.remove':
      return remove(view, me, command);
    default:
      return unknownCommand(command);
  }
}

function publish(me: ParticipantView, command: CommandOf<'call.publish'>): Decision {
  const { track } = command.data;
  const tracks = Object.values(me.tracks);
  if (own(me.tracks, track.trackId) !== undefined)
    return refuse('track_exists', undefined, 'data.track.trackId');
  if (tracks.length >= limits.tracksPerParticipantMax) return refuse('track_limit');
  if (track.source === 'screen' && tracks.some((t) => t.source === 'screen'))
    return refuse('screen_share_exists');
  return accept({ type: 'call.track.published', data: { participantId: me.participantId, track } });
}

function changeTrack(
  me: ParticipantView,
  command: CommandOf<'call.unpublish' | 'call.mute' | 'call.unmute'>,
): Decision {
  const { trackId } = command.data;
  const track = own(me.tracks, trackId);
  if (track === undefined) return refuse('track_unknown', undefined, 'data.trackId');
  const data = { participantId: me.participantId, trackId };
  if (command.type === 'call.unpublish') return accept({ type: 'call.track.unpublished', data });
  if (track.muted === (command.type === 'call.mute')) return accept();
  return accept({ type: command.type === 'call.mute' ? 'call.track.muted' : 'call.track.unmuted', data });
}

/** Is there somebody to address? */
function addressee(view: CallView, me: ParticipantView, to: string, field: string): Decision | undefined {
  if (to === me.participantId) return refuse('peer_is_self', undefined, field);
  const peer = own(view.participants, to);
  if (peer === undefined) return refuse('peer_unknown', undefined, field);
  return isPresent(peer) ? undefined : refuse('peer_left', undefined, field);
}

function negotiate(
  view: CallView,
  me: ParticipantView,
  command: CommandOf<'call.offer' | 'call.answer' | 'call.candidate'>,
): Decision {
  const { to, connectionId } = command.data;
  const no = addressee(view, me, to, 'data.to');
  if (no !== undefined) return no;
  const from = me.participantId;
  switch (command.type) {
    case 'call.offer':
      return accept({ type: 'call.offer.sent', data: { from, to, connectionId, sdp: command.data.sdp } });
    case 'call.answer':
      return accept({ type: 'call.answer.sent', data: { from, to, connectionId, sdp: command.data.sdp } });
    case 'call.candidate':
      return accept({
        type: 'call.candidate.sent',
        data: { from, to, connectionId, candidate: command.data.candidate },
      });
    default:
      return unknownCommand(command);
  }
}

function reportConnection(
  view: CallView,
  me: ParticipantView,
  command: CommandOf<'call.connection'>,
): Decision {
  const no = addressee(view, me, command.data.peerId, 'data.peerId');
  if (no !== undefined) return no;
  const known = own(me.connections, command.data.peerId);
  const { state, connectionId, pair } = command.data;
  // Another round-trip time alone is a sample, not a change.
  const unchanged =
    known?.state === state &&
    known.connectionId === connectionId &&
    known.pair?.localCandidateType === pair?.localCandidateType &&
    known.pair?.remoteCandidateType === pair?.remoteCandidateType &&
    known.pair?.protocol === pair?.protocol &&
    known.pair?.relayProtocol === pair?.relayProtocol;
  return unchanged
    ? accept()
    : accept({ type: 'call.connection.changed', data: { participantId: me.participantId, ...command.data } });
}
