import {
  msOfTime,
  type CallEvent,
  type CallView,
  type Capabilities,
  type CommandRejected,
} from '@ringback/schemas';
import { printable } from '../terminal.ts';
import { counted, sinceStart, span } from '../text.ts';
import {
  bandwidthSentence,
  connectionText,
  encodingsSentence,
  layersSentence,
  producedSentence,
  routeSentence,
  settledSentence,
  switchedSentence,
  transportSentence,
  transportsSentence,
} from './media-text.ts';
import { nameOf, nameOfUser } from './names.ts';

/**
 * What an event says, without its subject: that is the actor beside it.
 * @param view the call before the event; it knows what a track shows and who was there
 * @param names a later state of the call where there is one: it knows more names
 */
export function sentenceOf(event: CallEvent, view: CallView | undefined, names = view): string {
  switch (event.type) {
    case 'call.created':
      return createdSentence(event.data);
    case 'call.participant.joined': {
      const again = view?.participants[event.data.participantId] === undefined ? '' : ' again';
      return `joined${again} as ${event.data.role}${event.data.guest ? ', a guest' : ''}`;
    }
    case 'call.participant.reconnected': {
      const before = view?.participants[event.data.participantId]?.instanceId;
      return before === event.data.instanceId ? 'is back on a new socket' : 'is back with a new page';
    }
    case 'call.participant.disconnected': {
      const until = msOfTime(event.data.graceUntil) - (view?.createdAt ?? 0);
      return `lost the connection (${words(event.data.reason)}); may come back until ${sinceStart(until)}`;
    }
    case 'call.participant.left':
      return leftSentence(event.data, names);
    case 'call.capabilities.announced':
      return `announced what the device can do: ${codecsOf(event.data.capabilities)}`;
    case 'call.track.published': {
      const { source, kind, muted } = event.data.track;
      return `published ${words(source)} (${kind})${muted ? ', muted' : ''}`;
    }
    case 'call.track.unpublished':
      return `stopped ${trackName(view, event.data)}`;
    case 'call.track.muted':
      return `muted ${event.data.by === undefined ? trackName(view, event.data) : trackOf(view, names, event.data)}`;
    case 'call.track.unmuted':
      return `unmuted ${trackName(view, event.data)}`;
    case 'call.offer.sent':
      return `sent an offer to ${nameOf(names, event.data.to)}`;
    case 'call.answer.sent':
      return `sent an answer to ${nameOf(names, event.data.to)}`;
    case 'call.candidate.sent':
      return candidateSentence(event.data.candidate.candidate, nameOf(names, event.data.to));
    case 'call.connection.changed':
      return connectionSentence(nameOf(names, event.data.peerId), event.data);
    case 'call.hand.raised':
      return 'raised a hand';
    case 'call.hand.lowered': {
      const { participantId, by } = event.data;
      return `lowered ${by === participantId ? 'the hand' : `the hand of ${nameOf(names, participantId)}`}`;
    }
    case 'call.locked':
      return 'locked the call';
    case 'call.unlocked':
      return 'unlocked the call';
    case 'call.ended':
      return endedSentence(event, view);
    default:
      return mediaSentence(event, view, names);
  }
}

type MediaEvent = Extract<
  CallEvent,
  {
    type:
      | `call.${'route' | 'transports' | 'transport' | 'consumers' | 'producer' | 'leg'}.${string}`
      | `call.${'layers' | 'encodings' | 'bandwidth'}.changed`
      | 'call.track.produced';
  }
>;

function mediaSentence(event: MediaEvent, view: CallView | undefined, names: CallView | undefined): string {
  switch (event.type) {
    case 'call.route.changed':
      return routeSentence(event.data);
    case 'call.route.settled':
      return settledSentence(event.data, names);
    case 'call.leg.switched':
      return switchedSentence(event.data);
    case 'call.transports.created':
      return transportsSentence(event.data, names);
    case 'call.transport.changed':
      return transportSentence(event.data);
    case 'call.transport.restarted':
      return `restarted ICE of the ${event.data.direction} transport of ${nameOf(names, event.data.to)}`;
    case 'call.track.produced':
      return producedSentence(event.data, trackName(view, event.data));
    case 'call.producer.refused': {
      const { to, trackId, reason } = event.data;
      return `can not take ${trackOf(view, names, { participantId: to, trackId })}: ${printable(reason)}`;
    }
    case 'call.consumers.created': {
      const tracks = event.data.consumers.map((consumer) => trackOf(view, names, consumer));
      return `has more for ${nameOf(names, event.data.to)}: ${tracks.join(', ') || 'nothing'}`;
    }
    case 'call.layers.changed':
      return layersSentence(event.data, trackOf(view, names, event.data));
    case 'call.encodings.changed': {
      const { to, trackId } = event.data;
      return encodingsSentence(event.data, trackOf(view, names, { participantId: to, trackId }));
    }
    case 'call.bandwidth.changed':
      return bandwidthSentence(event.data);
    default:
      return event satisfies never;
  }
}

