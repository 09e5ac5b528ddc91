import type { Capabilities } from '@ringback/schemas';

/** Devices of the table tests, as browsers announce themselves. */

type Codec = Capabilities['videoCodecs'][number];

export const opus: Codec = {
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
  sdpFmtpLine: 'minptime=10;useinbandfec=1',
};
const video = (mimeType: string, sdpFmtpLine?: string): Codec => ({
  mimeType,
  clockRate: 90_000,
  ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
});
export const vp8 = video('video/VP8');
export const vp9 = video('video/VP9', 'profile-id=0');
export const vp9Profile2 = video('video/VP9', 'profile-id=2');
export const av1 = video('video/AV1', 'level-idx=5;profile=0;tier=0');
export const rtx = video('video/rtx');
export const h264 = video(
  'video/H264',
  'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
);
export const h264Mode0 = video(
  'video/H264',
  'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
);
export const h264Baseline = video('video/H264', 'packetization-mode=1;profile-level-id=42001f');
export const h264High = video('video/H264', 'packetization-mode=1;profile-level-id=640c1f');

const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const sendTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const transportCc = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

export function device(videoCodecs: Codec[], more: Partial<Capabilities> = {}): Capabilities {
  return {
    version: 2,
    audioCodecs: [opus],
    videoCodecs,
    screenShare: true,
    userAgent: 'test',
    headerExtensions: { audio: [mid, sendTime, transportCc], video: [mid, sendTime, transportCc] },
    ...more,
  };
}

export const devices = {
  /** Lists VP8 first, as Chromium does. */
  all: device([vp8, rtx, vp9, h264Baseline, h264Mode0, h264, av1]),
  h264Only: device([h264, rtx]),
  vp8Only: device([vp8, rtx]),
  /** Would rather have AV1 than anything else. */
  av1First: device([av1, rtx, vp9, vp8, h264]),
  vp9First: device([vp9, rtx, vp8, h264]),
  /** An old telephone gateway: sound alone. */
  audioOnly: device([]),
  /** Before header extensions were announced. */
  version1: {
    ...device([vp8, rtx]),
    version: 1,
    headerExtensions: undefined,
  } satisfies Capabilities as Capabilities,
  /** A bot that follows the call. */
  bot: device([], { audioCodecs: [] }),
};
