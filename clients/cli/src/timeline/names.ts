import type { CallView } from '@ringback/schemas';
import { printable } from '../terminal.ts';
import { shortId } from '../text.ts';

/** The name of a participant; those who share one get a piece of their id beside it. */
export function nameOf(view: CallView | undefined, participantId: string): string {
  const participants = Object.values(view?.participants ?? {});
  const own = participants.find((p) => p.participantId === participantId);
  if (own === undefined) return shortId(participantId);
  const name = printable(own.displayName);
  const alone = participants.every((p) => p === own || p.displayName !== own.displayName);
  return alone ? name : `${name} (${shortId(participantId)})`;
}

/** The name of a user as people know them, or a piece of their id. */
export function nameOfUser(view: CallView | undefined, userId: string): string {
  const participant = Object.values(view?.participants ?? {}).find((p) => p.userId === userId);
  if (participant !== undefined) return nameOf(view, participant.participantId);
  // The random end of an id tells users apart; a prefix like "guest-" does not.
  return userId.length <= 12 ? userId : `…${userId.slice(-8)}`;
}
