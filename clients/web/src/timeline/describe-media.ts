import type { CallEvent, Layers, Samples } from '@ringback/schemas';
import { unreachable } from './families.ts';

/** Events about the way of the media, its layers and what they rest on. */
export type MediaEvent = Extract<
  CallEvent,
  {
    type:
      | `call.${'route' | 'transports' | 'transport' | 'consumers' | 'producer' | 'leg'}.${string}`
      | `call.${'layers' | 'encodings' | 'bandwidth'}.changed`
      | 'call.track.produced';
  }
>;

type DataOf<T extends MediaEvent['type']> = Extract<MediaEvent, { type: T }>['data'];

export const routeReasonWords: Record<DataOf<'call.route.changed'>['reason'], string> = {
  'third-joined': 'more than two people have media',
  'p2p-failed': 'a direct connection failed',
  capabilities: 'not everybody can connect directly',
  'two-again': 'the Call Server is not needed any more',
  'call-server-lost': 'the Call Server was not heard any more',
  'call-server-failed': 'the Call Server lost the call',
  'no-call-server': 'there is no Call Server',
};

const layersWords: Record<DataOf<'call.layers.changed'>['reason'], string> = {
  'tile-size': 'its size on screen',
  hidden: 'it is not shown',
  speaker: 'who speaks goes first',
  downlink: "the viewer's bandwidth",
  uplink: "the sender's bandwidth",
  started: 'it began',
};

const decisionWords: Record<DataOf<'call.layers.changed'>['decision'], string> = {
  'video-on': 'gets',
  'layer-up': 'gets more of',
  'layer-down': 'gets less of',
  'video-off': 'gets no more of',
  'audio-only': 'gets sound only, no more of',
};

/** @param trackOf `camera of A` */
export function describeMedia(
  event: MediaEvent,
  nameOf: (participantId: string) => string,
  sourceOf: (participantId: string, trackId: string) => string,
): string {
  const trackOf = (participantId: string, trackId: string) =>
    `${sourceOf(participantId, trackId)} of ${nameOf(participantId)}`;
  switch (event.type) {
    case 'call.route.changed':
      return `Media goes ${routeWords(event.data)}: ${routeReasonWords[event.data.reason]}`;
    case 'call.route.settled':
      return event.data.missing.length === 0
        ? 'Everybody shows the new route'
        : `The old route is given up, without word from ${event.data.missing.map(nameOf).join(', ')}`;
    case 'call.leg.switched':
      return `${nameOf(event.data.participantId)} shows everybody by the new route${samplesWords(event.data.samples)}`;
    case 'call.transports.created':
      return `Call Server ready for ${nameOf(event.data.to)}, ${counted(event.data.consumers.length)} to receive`;
    case 'call.transport.changed':
      return transportWords(event.data, nameOf(event.data.participantId));
    case 'call.transport.restarted':
      return `ICE restarted for ${nameOf(event.data.to)} (${event.data.direction})`;
    case 'call.track.produced': {
      const { participantId, trackId, rtpParameters } = event.data;
      const codec = rtpParameters.codecs[0]?.mimeType.replace(/^\w+\//, '') ?? '';
      return `${nameOf(participantId)} sends ${sourceOf(participantId, trackId)} to the Call Server, ${codec}`;
    }
    case 'call.producer.refused':
      return `Call Server can not take ${trackOf(event.data.to, event.data.trackId)}: ${event.data.reason}`;
    case 'call.consumers.created':
      return `${nameOf(event.data.to)} can receive ${event.data.consumers.map((c) => trackOf(c.participantId, c.trackId)).join(', ')}`;
    case 'call.layers.changed': {
      const { to, participantId, trackId, decision, reason, before, layers, samples } = event.data;
      return `${nameOf(to)} ${decisionWords[decision]} ${trackOf(participantId, trackId)} (${layerWords(before)} → ${layerWords(layers)}): ${layersWords[reason]}${samplesWords(samples)}`;
    }
    case 'call.encodings.changed': {
      const { to, trackId, maxSpatialLayer: max } = event.data;
      const track = trackOf(to, trackId);
      return max < 0 ? `Nobody watches ${track}` : `Nobody watches more of ${track} than layer ${max}`;
    }
    case 'call.bandwidth.changed': {
      const { participantId, decision, samples } = event.data;
      const what = decision === 'audio-only' ? 'has no bandwidth for the camera' : 'sends the camera again';
      return `${nameOf(participantId)} ${what}${samplesWords(samples)}`;
    }
    default:
      return unreachable(event);
  }
}

/** `through media-1 (eu, 12 % in use)` */
export function routeWords({ kind, server }: Pick<DataOf<'call.route.changed'>, 'kind' | 'server'>): string {
  if (kind === 'p2p' || !server) return 'peer to peer';
  return `through ${server.gateway.split('/')[0]} (${server.region}, ${Math.round(server.load * 100)} % in use)`;
}

function transportWords(data: DataOf<'call.transport.changed'>, name: string): string {
  const pair = data.pair
    ? `, ${data.pair.localCandidateType} to ${data.pair.remoteCandidateType} by ${data.pair.protocol}`
    : '';
  const restart = data.restart ? ', asks for an ICE restart' : '';
  return `${name} ↔ Call Server (${data.direction}): ${data.state}${pair}${restart}`;
}

const layerWords = (layers: Layers | null) =>
  layers ? `${layers.spatialLayer}/${layers.temporalLayer}` : 'nothing';

const counted = (tracks: number) => `${tracks} ${tracks === 1 ? 'track' : 'tracks'}`;

/** A row has room for a few; the inspector has all. */
const samplesShown = 3;

function samplesWords(samples: Samples | undefined): string {
  const entries = Object.entries(samples ?? {}).slice(0, samplesShown);
  if (entries.length === 0) return '';
  const words = entries.map(([name, value]) =>
    /bitrate/i.test(name)
      ? `${name} ${Math.round(value / 1000)} kbit/s`
      : `${name} ${Math.round(value * 1000) / 1000}`,
  );
  return ` (${words.join(', ')})`;
}
