import type { Capabilities, RtpParameters } from '@ringback/schemas';

/** What Chromium 156 announces and sends, as it was heard from one; codecs that no test needs are left out. */

export const chromium: Capabilities = {
  version: 2,
  audioCodecs: [
    { mimeType: 'audio/opus', clockRate: 48_000, channels: 2, sdpFmtpLine: 'minptime=10;useinbandfec=1' },
    { mimeType: 'audio/red', clockRate: 48_000, channels: 2 },
    { mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1 },
  ],
  videoCodecs: [
    { mimeType: 'video/VP8', clockRate: 90_000 },
    { mimeType: 'video/rtx', clockRate: 90_000 },
    { mimeType: 'video/VP9', clockRate: 90_000, sdpFmtpLine: 'profile-id=0' },
    { mimeType: 'video/VP9', clockRate: 90_000, sdpFmtpLine: 'profile-id=2' },
    {
      mimeType: 'video/H264',
      clockRate: 90_000,
      sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f',
    },
    {
      mimeType: 'video/H264',
      clockRate: 90_000,
      sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    },
    { mimeType: 'video/AV1', clockRate: 90_000, sdpFmtpLine: 'level-idx=5;profile=0;tier=0' },
    { mimeType: 'video/red', clockRate: 90_000 },
    { mimeType: 'video/ulpfec', clockRate: 90_000 },
  ],
  screenShare: true,
  userAgent: 'Chromium 156',
  headerExtensions: {
    audio: [
      'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      'urn:ietf:params:rtp-hdrext:sdes:mid',
    ],
    video: [
      'urn:ietf:params:rtp-hdrext:toffset',
      'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'urn:3gpp:video-orientation',
      'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
      'urn:ietf:params:rtp-hdrext:sdes:mid',
      'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
      'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    ],
  },
};

const mid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} };
const transportCc = {
  uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  id: 3,
  encrypt: false,
  parameters: {},
};

export const microphoneRtp: RtpParameters = {
  mid: '0',
  codecs: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { minptime: 10, useinbandfec: 1 },
      rtcpFeedback: [
        { type: 'transport-cc', parameter: '' },
        { type: 'nack', parameter: '' },
      ],
    },
  ],
  headerExtensions: [mid, transportCc],
  encodings: [{ ssrc: 3_325_357_855, dtx: false }],
  rtcp: { cname: 'KnksWAMZnUnfbfCl', reducedSize: true },
  msid: '88151a80-4a24-4ddd-aa48-7768c16dca0c dafcada6-8dee-4f33-8601-a741fd9de808',
};

/** VP8, three layers. */
export const cameraRtp: RtpParameters = {
  mid: '1',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [
        { type: 'goog-remb', parameter: '' },
        { type: 'transport-cc', parameter: '' },
        { type: 'ccm', parameter: 'fir' },
        { type: 'nack', parameter: '' },
        { type: 'nack', parameter: 'pli' },
      ],
    },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] },
  ],
  headerExtensions: [
    mid,
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 10, encrypt: false, parameters: {} },
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', id: 11, encrypt: false, parameters: {} },
    transportCc,
  ],
  encodings: [
    {
      active: true,
      scalabilityMode: 'L1T3',
      scaleResolutionDownBy: 4,
      maxBitrate: 100_000,
      rid: 'r0',
      dtx: false,
    },
    {
      active: true,
      scalabilityMode: 'L1T3',
      scaleResolutionDownBy: 2,
      maxBitrate: 300_000,
      rid: 'r1',
      dtx: false,
    },
    {
      active: true,
      scalabilityMode: 'L1T3',
      scaleResolutionDownBy: 1,
      maxBitrate: 1_200_000,
      rid: 'r2',
      dtx: false,
    },
  ],
  rtcp: { cname: '', reducedSize: true },
  msid: '88151a80-4a24-4ddd-aa48-7768c16dca0c efb08549-4ea1-4fc0-af64-3d6bdf0e2a74',
};
