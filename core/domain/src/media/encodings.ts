import type { Capabilities, TrackSource } from '@ringback/schemas';
import { routerCodecsOf } from './codecs.ts';

/** One RTCRtpEncodingParameters (W3C webrtc-pc section 5.2.4, webrtc-svc for the scalability mode). */
export interface VideoEncoding {
  readonly rid?: string;
  readonly scaleResolutionDownBy?: number;
  /** bit/s. */
  readonly maxBitrate: number;
  readonly scalabilityMode?: string;
}

export interface VideoCodecChoice {
  /** One of the router's. */
  readonly mimeType: string;
  readonly encodings: readonly VideoEncoding[];
}

/** A camera in three sizes: a thumbnail, a tile of a grid, a large picture (1280x720 when whole). */
const cameraLayers: readonly VideoEncoding[] = [
  { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 100_000 },
  { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 300_000 },
  { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];
/** A screen is text: either all of it sharp, or half the size for those who have not the bandwidth. */
const screenLayers: readonly VideoEncoding[] = [
  { rid: 'r0', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'r1', scaleResolutionDownBy: 1, maxBitrate: 2_500_000 },
];
/** One SVC stream costs about as much as the largest simulcast layer with one below it. */
const svcCameraBitrate = 1_300_000;
const svcScreenBitrate = 2_500_000;

/** Best first where nobody says otherwise: VP8 has simulcast everywhere; H264 next, as every browser has it too. */
const usualOrder = ['video/VP8', 'video/H264', 'video/VP9', 'video/AV1'];
const scalable = new Set(['video/VP9', 'video/AV1']);

/**
 * With which codec, and in which encodings, a camera or screen should be sent to the Call Server.
 *
 * VP8 where every receiver has it, else H264. VP9 or AV1 where all ends have it and each of them lists it before VP8 and
 * H264: that is how a device says that it prefers it. Where no codec reaches everybody, the one that reaches most.
 *
 * @param sender what the sending device announced; it can send what it can receive
 * @param receivers everybody else with media
 * @returns undefined where the sender has none of the router's codecs
 */
export function chooseVideoCodec(
  sender: Capabilities,
  receivers: readonly Capabilities[],
  source: TrackSource = 'camera',
): VideoCodecChoice | undefined {
  const mine = videoTypes(sender);
  // Who receives no video at all has no say.
  const theirs = receivers.map(videoTypes).filter((types) => types.length > 0);
  const reached = (type: string) => theirs.filter((types) => types.includes(type)).length;
  const most = Math.max(...mine.map(reached));
  const best = mine.filter((type) => reached(type) === most);
  const preferred = best.find(
    (type) => scalable.has(type) && most === theirs.length && [mine, ...theirs].every((t) => leads(t, type)),
  );
  const mimeType = preferred ?? usualOrder.find((type) => best.includes(type));
  return mimeType === undefined ? undefined : { mimeType, encodings: encodingsFor(mimeType, source) };
}

function videoTypes(device: Capabilities): string[] {
  return routerCodecsOf(device, 'video').map(({ mimeType }) => mimeType);
}

/** Is it listed before everything that is not scalable? */
function leads(types: readonly string[], type: string): boolean {
  const place = types.indexOf(type);
  const others = types.findIndex((t) => !scalable.has(t));
  return place >= 0 && (others < 0 || place < others);
}

function encodingsFor(mimeType: string, source: TrackSource): VideoEncoding[] {
  const screen = source === 'screen';
  if (scalable.has(mimeType))
    return screen
      ? [{ maxBitrate: svcScreenBitrate, scalabilityMode: 'L1T3' }]
      : [{ maxBitrate: svcCameraBitrate, scalabilityMode: 'L3T3_KEY' }];
  const layers = screen ? screenLayers : cameraLayers;
  // Temporal layers of H264 can not be told apart in its packets, and some hardware encoders refuse them.
  return layers.map((layer) =>
    mimeType === 'video/VP8' ? { ...layer, scalabilityMode: 'L1T3' } : { ...layer },
  );
}
