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

/** The epochs in which legs of this kind may live now: of the current route, then of the one before. */
export function epochsFor(view: CallView, kind: RouteKind): number[] {
  const { before, ...now } = routeOf(view);
  return [now, before].flatMap((route) => (route?.kind === kind ? route.epoch : []));
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

/** By the key of a track. */
export function isPublished(view: CallView, key: string): boolean {
  const [participantId = '', trackId = ''] = key.split('/');
  return view.participants[participantId]?.tracks[trackId] !== undefined;
}
