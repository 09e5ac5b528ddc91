import { hasMedia } from '@ringback/domain';
import type { CallView, ParticipantView, RouteKind, RouteReason } from '@ringback/schemas';

/** How the media of a call runs for this client. */
export interface CallRoute {
  kind: RouteKind;
  /** Counts the changes; 0: as it was from the beginning. */
  epoch: number;
  /** Why it is so; absent before the first change. */
  reason?: RouteReason;
  /** On the way to it: the route before is kept, and may be what is shown. */
  switching: boolean;
}

interface RouteNow {
  kind: RouteKind;
  epoch: number;
  reason?: RouteReason;
  before?: { kind: RouteKind; epoch: number } | undefined;
}

/** No route in the state: peer to peer from the beginning. */
export function routeOf(view: CallView): RouteNow {
  return view.route ?? { kind: 'p2p', epoch: 0 };
}

/** The epoch in which a leg of this kind may live now, as the current route or the one before; else undefined. */
export function epochFor(view: CallView, kind: RouteKind): number | undefined {
  const route = routeOf(view);
  if (route.kind === kind) return route.epoch;
  return route.before?.kind === kind ? route.before.epoch : undefined;
}

/** `participantId`: who shows media; undefined for a client without any. */
export function callRouteOf(view: CallView | undefined, participantId: string | undefined): CallRoute {
  if (view === undefined) return { kind: 'p2p', epoch: 0, switching: false };
  const { kind, epoch, reason, before } = routeOf(view);
  const shown = participantId === undefined ? epoch : (view.participants[participantId]?.shownEpoch ?? 0);
  const switching = before !== undefined || shown !== epoch;
  return { kind, epoch, ...(reason === undefined ? {} : { reason }), switching };
}

/** Whether this page (and not another one of the same person) is in the call. */
export function isIn(me: ParticipantView | undefined, instanceId: string): me is ParticipantView {
  return me !== undefined && me.presence !== 'left' && me.instanceId === instanceId;
}

/** The others who are in the call with media. */
export function othersWithMedia(view: CallView, participantId: string): ParticipantView[] {
  return Object.values(view.participants).filter(
    (person) => person.participantId !== participantId && person.presence !== 'left' && hasMedia(person),
  );
}

export function keyOf(track: { participantId: string; trackId: string }): string {
  return `${track.participantId}/${track.trackId}`;
}
