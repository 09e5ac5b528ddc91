import type { CallView, ParticipantView, TrackDescription } from '@ringback/schemas';
import type { CallEvents } from './types.ts';

type ChangeName =
  | 'participant-joined'
  | 'participant-left'
  | 'participant-changed'
  | 'track-published'
  | 'track-changed'
  | 'track-unpublished';
export type Change = { [Name in ChangeName]: { name: Name; payload: CallEvents[Name] } }[ChangeName];

/**
 * What happened to people and tracks between two states. Taken from states, not from events, so that a snapshot
 * tells the same story as the events it stands for. Relies on folding being immutable: what is the same object is
 * unchanged.
 */
export function changesBetween(before: CallView | undefined, after: CallView): Change[] {
  if (before?.participants === after.participants) return [];
  return Object.values(after.participants).flatMap((participant) => {
    const known = before?.participants[participant.participantId];
    return known === participant ? [] : changesOf(known, participant);
  });
}

function changesOf(before: ParticipantView | undefined, after: ParticipantView): Change[] {
  const wasIn = before !== undefined && before.presence !== 'left';
  const isIn = after.presence !== 'left';
  const tracks = trackChanges(after.participantId, wasIn ? before.tracks : {}, isIn ? after.tracks : {});
  if (!wasIn && !isIn) return [];
  if (!wasIn) return [{ name: 'participant-joined', payload: after }, ...tracks];
  if (!isIn) return [...tracks, { name: 'participant-left', payload: after }];
  const tracksOnly =
    before.presence === after.presence &&
    before.instanceId === after.instanceId &&
    before.capabilities === after.capabilities &&
    before.handRaisedAt === after.handRaisedAt &&
    before.bandwidth === after.bandwidth &&
    before.connections === after.connections;
  return tracksOnly ? tracks : [{ name: 'participant-changed', payload: after }, ...tracks];
}

type Tracks = Record<string, TrackDescription>;

function trackChanges(participantId: string, before: Tracks, after: Tracks): Change[] {
  if (before === after) return [];
  const changes: Change[] = [];
  for (const track of Object.values(before))
    if (!(track.trackId in after))
      changes.push({ name: 'track-unpublished', payload: { participantId, track } });
  for (const track of Object.values(after)) {
    const known = before[track.trackId];
    if (known === undefined) changes.push({ name: 'track-published', payload: { participantId, track } });
    else if (known !== track) changes.push({ name: 'track-changed', payload: { participantId, track } });
  }
  return changes;
}
