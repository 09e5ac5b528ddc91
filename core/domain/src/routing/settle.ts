import type { CallEventBody, CallView, ParticipantView } from '@ringback/schemas';
import { mediaPeople } from './people.ts';
import { backAgain } from './policy.ts';

/** After these there is nothing to settle. */
const overtakes = new Set<CallEventBody['type']>(['call.route.changed', 'call.ended']);

/**
 * The end of a switch, where these facts bring it about: everybody in the call shows the new route. Who lost their
 * socket is waited for as well: their media goes on, be it by the old leg alone, and all that would drop it. With the
 * edge of everybody gone that is the whole call.
 */
export function settledBy(view: CallView, facts: readonly CallEventBody[]): CallEventBody[] {
  const { route } = view;
  if (route?.before === undefined || facts.some(({ type }) => overtakes.has(type))) return [];
  const shown = new Set<string>();
  const gone = new Set<string>();
  for (const { type, data } of facts) {
    if (type === 'call.leg.switched') shown.add(data.participantId);
    if (type === 'call.participant.left') gone.add(data.participantId);
  }
  if (shown.size === 0 && gone.size === 0) return [];
  const missing = notShown(view).filter(
    ({ participantId }) => !shown.has(participantId) && !gone.has(participantId),
  );
  return missing.length > 0 ? [] : [settled(route.epoch, [])];
}

/**
 * The switch is over whoever is still missing; except that a way back which did not come about is undone. Who is away
 * can not say what they show, and counts only where nobody is there to say it.
 */
export function settledByTime(view: CallView): CallEventBody {
  const isAnybodyThere = mediaPeople(view).some(isConnected);
  const missing = notShown(view)
    .filter((person) => !isAnybodyThere || isConnected(person))
    .map((person) => person.participantId);
  const again = missing.length === 0 ? undefined : backAgain(view);
  return again ?? settled(view.route?.epoch ?? 0, missing);
}

function settled(epoch: number, missing: string[]): CallEventBody {
  return { type: 'call.route.settled', data: { epoch, missing } };
}

function notShown(view: CallView): ParticipantView[] {
  return mediaPeople(view).filter((person) => person.shownEpoch !== view.route?.epoch);
}

function isConnected(person: ParticipantView): boolean {
  return person.presence === 'connected';
}
