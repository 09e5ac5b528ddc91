import { limits, type CallEvent, type CallView, type Route, type RouteReason } from '@ringback/schemas';
import { connectionIdOf, mediaPeople } from './people.ts';

type RouteChanged = Extract<CallEvent, { type: 'call.route.changed' }>;

/** Folds a switch: the old route is kept beside the new one, unless it is what failed. */
export function changeRoute(view: CallView, { data }: RouteChanged, at: number): CallView {
  const before = keptBeside(view.route, data);
  const route: Route = {
    kind: data.kind,
    epoch: data.epoch,
    reason: data.reason,
    since: at,
    ...(data.server === undefined ? {} : { server: data.server }),
    ...(before === undefined ? {} : { before }),
    failedConnections: failed(view, data.reason),
  };
  return withCalm(forgetStale({ ...view, route }), at);
}

/**
 * A route that is left while an older one is kept never came about: the older one stays. A mesh beside a mesh is the
 * same one, which goes on.
 */
function keptBeside(route: Route | undefined, { kind, reason }: RouteChanged['data']): Route['before'] {
  const kept = route?.before ?? (isLost(reason) ? undefined : asBefore(route));
  return kept?.kind === 'p2p' && kind === 'p2p' ? undefined : kept;
}

function asBefore(route: Route | undefined): Route['before'] {
  const { kind = 'p2p', epoch = 0, server } = route ?? {};
  return { kind, epoch, ...(server === undefined ? {} : { server }) };
}

/** The route that is left is dead: there is nothing of it to keep. */
function isLost(reason: RouteReason): boolean {
  return reason === 'call-server-lost' || reason === 'call-server-failed' || reason === 'no-call-server';
}

/**
 * Peer connections that failed, the latest last. One that did not come about in time may not have said so. With one
 * end away it says nothing of the way between them.
 */
function failed(view: CallView, reason: RouteReason): string[] {
  const people = mediaPeople(view).filter(({ presence }) => presence === 'connected');
  const ids = new Set(view.route?.failedConnections);
  const connected = new Set(people.map(({ participantId }) => participantId));
  for (const person of people)
    for (const [peerId, { connectionId, state }] of Object.entries(person.connections))
      if (state === 'failed' && connected.has(peerId)) ids.add(connectionId);
  const [a, b] = people;
  if (reason === 'p2p-failed' && a !== undefined && b !== undefined)
    ids.add(connectionIdOf(a.instanceId, b.instanceId));
  return [...ids].slice(-limits.failedConnectionsMax);
}

/** The switch is over. */
export function settleRoute(view: CallView): CallView {
  if (view.route === undefined) return view;
  const { before: _, ...route } = view.route;
  return forgetStale({ ...view, route });
}

/** What belongs neither to the route nor to the one that is kept beside it is gone. */
function forgetStale(view: CallView): CallView {
  const epochs = [view.route?.epoch, view.route?.before?.epoch];
  const participants = Object.fromEntries(
    Object.entries(view.participants).map(([id, person]) => {
      const { producers, transports, ...rest } = person;
      if (producers === undefined && transports === undefined) return [id, person];
      const kept = Object.entries(producers ?? {}).filter(([, { epoch }]) => epochs.includes(epoch));
      const ends = Object.entries(transports ?? {}).filter(([, end]) => epochs.includes(end?.epoch));
      return [
        id,
        {
          ...rest,
          ...(kept.length === 0 ? {} : { producers: Object.fromEntries(kept) }),
          ...(ends.length === 0 ? {} : { transports: Object.fromEntries(ends) }),
        },
      ];
    }),
  );
  return { ...view, participants };
}

/**
 * Since when the same people with media, no more than two, are in it on the same pages. A fact of the log rather than
 * a judgement: the policy may change, what was folded stays.
 *
 * @param at when somebody, or what they can do, changed.
 */
export function withCalm(view: CallView, at: number): CallView {
  if (view.route?.kind !== 'call-server') return view;
  const { calmSince: _, ...route } = view.route;
  return { ...view, route: mediaPeople(view).length <= 2 ? { ...route, calmSince: at } : route };
}
