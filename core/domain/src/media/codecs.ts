import type { Capabilities, RtpParameters } from '@ringback/schemas';
import { h264Profile } from './h264-profile.ts';
import {
  midUri,
  routerRtpCapabilities,
  type MediaKind,
  type RtpCapabilities,
  type RtpCodecCapability,
} from './router-capabilities.ts';

/** Which codecs devices have in common. Pure: the client, the owner of a call and the Call Server all ask it. */

/** A codec as a device announces it (W3C RTCRtpCodec). */
export type DeviceCodec = Capabilities['videoCodecs'][number];

/** What is no media by itself: repair, redundancy, tones, comfort noise. */
const auxiliary = /^(audio|video)\/(rtx|red|ulpfec|flexfec-\d\d|telephone-event|cn)$/i;

/**
 * Codecs with the same key understand each other: type and clock rate, and what RFC 6184 (H264: packetization mode and
 * profile), RFC 9628 (VP9: profile) and the AV1 RTP specification (profile) add.
 */
export function codecKey({ mimeType, clockRate, channels, parameters }: CodecLike): string {
  const type = mimeType.toLowerCase();
  const parameter = (name: string) => `${parameters[name] ?? 0}`;
  const parts: (string | number)[] = [type, clockRate];
  if (type.startsWith('audio/')) parts.push(channels ?? 1);
  if (type === 'video/h264')
    parts.push(parameter('packetization-mode'), h264Profile(parameters['profile-level-id']));
  if (type === 'video/vp9') parts.push(parameter('profile-id'));
  if (type === 'video/av1') parts.push(parameter('profile'));
  return parts.join(';');
}

interface CodecLike {
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels?: number | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `level-asymmetry-allowed=1;profile-level-id=42e01f` as a record. */
export function parametersOf(sdpFmtpLine: string | undefined): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of (sdpFmtpLine ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters[part.slice(0, equals).trim().toLowerCase()] = part.slice(equals + 1).trim();
  }
  return parameters;
}

function keyOf(codec: DeviceCodec): string {
  return codecKey({ ...codec, parameters: parametersOf(codec.sdpFmtpLine) });
}

/** Media codecs that all of these devices have, in the first one's order. Of nobody: none. */
export function commonCodecs(devices: readonly Capabilities[], kind: MediaKind): DeviceCodec[] {
  const [first, ...others] = devices.map((device) => codecsOf(device, kind));
  const keys = others.map((codecs) => new Set(codecs.map(keyOf)));
  return (first ?? []).filter((codec) => keys.every((known) => known.has(keyOf(codec))));
}

function codecsOf(device: Capabilities, kind: MediaKind): DeviceCodec[] {
  const codecs = kind === 'audio' ? device.audioCodecs : device.videoCodecs;
  return codecs.filter(
    ({ mimeType }) => mimeType.toLowerCase().startsWith(kind) && !auxiliary.test(mimeType),
  );
}

const routerMediaCodecs: ReadonlyMap<string, RtpCodecCapability> = new Map(
  mediaCodecs(routerRtpCapabilities()).map((codec) => [codecKey(codec), codec]),
);

/** Media codecs (without rtx) that this device and the routers have in common, in the device's order. */
export function routerCodecsOf(device: Capabilities, kind: MediaKind): RtpCodecCapability[] {
  const found = codecsOf(device, kind).flatMap((codec) => routerMediaCodecs.get(keyOf(codec)) ?? []);
  return [...new Set(found)];
}

function mediaCodecs({ codecs }: RtpCapabilities): RtpCodecCapability[] {
  return codecs.filter(({ mimeType }) => !auxiliary.test(mimeType));
}

/**
 * What a device can be sent of one kind, for mediasoup's `consume()`: the router's codecs that it receives, each with
 * rtx where the device has that, and the header extensions that it named. Version 1 named none: it gets `mid`, without
 * which a bundled transport can not tell its streams apart. Not the same for both kinds: a device may take an
 * extension in its video alone.
 */
export function receiveCapabilities(
  router: RtpCapabilities,
  device: Capabilities,
  kind: MediaKind,
): RtpCapabilities {
  const keys = receivableKeys(device, kind);
  const media = mediaCodecs(router).filter((codec) => codec.kind === kind && keys.has(codecKey(codec)));
  const payloadTypes = new Set<unknown>(media.map(({ preferredPayloadType }) => preferredPayloadType));
  const hasRtx = device.videoCodecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/rtx');
  const uris = new Set([midUri, ...(device.headerExtensions?.[kind] ?? [])]);
  return {
    codecs: router.codecs.filter(
      (codec) => media.includes(codec) || (hasRtx && payloadTypes.has(codec.parameters['apt'])),
    ),
    headerExtensions: router.headerExtensions.filter(
      (extension) => extension.kind === kind && uris.has(extension.uri),
    ),
  };
}

/** Keys of the codecs that a device receives. */
export function receivableKeys(device: Capabilities, kind: MediaKind): ReadonlySet<string> {
  return new Set(codecsOf(device, kind).map(keyOf));
}

/** Keys of the media codecs that something was produced with. */
export function producedKeys({ codecs }: Pick<RtpParameters, 'codecs'>): string[] {
  return codecs
    .filter(({ mimeType }) => !auxiliary.test(mimeType))
    .map((codec) => codecKey({ ...codec, parameters: codec.parameters ?? {} }));
}
