import type {
  CallEventBody,
  CallView,
  Command,
  CommandOf,
  ParticipantView,
  ProducerDescription,
} from '@ringback/schemas';
import { canonicalJson } from '../canonical.ts';
import { rebuilt } from '../routing/policy.ts';
import { accept, refuse, type Decision } from './decision.ts';
import { isPresent, own, presentParticipants } from './state.ts';

/** What a media gateway says of a call that it serves. */
export type ServerCommand = Extract<
  Command,
  {
    type:
      | 'call.server-failed'
      | 'call.transports'
      | 'call.transport-restarted'
      | 'call.consumers'
      | 'call.producer-refused'
      | 'call.layers'
      | 'call.encodings';
  }
>;

/** What is also said of a route that is kept beside the present one: its media goes on until the switch is over. */
const alsoOfBefore = new Set<Command['type']>(['call.transport-restarted', 'call.layers', 'call.encodings']);

/** Late news, of an earlier route or about somebody who is gone, changes nothing. */
export function serve(view: CallView, command: ServerCommand): Decision {
  const { route } = view;
  const leg =
    alsoOfBefore.has(command.type) && command.data.epoch === route?.before?.epoch ? route.before : route;
  if (leg?.kind !== 'call-server' || command.data.epoch !== leg.epoch) return accept();
  switch (command.type) {
    case 'call.server-failed': {
      const { server } = command.data;
      return server.gateway === leg.server?.gateway ? accept(rebuilt(view, server)) : accept();
    }
    default: {
      const to = own(view.participants, command.data.to);
      const page = 'instanceId' in command.data ? command.data.instanceId : to?.instanceId;
      return isHere(to, page) ? accept(told(view, command)) : accept();
    }
  }
}

/** In the call, and on this page. */
function isHere(person: ParticipantView | undefined, instanceId: string | undefined): boolean {
  return isPresent(person) && person.instanceId === instanceId;
}

type ToOne = Exclude<ServerCommand, { type: 'call.server-failed' }>;

function told(view: CallView, command: ToOne): CallEventBody {
  switch (command.type) {
    case 'call.transports':
      return { type: 'call.transports.created', data: command.data };
    case 'call.consumers':
      return { type: 'call.consumers.created', data: command.data };
    case 'call.transport-restarted':
      return { type: 'call.transport.restarted', data: command.data };
    case 'call.producer-refused':
      return { type: 'call.producer.refused', data: command.data };
    case 'call.layers':
      return { type: 'call.layers.changed', data: command.data };
    case 'call.encodings':
      return { type: 'call.encodings.changed', data: command.data };
    default:
      throw new Error(`${view.callId}: unknown command ${(command satisfies never as Command).type}`);
  }
}

/** What a page says of its end of a transport. */
export function reportTransport(
  view: CallView,
  me: ParticipantView,
  { data }: CommandOf<'call.transport'>,
): Decision {
  const { route } = view;
  const epochs = [route, route?.before].map((r) => (r?.kind === 'call-server' ? r.epoch : undefined));
  if (!epochs.includes(data.epoch)) return accept();
  const known = me.transports?.[data.direction];
  const { direction: _, restart, ...end } = data;
  const same = known !== undefined && canonicalJson(withoutTime(known)) === canonicalJson(withoutTime(end));
  return same && restart !== true
    ? accept()
    : accept({ type: 'call.transport.changed', data: { participantId: me.participantId, ...data } });
}

/** Another round-trip time alone is a sample, not a change. */
function withoutTime({ pair, ...end }: NonNullable<NonNullable<ParticipantView['transports']>['send']>) {
  if (pair === undefined) return end;
  const { currentRoundTripTime: _, ...types } = pair;
  return { ...end, pair: types };
}

/** Tracks on their way to the Call Server. Whether it can take them it says itself. */
export function produce(view: CallView, me: ParticipantView, { data }: CommandOf<'call.produce'>): Decision {
  const { route } = view;
  if (route?.kind !== 'call-server' || route.epoch !== data.epoch)
    return refuse('route_stale', undefined, 'data.epoch');
  const events: CallEventBody[] = [];
  const taken = new Set(
    presentParticipants(view).flatMap((p) => Object.values(p.producers ?? {}).map((x) => x.producerId)),
  );
  const tracks = new Set<string>();
  for (const [index, producer] of data.producers.entries()) {
    const field = `data.producers.${index}`;
    if (taken.has(producer.producerId)) return refuse('producer_exists', undefined, `${field}.producerId`);
    if (tracks.has(producer.trackId)) return refuse('producer_exists', undefined, `${field}.trackId`);
    const no = fits(me, producer, field);
    if (no !== undefined) return no;
    taken.add(producer.producerId);
    tracks.add(producer.trackId);
    events.push({
      type: 'call.track.produced',
      data: { participantId: me.participantId, epoch: data.epoch, ...producer },
    });
  }
  return accept(...events);
}

/** Do the parameters fit the track that was published, and themselves? */
function fits(me: ParticipantView, producer: ProducerDescription, field: string): Decision | undefined {
  const track = own(me.tracks, producer.trackId);
  if (track === undefined) return refuse('track_unknown', undefined, `${field}.trackId`);
  const { codecs, encodings, headerExtensions = [] } = producer.rtpParameters;
  const at = `${field}.rtpParameters`;
  const no = (message: string, part: string) => refuse('rtp_unsupported', message, `${at}.${part}`);
  const other = codecs.findIndex((c) => !c.mimeType.toLowerCase().startsWith(`${track.kind}/`));
  if (other >= 0) return no(`The track is ${track.kind}, this codec is not.`, `codecs.${other}.mimeType`);
  if (hasTwice(codecs.map((c) => c.payloadType)))
    return no('Two codecs have the same payload type.', 'codecs');
  if (hasTwice(headerExtensions.map((e) => e.id)))
    return no('Two header extensions have the same id.', 'headerExtensions');
  const rids = encodings.flatMap(({ rid }) => rid ?? []);
  if (hasTwice(rids)) return no('Two encodings have the same rid.', 'encodings');
  return undefined;
}

function hasTwice(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length;
}

/** A page shows everybody by the new route. */
export function swapped(view: CallView, me: ParticipantView, { data }: CommandOf<'call.swapped'>): Decision {
  if (view.route?.epoch !== data.epoch || me.shownEpoch === data.epoch) return accept();
  return accept({ type: 'call.leg.switched', data: { participantId: me.participantId, ...data } });
}
