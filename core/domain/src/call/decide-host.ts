import type { CallView, CommandOf, ParticipantView } from '@ringback/schemas';
import { accept, refuse, type Decision } from './decision.ts';
import { isPresent, own } from './state.ts';

/** A hand is taken down by its owner, or by a host. */
export function lowerHand(
  view: CallView,
  me: ParticipantView,
  { data }: CommandOf<'call.lower-hand'>,
): Decision {
  const participantId = data.participantId ?? me.participantId;
  if (participantId !== me.participantId && me.role !== 'host') return refuse('not_host');
  const whose = own(view.participants, participantId);
  if (!isPresent(whose)) return refuse('participant_unknown', undefined, 'data.participantId');
  if (whose.handRaisedAt === undefined) return accept();
  return accept({ type: 'call.hand.lowered', data: { participantId, by: me.participantId } });
}

/** A host silences somebody; nobody but the person themselves turns a microphone or a camera on. */
export function muteParticipant(
  view: CallView,
  me: ParticipantView,
  { data }: CommandOf<'call.mute-participant'>,
): Decision {
  if (me.role !== 'host') return refuse('not_host');
  const whose = own(view.participants, data.participantId);
  if (!isPresent(whose)) return refuse('participant_unknown', undefined, 'data.participantId');
  const track = own(whose.tracks, data.trackId);
  if (track === undefined) return refuse('track_unknown', 'This person has no such track.', 'data.trackId');
  return track.muted
    ? accept()
    : accept({ type: 'call.track.muted', data: { ...data, by: me.participantId } });
}

/** A host removes somebody who is no host. */
export function remove(view: CallView, me: ParticipantView, { data }: CommandOf<'call.remove'>): Decision {
  if (me.role !== 'host') return refuse('not_host');
  const { participantId } = data;
  const whose = own(view.participants, participantId);
  if (!isPresent(whose)) return refuse('participant_unknown', undefined, 'data.participantId');
  if (whose.role === 'host') return refuse('target_is_host', undefined, 'data.participantId');
  return accept({
    type: 'call.participant.left',
    data: { participantId, reason: 'removed', by: me.participantId },
  });
}