export function rejectionSentence({ data }: CommandRejected): string {
  return `${data.command} refused: ${printable(data.rejection.message)} (${data.rejection.code})`;
}

type DataOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>['data'];

function createdSentence(data: DataOf<'call.created'>): string {
  const name = data.name === undefined ? 'the call' : `the call "${printable(data.name)}"`;
  const guests = data.guestsAllowed ? 'guests allowed' : 'no guests';
  return `made ${name}: up to ${counted(data.participantsMax, 'person', 'people')}, ${guests}, at most ${span(data.durationMsMax)}`;
}

function leftSentence({ reason, by }: DataOf<'call.participant.left'>, names: CallView | undefined): string {
  switch (reason) {
    case 'left':
      return 'left';
    case 'lost':
      return 'did not come back in time and is out of the call';
    case 'removed':
      return `was removed from the call${by === undefined ? '' : ` by ${nameOf(names, by)}`}`;
    case 'call-ended':
      return 'left as the call ended';
  }
}

function endedSentence(
  event: Extract<CallEvent, { type: 'call.ended' }>,
  view: CallView | undefined,
): string {
  const lasted = view === undefined ? '' : ` after ${span(msOfTime(event.time) - view.createdAt)}`;
  switch (event.data.reason) {
    case 'host':
      return `ended the call${lasted}`;
    case 'empty':
      return `ended the call${lasted}: nobody was in it any more`;
    case 'nobody-came':
      return `ended the call${lasted}: nobody came`;
    case 'max-duration':
      return `ended the call${lasted}: that is as long as it may last`;
  }
}

function trackName(view: CallView | undefined, data: { participantId: string; trackId: string }): string {
  const source = view?.participants[data.participantId]?.tracks[data.trackId]?.source;
  return source === undefined ? 'a track' : words(source);
}

/** `camera of Guest` */
function trackOf(
  view: CallView | undefined,
  names: CallView | undefined,
  data: { participantId: string; trackId: string },
): string {
  return `${trackName(view, data)} of ${nameOf(names, data.participantId)}`;
}

/** candidate-attribute (RFC 8839 section 5.1): foundation, component, transport, priority, address, port, "typ", type. */
function candidateSentence(candidate: string, to: string): string {
  if (candidate === '') return `has no more candidates for ${to}`;
  const fields = candidate.split(' ');
  const type = fields[fields.indexOf('typ') + 1];
  const transport = fields[2]?.toLowerCase();
  return `sent a candidate to ${to}: ${printable(`${type} ${transport}`)}`;
}

function connectionSentence(peer: string, connection: DataOf<'call.connection.changed'>): string {
  return `P2P with ${peer} ${connectionText(connection)}`;
}

function codecsOf({ audioCodecs, videoCodecs, screenShare }: Capabilities): string {
  const names = [...audioCodecs, ...videoCodecs].map(({ mimeType }) => mimeType.replace(/^\w+\//, ''));
  const shares = screenShare ? ['screen sharing'] : [];
  return printable([...new Set(names), ...shares].join(', ')) || 'nothing';
}

function words(code: string): string {
  return code.replaceAll('-', ' ');
}

/**
 * Who did it: a participant by name, a user who was never in it by id, else the platform itself.
 * @param names the call after the event, or later
 */
export function actorOf(event: CallEvent, names: CallView | undefined): string {
  const participantId = participantOf(event);
  if (participantId !== undefined) return nameOf(names, participantId);
  if (event.type === 'call.created') return nameOfUser(names, event.data.createdBy);
  return 'the platform';
}

function participantOf(event: CallEvent): string | undefined {
  const { data } = event;
  // A host's doing; and what a viewer gets is told of the viewer.
  if (event.type === 'call.hand.lowered') return event.data.by;
  if (event.type === 'call.track.muted') return event.data.by ?? event.data.participantId;
  if (event.type === 'call.layers.changed') return event.data.to;
  if ('participantId' in data) return data.participantId;
  if ('from' in data) return data.from;
  return 'by' in data ? data.by : undefined;
}
