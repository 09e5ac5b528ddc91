import { limits, type CallView } from '@ringback/schemas';
import { wayBackAt } from '../routing/policy.ts';
import { inOrder, isPresent } from './state.ts';

/** A moment at which the call changes by itself. */
export interface Deadline {
  readonly kind: 'grace' | 'route-settle' | 'route-back' | 'empty' | 'nobody-came' | 'max-duration';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who leaves, for `grace`. */
  readonly participantId?: string;
}

/**
 * All moments that an open call waits for, soonest first (of the same moment: in the order they joined). A call that
 * is open always has one: it always ends.
 */
export function deadlines(view: CallView): Deadline[] {
  if (view.status === 'ended') return [];
  const due: Deadline[] = [{ kind: 'max-duration', at: view.createdAt + view.durationMsMax }];
  if (view.emptySince !== undefined) due.push({ kind: 'empty', at: view.emptySince + view.emptyTimeoutMs });
  else if (Object.keys(view.participants).length === 0)
    due.push({
      kind: 'nobody-came',
      at: view.createdAt + Math.max(limits.firstJoinTimeoutMs, view.emptyTimeoutMs),
    });
  const away = Object.values(view.participants).filter((p) => isPresent(p) && p.graceUntil !== undefined);
  for (const { graceUntil, participantId } of inOrder(away))
    due.push({ kind: 'grace', at: graceUntil!, participantId });
  if (view.route?.before !== undefined)
    due.push({ kind: 'route-settle', at: view.route.since + limits.routeSettleMs });
  const back = wayBackAt(view);
  if (back !== undefined) due.push({ kind: 'route-back', at: back });
  return due.sort((a, b) => a.at - b.at);
}

/** The soonest of them, in milliseconds since 1970; `undefined` for an ended call. */
export function nextDeadline(view: CallView): number | undefined {
  return deadlines(view)[0]?.at;
}
