import type { CallEventBody, CallView } from '@ringback/schemas';
import { mediaPeople } from './people.ts';
import { backAgain } from './policy.ts';

/** After these there is nothing to settle. */
const overtakes = new Set<CallEventBody['type']>(['call.route.changed', 'call.ended']);

/**
 * The end of a switch, where these facts bring it about: everybody who is connected shows the new route. Who is away
 * makes nobody wait.
 */
export function settledBy(view: CallView, facts: readonly CallEventBody[]): CallEventBody[] {
  const { route } = view;
  if (route?.before === undefined || facts.some(({ type }) => overtakes.has(type))) return [];
  const shown = new Set<string>();
  const gone = new Set<string>();
  for (const { type, data } of facts) {
    if (type === 'call.leg.switched') shown.add(data.participantId);
    if (type === 'call.participant.left' || type === 'call.participant.disconnected')
      gone.add(data.participantId);
  }
  if (shown.size === 0 && gone.size === 0) return [];
  const missing = notShown(view).filter((id) => !shown.has(id) && !gone.has(id));
  return missing.length > 0 ? [] : [settled(route.epoch, [])];
}

/** The switch is over whoever is still missing; except that a way back which did not come about is undone. */
export function settledByTime(view: CallView): CallEventBody {
  const missing = notShown(view);
  const again = missing.length === 0 ? undefined : backAgain(view);
  return again ?? settled(view.route?.epoch ?? 0, missing);
}

function settled(epoch: number, missing: string[]): CallEventBody {
  return { type: 'call.route.settled', data: { epoch, missing } };
}

function notShown(view: CallView): string[] {
  return mediaPeople(view)
    .filter((p) => p.presence === 'connected' && p.shownEpoch !== view.route?.epoch)
    .map((p) => p.participantId);
}
