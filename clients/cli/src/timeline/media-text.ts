import type {
  CallEvent,
  CallView,
  ClientReported,
  JoinMarks,
  Layers,
  QualitySample,
  Samples,
  TransportSampled,
} from '@ringback/schemas';
import { printable } from '../terminal.ts';
import { counted } from '../text.ts';
import { limits } from '../limits.ts';
import { nameOf } from './names.ts';

/** Sentences about media: its ways, layers, transports and what was measured of them. */

type DataOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>['data'];

export const routeReasons: Record<DataOf<'call.route.changed'>['reason'], string> = {
  'third-joined': 'more than two people have media',
  'p2p-failed': 'a direct connection failed',
  capabilities: 'somebody may not connect directly, or two have no codec in common',
  'two-again': 'the Call Server is not needed any more',
  'call-server-lost': 'the Call Server was not heard any more',
  'call-server-failed': 'the Call Server lost the call',
  'no-call-server': 'the Call Server is gone and there is no other',
};

export function serverText({ gateway, region, load }: { gateway: string; region: string; load: number }) {
  const [name] = gateway.split('/');
  return printable(`the Call Server ${name} (${region}, ${Math.round(load * 100)} % in use)`);
}

export function routeSentence(data: DataOf<'call.route.changed'>): string {
  const way = data.kind === 'p2p' || data.server === undefined ? 'peer to peer' : serverText(data.server);
  const by = data.kind === 'p2p' ? way : `through ${way}`;
  const weighed = data.cause?.data.servers;
  const servers = Array.isArray(weighed) ? `, ${counted(weighed.length, 'Call Server')} to choose from` : '';
  return `route ${data.epoch}: media goes ${by}, as ${routeReasons[data.reason]}; ${data.people} with media${servers}, policy ${data.policy}`;
}

export function settledSentence(data: DataOf<'call.route.settled'>, names: CallView | undefined): string {
  const missing = data.missing.map((id) => nameOf(names, id)).join(', ');
  return data.missing.length === 0
    ? `everybody shows route ${data.epoch}; the one before is given up`
    : `the route before ${data.epoch} is given up; no word from ${missing}`;
}

export function switchedSentence({ epoch, samples }: DataOf<'call.leg.switched'>): string {
  return `shows everybody by route ${epoch}${inBrackets(samples)}`;
}

export function transportsSentence(
  data: DataOf<'call.transports.created'>,
  names: CallView | undefined,
): string {
  return `made transports of route ${data.epoch} for ${nameOf(names, data.to)}, with ${counted(data.consumers.length, 'track')} to receive`;
}

/** `send transport connected by srflx/host udp, 24 ms; asks for an ICE restart` */
export function transportSentence(data: DataOf<'call.transport.changed'>): string {
  const restart = data.restart === true ? '; asks for an ICE restart' : '';
  return `${data.direction} transport ${connectionText(data)}${restart}`;
}

