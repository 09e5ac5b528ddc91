import type { CallView, Command, ParticipantView } from '@ringback/schemas';
import type { Recent } from './recent.ts';

/** Everything that deciding needs, folded from the facts alone. */
export interface CallState {
  /** Absent until the call was created. */
  readonly view: CallView | undefined;
  /** What each actor asked lately, so that a repeat gets its first reply. */
  readonly recent: Recent;
}

export const initialState: CallState = { view: undefined, recent: [] };

/** Whose memory a command's id is kept in: the participant's, or the user's while there is none. */
export function actorKey(command: Pick<Command, 'participantId' | 'actor'>): string {
  if (command.participantId !== undefined) return command.participantId;
  return command.actor.kind === 'user' ? `user:${command.actor.userId}` : `system:${command.actor.name}`;
}

/** In the call: connected, or away for no longer than the grace time. */
export function isPresent(participant: ParticipantView | undefined): participant is ParticipantView {
  return participant !== undefined && participant.presence !== 'left';
}

/**
 * Those in the call, in the order they joined. Taken from the values and not from the order of the record's keys,
 * which sorted JSON (a snapshot, another language) does not keep: decisions rest on this order.
 */
export function presentParticipants(view: CallView): ParticipantView[] {
  return inOrder(Object.values(view.participants).filter(isPresent));
}

/** As they joined. */
export function inOrder(people: ParticipantView[]): ParticipantView[] {
  return people.sort((a, b) => a.joinedAt - b.joinedAt || (a.participantId < b.participantId ? -1 : 1));
}

/** May this user read the call's timeline? Those who made it or were ever in it may. */
export function tookPart(view: CallView, userId: string): boolean {
  return view.createdBy === userId || Object.values(view.participants).some((p) => p.userId === userId);
}

/** A member of a record by a key that came from outside: never something inherited, such as `constructor`. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
