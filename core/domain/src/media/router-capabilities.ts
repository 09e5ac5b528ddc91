/** What every router of every Call Server can do, so that clients know it before they ask (mediasoup RtpCapabilities). */

export type MediaKind = 'audio' | 'video';

export interface RtcpFeedback {
  type: string;
  parameter?: string;
}

/** mediasoup RtpCodecCapability (ORTC section 9.3.2.1). */
export interface RtpCodecCapability {
  kind: MediaKind;
  mimeType: string;
  preferredPayloadType: number;
  clockRate: number;
  channels?: number;
  parameters: Record<string, string | number>;
  rtcpFeedback: RtcpFeedback[];
}

/** mediasoup RtpHeaderExtension (RFC 8285), as the router uses it. */
export interface RtpHeaderExtension {
  kind: MediaKind;
  uri: string;
  preferredId: number;
  preferredEncrypt: boolean;
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

export interface RtpCapabilities {
  codecs: RtpCodecCapability[];
  headerExtensions: RtpHeaderExtension[];
}

/** What a router is made with. Payload types are pinned: the capabilities below stand in clients of every version. */
export interface RouterCodec {
  kind: MediaKind;
  mimeType: string;
  preferredPayloadType: number;
  clockRate: number;
  channels?: number;
  parameters?: Record<string, string | number>;
}

/**
 * Opus, VP8 and H264 constrained baseline are what every browser has (RFC 7874, RFC 7742); VP9 and AV1 are for ends
 * that all have them. The number after each video codec's is its rtx's.
 */
export const routerCodecs: readonly RouterCodec[] = [
  { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
  {
    kind: 'video',
    mimeType: 'video/VP9',
    preferredPayloadType: 103,
    clockRate: 90_000,
    parameters: { 'profile-id': 0 },
  },
  {
    kind: 'video',
    mimeType: 'video/H264',
    preferredPayloadType: 105,
    clockRate: 90_000,
    parameters: { 'level-asymmetry-allowed': 1, 'packetization-mode': 1, 'profile-level-id': '42e01f' },
  },
  { kind: 'video', mimeType: 'video/AV1', preferredPayloadType: 107, clockRate: 90_000 },
];

const audioFeedback: RtcpFeedback[] = [
  { type: 'nack', parameter: '' },
  { type: 'transport-cc', parameter: '' },
];
const videoFeedback: RtcpFeedback[] = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'goog-remb', parameter: '' },
  { type: 'transport-cc', parameter: '' },
];

function withRtx(codec: RouterCodec): RtpCodecCapability[] {
  const { kind, clockRate, preferredPayloadType: apt } = codec;
  const feedback = kind === 'audio' ? audioFeedback : videoFeedback;
  const media = {
    ...codec,
    parameters: { ...codec.parameters },
    rtcpFeedback: feedback.map((f) => ({ ...f })),
  };
  if (kind === 'audio') return [media];
  const rtx = { kind, mimeType: 'video/rtx', preferredPayloadType: apt + 1, clockRate };
  return [media, { ...rtx, parameters: { apt }, rtcpFeedback: [] }];
}

export const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';

type Direction = RtpHeaderExtension['direction'];

/** By id: URI, direction for audio (undefined: not there), direction for video. */
const extensions: readonly [uri: string, audio: Direction | undefined, video: Direction | undefined][] = [
  [midUri, 'sendrecv', 'sendrecv'],
  ['urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', undefined, 'recvonly'],
  ['urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', undefined, 'recvonly'],
  ['http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', 'sendrecv', 'sendrecv'],
  ['http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', 'recvonly', 'sendrecv'],
  ['urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'sendrecv', undefined],
  [
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
    undefined,
    'recvonly',
  ],
  ['urn:3gpp:video-orientation', undefined, 'sendrecv'],
  ['urn:ietf:params:rtp-hdrext:toffset', undefined, 'sendrecv'],
  ['http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time', 'sendrecv', 'sendrecv'],
  ['http://www.webrtc.org/experiments/rtp-hdrext/playout-delay', 'sendrecv', 'sendrecv'],
  ['urn:mediasoup:params:rtp-hdrext:packet-id', 'sendrecv', 'sendrecv'],
];

/**
 * A router's capabilities, for `Device.load` of mediasoup-client. A fresh copy each time: both mediasoup libraries fill
 * in what they are given. A test of the media gateway compares it with a real router's.
 */
export function routerRtpCapabilities(): RtpCapabilities {
  return {
    codecs: routerCodecs.flatMap(withRtx),
    headerExtensions: extensions.flatMap(([uri, audio, video], index) => {
      const base = { uri, preferredId: index + 1, preferredEncrypt: false };
      return [
        ...(audio === undefined ? [] : [{ kind: 'audio' as const, ...base, direction: audio }]),
        ...(video === undefined ? [] : [{ kind: 'video' as const, ...base, direction: video }]),
      ];
    }),
  };
}