export function producedSentence(data: DataOf<'call.track.produced'>, track: string): string {
  const { codecs, encodings } = data.rtpParameters;
  const codec = codecs[0]?.mimeType.replace(/^\w+\//, '') ?? 'no codec';
  const svc = encodings[0]?.scalabilityMode;
  const layers =
    encodings.length > 1
      ? `, ${encodings.length} encodings`
      : svc === undefined || svc === 'L1T1'
        ? ''
        : `, ${svc}`;
  return printable(`sends ${track} to the Call Server: ${codec}${layers}`);
}

/** What a viewer gets of somebody's video: `track` is `camera of Guest`. */
export function layersSentence(data: DataOf<'call.layers.changed'>, track: string): string {
  const change = `${layersText(data.before)} → ${layersText(data.layers)}`;
  return `${layersVerbs[data.decision](track)} (layers ${change}): ${layersReasons[data.reason]}${inBrackets(data.samples)}`;
}

const layersVerbs: Record<DataOf<'call.layers.changed'>['decision'], (track: string) => string> = {
  'video-on': (track) => `gets ${track}`,
  'layer-up': (track) => `gets more of ${track}`,
  'layer-down': (track) => `gets less of ${track}`,
  'video-off': (track) => `does not get ${track} any more`,
  'audio-only': (track) => `gets no video any more, ${track} was the last`,
};

const layersReasons: Record<DataOf<'call.layers.changed'>['reason'], string> = {
  'tile-size': 'the size on screen',
  hidden: 'it is not shown',
  speaker: 'who speaks goes first',
  downlink: "the viewer's bandwidth",
  uplink: "the sender's bandwidth",
  started: 'it has just begun',
};

function layersText(layers: Layers | null): string {
  return layers === null ? 'none' : `${layers.spatialLayer}/${layers.temporalLayer}`;
}

export function encodingsSentence(data: DataOf<'call.encodings.changed'>, track: string): string {
  return data.maxSpatialLayer < 0
    ? `needs nothing of ${track}: nobody watches it`
    : `needs ${track} up to layer ${data.maxSpatialLayer}: nobody watches more`;
}

export function bandwidthSentence({ decision, samples }: DataOf<'call.bandwidth.changed'>): string {
  const what =
    decision === 'audio-only'
      ? 'sends no camera for lack of bandwidth'
      : 'has bandwidth for the camera again';
  return `${what}${inBrackets(samples)}`;
}

type Connection = Pick<DataOf<'call.connection.changed'>, 'state' | 'pair'>;

/** `connected by host/srflx udp, 12 ms`; the same words in the timeline and in the state. */
export function connectionText({ state, pair }: Connection): string {
  return pair === undefined ? state : `${state} by ${pairText(pair)}`;
}

function pairText(pair: NonNullable<Connection['pair']>): string {
  const relay = pair.relayProtocol === undefined ? '' : `, TURN over ${pair.relayProtocol}`;
  const roundTrip =
    pair.currentRoundTripTime === undefined ? '' : `, ${Math.round(pair.currentRoundTripTime * 1000)} ms`;
  return `${pair.localCandidateType}/${pair.remoteCandidateType} ${pair.protocol}${relay}${roundTrip}`;
}

function inBrackets(samples: Samples | undefined): string {
  const entries = Object.entries(samples ?? {});
  if (entries.length === 0) return '';
  const shown = entries.slice(0, limits.samplesShownMax).map(([name, value]) => valueText(name, value));
  const more = entries.length > shown.length ? [`${entries.length - shown.length} more`] : [];
  return ` (${printable([...shown, ...more].join(', '))})`;
}

/** webrtc-stats has bit/s and seconds; people read kbit/s and milliseconds. */
function valueText(name: string, value: number): string {
  if (/bitrate/i.test(name)) return `${name} ${bitrateText(value)}`;
  if (/RoundTripTime$|^jitter$/.test(name)) return `${name} ${Math.round(value * 1000)} ms`;
  return `${name} ${Math.round(value * 1000) / 1000}`;
}

function bitrateText(bitsPerSecond: number): string {
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

const markNames: Record<keyof JoinMarks, string> = {
  token: 'token',
  socket: 'socket',
  joined: 'joined',
  ice: 'ICE',
  dtls: 'DTLS',
  firstFrame: 'first frame',
};

/** From the click to the first frame: what each step had cost by its end, in milliseconds. */
export function joinSentence(marks: JoinMarks): string {
  const steps = (Object.keys(markNames) as (keyof JoinMarks)[]).flatMap((name) =>
    marks[name] === undefined ? [] : `${markNames[name]} ${Math.round(marks[name])}`,
  );
  const end =
    marks.firstFrame === undefined
      ? 'no first frame yet'
      : `first frame after ${Math.round(marks.firstFrame)} ms`;
  return `${end}: ${steps.join(', ')}`;
}

export function reportSentence({ data }: ClientReported, names: CallView | undefined): string {
  const { report } = data;
  if (report.kind === 'join') return joinSentence(report.marks);
  return report.samples.map((sample) => sampleText(sample, names)).join('; ');
}

function sampleText(sample: QualitySample, names: CallView | undefined): string {
  const leg =
    sample.leg === 'send' || sample.leg === 'recv' ? sample.leg : `P2P with ${nameOf(names, sample.leg)}`;
  const { pair, currentRoundTripTime, frameWidth, frameHeight } = sample;
  const facts = [
    pair === undefined ? undefined : pairText(pair),
    currentRoundTripTime === undefined ? undefined : `${Math.round(currentRoundTripTime * 1000)} ms`,
    sample.bitrateIn === undefined ? undefined : `in ${bitrateText(sample.bitrateIn)}`,
    sample.bitrateOut === undefined ? undefined : `out ${bitrateText(sample.bitrateOut)}`,
    sample.packetsLost === undefined ? undefined : `lost ${sample.packetsLost}`,
    frameWidth === undefined || frameHeight === undefined ? undefined : `${frameWidth}×${frameHeight}`,
    sample.framesPerSecond === undefined ? undefined : `${Math.round(sample.framesPerSecond)} frames/s`,
  ].filter((fact) => fact !== undefined);
  return printable([`${leg} ${sample.connectionState}`, ...facts].join(', '));
}

export function sampledSentence({ data }: TransportSampled): string {
  const { availableOutgoingBitrate, producerScores, consumerScores } = data;
  const estimate =
    availableOutgoingBitrate === undefined
      ? 'no estimate yet'
      : `${bitrateText(availableOutgoingBitrate)} to them`;
  const sent = Object.values(producerScores).map((scores) => scores.join('/'));
  const received = Object.values(consumerScores);
  return `Call Server: ${estimate}; scores sent ${sent.join(' ') || 'none'}, received ${received.join(' ') || 'none'}`;
}
