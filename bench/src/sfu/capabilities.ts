import { midUri } from '@ringback/domain';
import type { Capabilities } from '@ringback/schemas';

const sendTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const transportWide = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/** What a client of the load can do: one codec of each kind, so that the same is forwarded everywhere. */
export const loadCapabilities: Capabilities = {
  version: 2,
  audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  videoCodecs: [{ mimeType: 'video/VP8', clockRate: 90_000 }],
  screenShare: false,
  userAgent: 'ringback bench',
  headerExtensions: { audio: [midUri, sendTime], video: [midUri, sendTime, transportWide] },
};
