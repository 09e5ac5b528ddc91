import type { CallEventBody, CallServer, CallView, ParticipantView, RouteReason } from '@ringback/schemas';
import { limits } from '@ringback/schemas';
import { own } from '../call/state.ts';
import { canCome, connectionIdOf, mediaPeople } from './people.ts';

/** Raised with every change of what this file decides; stands in each `call.route.changed`. */
export const routePolicyVersion = 1;

/** What only the owner of the call knows. */
export interface RouteInputs {
  /** Call Servers that were heard lately. */
  readonly servers: readonly CallServer[];
  /** Where most of the people are. */
  readonly region?: string | undefined;
}

type RouteChange = Extract<CallEventBody, { type: 'call.route.changed' }>;

/** Why this call can not do without a Call Server; undefined where it can. */
export function needsCallServer(view: CallView): RouteReason | undefined {
  const people = mediaPeople(view);
  if (people.length < 2) return undefined;
  if (people.length > 2) return 'third-joined';
  if (people.some((p) => p.capabilities?.peerToPeer === false)) return 'capabilities';
  return hasFailed(view, people[0]!, people[1]!) ? 'p2p-failed' : undefined;
}

/** Did the direct connection between these two pages fail, now or before an earlier switch? */
function hasFailed(view: CallView, a: ParticipantView, b: ParticipantView): boolean {
  const connectionId = connectionIdOf(a.instanceId, b.instanceId);
  if (view.route?.failedConnections.includes(connectionId) === true) return true;
  return [own(a.connections, b.participantId), own(b.connections, a.participantId)].some(
    (end) => end?.connectionId === connectionId && end.state === 'failed',
  );
}

/**
 * The other way that the media should take now; undefined where all is well. Pure: the same inputs give the same
 * answer wherever it is asked again.
 */
export function decideRoute(view: CallView, inputs: RouteInputs): RouteChange | undefined {
  if (view.status === 'ended') return undefined;
  const { route } = view;
  if (route?.kind === 'call-server') return replaceServer(view, inputs);
  const reason = needsCallServer(view);
  if (reason === undefined || !canAllCome(view)) return undefined;
  // One switch at a time: clients hold two legs, not three. But a way back that failed leads nowhere.
  if (route?.before !== undefined && reason !== 'p2p-failed') return undefined;
  const server = chooseServer(inputs, route?.before?.server);
  return server && change(view, 'call-server', reason, server);
}

/** Nobody is left behind. */
function canAllCome(view: CallView): boolean {
  return mediaPeople(view).every(canCome);
}

/** The Call Server in use is not heard any more: another one, else the mesh, as far as that goes. */
function replaceServer(view: CallView, inputs: RouteInputs): RouteChange | undefined {
  if (inputs.servers.some(({ gateway }) => gateway === view.route?.server?.gateway)) return undefined;
  // Nobody there to notice, and whoever comes back may find another one.
  if (mediaPeople(view).length === 0) return undefined;
  const server = chooseServer(inputs);
  if (server !== undefined) return change(view, 'call-server', 'call-server-lost', server);
  return mediaPeople(view).length <= limits.meshMax ? change(view, 'p2p', 'no-call-server') : undefined;
}

/** The way back, once nothing has spoken for the Call Server for long enough (the deadline says when). */
export function wayBack(view: CallView): RouteChange {
  return change(view, 'p2p', 'two-again');
}

/**
 * The way back did not come about in time: to the Call Server again, which is still kept; without it nobody would
 * have anybody's media. Undefined where this is no way back, or nobody is left to talk to.
 */
export function backAgain(view: CallView): RouteChange | undefined {
  const server = view.route?.kind === 'p2p' ? view.route.before?.server : undefined;
  if (server === undefined || mediaPeople(view).length < 2 || !canAllCome(view)) return undefined;
  return change(view, 'call-server', needsCallServer(view) ?? 'p2p-failed', server);
}

/** When the way back is due, in milliseconds since 1970; undefined where it is not. */
export function wayBackAt(view: CallView): number | undefined {
  const { route } = view;
  if (route?.kind !== 'call-server' || route.before !== undefined || route.calmSince === undefined)
    return undefined;
  // With nobody left to talk to there is nothing to switch, and who is away can not come along.
  const people = mediaPeople(view);
  if (people.length < 2 || people.some((p) => p.presence !== 'connected')) return undefined;
  if (needsCallServer(view) !== undefined) return undefined;
  return route.calmSince + limits.routeCalmMs;
}

/** The same Call Server lost the call's media, and is ready to build it anew. */
export function rebuilt(view: CallView, server: CallServer): RouteChange {
  return change(view, 'call-server', 'call-server-failed', server);
}

/** The one that is kept still, else the best. */
function chooseServer({ servers, region }: RouteInputs, kept?: CallServer): CallServer | undefined {
  return servers.find(({ gateway }) => gateway === kept?.gateway) ?? bestFirst(servers, region)[0];
}

/** Those of the same region first, then by load; of equals always the same one. */
export function bestFirst(servers: readonly CallServer[], region: string | undefined): CallServer[] {
  const far = (server: CallServer) => (server.region === region ? 0 : 1);
  return [...servers].sort((a, b) => far(a) - far(b) || a.load - b.load || (a.gateway < b.gateway ? -1 : 1));
}

function change(
  view: CallView,
  kind: 'p2p' | 'call-server',
  reason: RouteReason,
  server?: CallServer,
): RouteChange {
  return {
    type: 'call.route.changed',
    data: {
      kind,
      epoch: (view.route?.epoch ?? 0) + 1,
      reason,
      policy: routePolicyVersion,
      people: mediaPeople(view).length,
      ...(server === undefined ? {} : { server }),
    },
  };
}
