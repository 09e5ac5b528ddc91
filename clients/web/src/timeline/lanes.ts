import { isKnown, type CallEvent, type TrackDescription } from '@ringback/schemas';
import { familyOf, participantOf, type Family } from './families.ts';

/** From one event to another; `to` is absent while it lasts. Sequences, so that any scale can place it. */
export interface Span<Kind extends string = string> {
  kind: Kind;
  from: number;
  to?: number;
}

export interface SourceLine {
  source: TrackDescription['source'];
  spans: Span<'on' | 'muted'>[];
}

export interface PersonLane {
  participantId: string;
  userId: string;
  displayName: string;
  role: 'host' | 'participant';
  /** The page they are on: a new one sends nothing yet. */
  instanceId: string;
  presence: Span<'connected' | 'disconnected'>[];
  sources: SourceLine[];
  hand: Span<'hand'>[];
  markers: Map<Family, number[]>;
}

export interface Lanes {
  /** The call itself: one span from created to ended. */
  life: Span<'open'>[];
  locked: Span<'locked'>[];
  /** While media goes through a Call Server. */
  served: Span<'served'>[];
  /** From each change of the route until everybody had switched. */
  switches: (Span<'switching'> & { label: string })[];
  markers: Map<Family, number[]>;
  people: PersonLane[];
  /** Which source a track id of a participant is. */
  sourceOf(participantId: string, trackId: string): TrackDescription['source'] | undefined;
}

/** Sorts a call's events onto lanes. Pure; the events are in order of their sequence. */
export function buildLanes(events: readonly CallEvent[]): Lanes {
  const people = new Map<string, PersonLane>();
  const tracks = new Map<string, TrackDescription['source']>();
  const trackKey = (participantId: string, trackId: string) => `${participantId} ${trackId}`;
  const lanes: Lanes = {
    life: [],
    locked: [],
    served: [],
    switches: [],
    markers: new Map(),
    people: [],
    sourceOf: (participantId, trackId) => tracks.get(trackKey(participantId, trackId)),
  };
  const lineOf = (participantId: string, trackId: string) => {
    const source = tracks.get(trackKey(participantId, trackId));
    return people.get(participantId)?.sources.find((s) => s.source === source)?.spans;
  };

  for (const event of events) {
    if (!isKnown(event)) {
      mark(lanes.markers, familyOf(event.type), event.sequence);
      continue;
    }
    if (event.type === 'call.participant.joined') ensurePerson(lanes, people, event);
    const participantId = participantOf(event);
    const lane = participantId === undefined ? lanes : people.get(participantId);
    if (!lane) continue;
    mark(lane.markers, familyOf(event.type), event.sequence);
    if (event.type === 'call.track.published') {
      const { participantId: owner, track } = event.data;
      tracks.set(trackKey(owner, track.trackId), track.source);
      ensureSource(people.get(owner), track.source);
    }
    applySpans(event, lanes, people, lineOf);
  }
  return lanes;
}

type JoinedEvent = Extract<CallEvent, { type: 'call.participant.joined' }>;

function ensurePerson(lanes: Lanes, people: Map<string, PersonLane>, event: JoinedEvent): void {
  const { participantId, userId, displayName, role, instanceId } = event.data;
  const known = people.get(participantId);
  if (known) {
    Object.assign(known, { displayName, role, instanceId });
    return;
  }
  const lane: PersonLane = {
    participantId,
    userId,
    displayName,
    role,
    instanceId,
    presence: [],
    sources: [],
    hand: [],
    markers: new Map(),
  };
  people.set(participantId, lane);
  lanes.people.push(lane);
}

function ensureSource(lane: PersonLane | undefined, source: TrackDescription['source']): void {
  if (lane && !lane.sources.some((s) => s.source === source)) lane.sources.push({ source, spans: [] });
}

function applySpans(
  event: CallEvent,
  lanes: Lanes,
  people: Map<string, PersonLane>,
  lineOf: (participantId: string, trackId: string) => SourceLine['spans'] | undefined,
): void {
  const seq = event.sequence;
  switch (event.type) {
    case 'call.created':
      return start(lanes.life, 'open', seq);
    case 'call.locked':
      return start(lanes.locked, 'locked', seq);
    case 'call.unlocked':
      return stop(lanes.locked, seq);
    case 'call.ended':
      stop(lanes.life, seq);
      stop(lanes.locked, seq);
      stop(lanes.served, seq);
      stop(lanes.switches, seq);
      for (const lane of people.values()) closeLane(lane, seq);
      return;
    case 'call.participant.joined':
      return change(people.get(event.data.participantId)?.presence, 'connected', seq);
    case 'call.participant.reconnected':
      return reconnect(people.get(event.data.participantId), event.data.instanceId, seq);
    case 'call.participant.disconnected':
      return change(people.get(event.data.participantId)?.presence, 'disconnected', seq);
    case 'call.participant.left':
      return closeLane(people.get(event.data.participantId), seq);
    case 'call.track.published':
      return change(
        lineOf(event.data.participantId, event.data.track.trackId),
        event.data.track.muted ? 'muted' : 'on',
        seq,
      );
    case 'call.track.unpublished':
      return stop(lineOf(event.data.participantId, event.data.trackId), seq);
    case 'call.track.muted':
      return change(lineOf(event.data.participantId, event.data.trackId), 'muted', seq);
    case 'call.track.unmuted':
      return change(lineOf(event.data.participantId, event.data.trackId), 'on', seq);
    case 'call.hand.raised':
      return change(people.get(event.data.participantId)?.hand, 'hand', seq);
    case 'call.hand.lowered':
      return stop(people.get(event.data.participantId)?.hand, seq);
    case 'call.route.changed':
      return changeRoute(lanes, event);
    case 'call.route.settled':
      return stop(lanes.switches, seq);
    default:
      // Negotiation and connection events have markers only.
      return;
  }
}

function changeRoute(lanes: Lanes, event: Extract<CallEvent, { type: 'call.route.changed' }>): void {
  const seq = event.sequence;
  stop(lanes.switches, seq);
  const label = event.data.kind === 'p2p' ? 'peer to peer' : 'Call Server';
  lanes.switches.push({ kind: 'switching', from: seq, label });
  if (event.data.kind === 'p2p') stop(lanes.served, seq);
  else change(lanes.served, 'served', seq);
}

function mark(markers: Map<Family, number[]>, family: Family, seq: number): void {
  const list = markers.get(family);
  if (list) list.push(seq);
  else markers.set(family, [seq]);
}

function start<Kind extends string>(spans: Span<Kind>[], kind: Kind, seq: number): void {
  spans.push({ kind, from: seq });
}

function stop(spans: Span[] | undefined, seq: number): void {
  const last = spans?.at(-1);
  if (last && last.to === undefined) last.to = seq;
}

function change<Kind extends string>(spans: Span<Kind>[] | undefined, kind: Kind, seq: number): void {
  if (!spans) return;
  stop(spans, seq);
  start(spans, kind, seq);
}

function reconnect(lane: PersonLane | undefined, instanceId: string, seq: number): void {
  if (!lane) return;
  if (lane.instanceId !== instanceId) closeLane(lane, seq);
  lane.instanceId = instanceId;
  change(lane.presence, 'connected', seq);
}

function closeLane(lane: PersonLane | undefined, seq: number): void {
  if (!lane) return;
  stop(lane.presence, seq);
  stop(lane.hand, seq);
  for (const line of lane.sources) stop(line.spans, seq);
}
