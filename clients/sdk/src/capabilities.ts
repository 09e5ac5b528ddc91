import type { Capabilities } from '@ringback/schemas';

/** As many as the contract takes of each kind; Chromium lists about 30. */
const codecsMax = 64;
/** As many as the contract takes; Chromium lists 14 for video. */
const headerExtensionsMax = 32;

/**
 * What this device can send and receive (W3C webrtc-pc sections 5.2 and 5.3, `getCapabilities`). Without WebRTC:
 * no codecs, which tells the others not to make peer connections to us.
 */
export function capabilities(): Capabilities {
  return {
    version: 2,
    audioCodecs: codecs('audio'),
    videoCodecs: codecs('video'),
    screenShare: typeof globalThis.navigator?.mediaDevices?.getDisplayMedia === 'function',
    userAgent: (globalThis.navigator?.userAgent ?? '').slice(0, 256),
    headerExtensions: { audio: headerExtensions('audio'), video: headerExtensions('video') },
    peerToPeer: true,
  };
}

function headerExtensions(kind: 'audio' | 'video'): string[] {
  const known = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.headerExtensions ?? [];
  return [...new Set(known.map(({ uri }) => uri))].slice(0, headerExtensionsMax);
}

/** What can be both sent and received; each field is copied, for the browser's own may grow new ones. */
function codecs(kind: 'audio' | 'video'): Capabilities['audioCodecs'] {
  const name = (c: RTCRtpCodec) => `${c.mimeType} ${c.sdpFmtpLine ?? ''}`;
  const sent = new Set(globalThis.RTCRtpSender?.getCapabilities?.(kind)?.codecs.map(name));
  const received = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs ?? [];
  return received
    .filter((c) => sent.has(name(c)))
    .slice(0, codecsMax)
    .map((c) => ({
      mimeType: c.mimeType,
      clockRate: c.clockRate,
      ...(c.channels === undefined ? {} : { channels: c.channels }),
      ...(c.sdpFmtpLine === undefined ? {} : { sdpFmtpLine: c.sdpFmtpLine }),
    }));
}
