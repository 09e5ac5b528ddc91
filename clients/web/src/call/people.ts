import type { CallView, ParticipantView, TrackSource } from '@ringback/schemas';
import type { Call, RingbackError } from '@ringback/sdk';

/** Everybody who is in the call, in the order they came. */
export function presentPeople(view: CallView | undefined): ParticipantView[] {
  return Object.values(view?.participants ?? {})
    .filter((p) => p.presence !== 'left')
    .sort((a, b) => a.joinedAt - b.joinedAt || (a.participantId < b.participantId ? -1 : 1));
}

/** Who raised a hand, the longest waiting first. */
export function raisedHands(people: readonly ParticipantView[]): ParticipantView[] {
  return people.filter((p) => p.handRaisedAt !== undefined).sort((a, b) => a.handRaisedAt! - b.handRaisedAt!);
}

/** Sends it, and not muted. */
export function sends(person: ParticipantView, source: TrackSource): boolean {
  return Object.values(person.tracks).some((t) => t.source === source && !t.muted);
}

/** What one does with regard to the others: one's hand, and what hosts may. */
export class PeopleActions {
  readonly #call: () => Call | undefined;
  readonly #onError: (error: RingbackError) => void;

  constructor(call: () => Call | undefined, onError: (error: RingbackError) => void) {
    this.#call = call;
    this.#onError = onError;
  }

  raiseHand = () => this.#try((call) => call.raiseHand());
  lowerHand = (participantId?: string) => this.#try((call) => call.lowerHand(participantId));
  mute = (participantId: string) => this.#try((call) => call.muteParticipant(participantId, 'microphone'));
  remove = (participantId: string) => this.#try((call) => call.remove(participantId));

  #try(action: (call: Call) => Promise<unknown>): void {
    const call = this.#call();
    if (call) void action(call).catch((error: RingbackError) => this.#onError(error));
  }
}
