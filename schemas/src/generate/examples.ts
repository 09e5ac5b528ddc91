import type { CallEvent } from '../call/events.ts';
import type { ClientCommandType } from '../call/commands.ts';
import type { CallView } from '../call/view.ts';
import type { httpOperations } from '../edge/http.ts';
import type { ClientMessage, ServerMessage } from '../edge/messages.ts';
import { limits } from '../limits.ts';
import type { ClientReported } from '../telemetry.ts';

/** One small story for all documents: a host makes a call, joins it and meets a guest there. */
const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
const userId = 'guest-019a9d5c-6f10-7d21-8c33-0a1b2c3d4e5f';
const participantId = '3fa4c9d2-5b1e-4f60-9a77-2c8e1d0b6f35';
const peerId = 'b81d20e7-6c4f-4a39-8d12-7e5f90a3c6b4';
const sessionId = '7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5';
const instanceId = '5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9';
const connectionId = '5e6f7a8b/1f2e3d4c';
const trackId = 'a9b8c7d6-e5f4-4a3b-9c2d-1e0f9a8b7c6d';
const producerId = 'd4c3b2a1-0f9e-4d8c-b7a6-95e4d3c2b1a0';
const consumerId = '9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b';
const gateway = 'edge-1';
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJndWVzdC0wMTlhIn0.c2lnbmF0dXJl';
const createId = '019a9d5c-79f0-7b3a-8f21-6e5d4c3b2a19';
const joinId = '019a9d5c-8a10-7b3a-8f21-6e5d4c3b2a20';
const createdAt = Date.parse('2025-11-19T18:24:34.816Z');
const joinedAt = createdAt + 4_112;
const stateHash = '0f343b0931126a20f133d67c2b018a3b1f0a6ee7e3f0b6e9f2d1e7a1c0a94d5b';

const actor = { kind: 'user', userId, guest: true, admin: false } as const;
const iceServers = [
  { urls: ['stun:turn.example.org:3478'] },
  {
    urls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:5349?transport=tcp'],
    username: `1763619874:${userId}`,
    credential: 'c2hvcnQtbGl2ZWQtaG1hYw==',
  },
];

const state: CallView = {
  callId,
  tenantId: 'default',
  seq: 2,
  status: 'open',
  name: 'Weekly planning',
  createdBy: userId,
  createdAt,
  guestsAllowed: true,
  participantsMax: limits.participantsDefault,
  durationMsMax: limits.callDurationMsDefault,
  emptyTimeoutMs: limits.emptyTimeoutMsDefault,
  locked: false,
  participants: {
    [participantId]: {
      participantId,
      userId,
      displayName: 'Host',
      guest: true,
      role: 'host',
      presence: 'connected',
      instanceId,
      sessionId,
      gateway,
      joinedAt,
      tracks: {},
      connections: {},
    },
  },
};

export const exampleEvent: CallEvent = {
  specversion: '1.0',
  id: `${callId}/2`,
  source: '/calls',
  type: 'call.participant.joined',
  subject: callId,
  time: new Date(joinedAt).toISOString(),
  tenantid: 'default',
  sequence: 2,
  partitionkey: callId,
  causationid: joinId,
  correlationid: joinId,
  schemaversion: 1,
  codeversion: '0.1.0',
  data: {
    participantId,
    userId,
    guest: true,
    role: 'host',
    displayName: 'Host',
    instanceId,
    sessionId,
    gateway,
    cause: {
      command: 'call.join',
      actor,
      sessionId,
      receivedTime: new Date(joinedAt - 2).toISOString(),
      same: ['participantId', 'instanceId', 'displayName', 'gateway'],
      data: {},
    },
  },
};

const joinReport = {
  kind: 'join',
  route: 'call-server',
  marks: { token: 12, socket: 40, joined: 55, ice: 140, dtls: 180, firstFrame: 412 },
} as const;

const exampleTelemetry: ClientReported = {
  specversion: '1.0',
  id: '019a9d5c-8c00-7d1e-9f30-4b5c6d7e8f90',
  source: `/gateways/${gateway}`,
  type: 'call.client.reported',
  subject: callId,
  time: new Date(joinedAt + 430).toISOString(),
  tenantid: 'default',
  schemaversion: 1,
  data: { participantId, report: joinReport },
};

const messageId = '019a9d5c-8d20-7a11-9c31-5d6e7f8091a2';
const userMessage = { type: 'meeting.soon', data: { callId, minutes: 5 } };
const presence = [
  { userId: 'user-42', presence: 'in-call' },
  { userId: 'user-43', presence: 'offline' },
];

/** Bodies by operation. */
export const httpExamples: Record<keyof typeof httpOperations, { body?: unknown; response: unknown }> = {
  createGuest: {
    body: { displayName: 'Host' },
    response: { userId, token, expiresAt: createdAt + 12 * 3_600_000 },
  },
  renewGuest: { response: { userId, token, expiresAt: createdAt + 36 * 3_600_000 } },
  createCall: {
    body: { commandId: createId, name: 'Weekly planning' },
    response: { callId, seq: 1, url: `/c/${callId}` },
  },
  listCalls: {
    response: {
      calls: [
        {
          callId,
          status: 'open',
          name: 'Weekly planning',
          createdBy: userId,
          createdAt,
          people: ['Host', 'Guest'],
          participantsNow: 2,
          seq: 14,
        },
      ],
      stale: false,
    },
  },
  getCall: { response: { callId, seq: 2, stateHash, state } },
  getEvents: { response: { callId, events: [exampleEvent], next: 2 } },
  getTelemetry: { response: { callId, telemetry: [exampleTelemetry], more: false, next: '3127.0' } },
  getIceServers: { response: { iceServers, ttlSeconds: 43_200 } },
  connect: { body: { callId }, response: { gateway, region: 'local', url: '/v1/ws' } },
  getPresence: { response: { users: presence, complete: true } },
  sendMessage: {
    body: { messageId, message: userMessage },
    response: { messageId, sessions: 2, complete: true },
  },
};

const id = joinId;
const data = {
  'call.join': {
    participantId,
    instanceId,
    displayName: 'Host',
    fingerprints: [
      {
        algorithm: 'sha-256',
        value:
          '5A:0C:91:E3:7B:22:D8:46:AF:13:6E:C0:9D:54:B7:28:F1:83:3E:0A:65:DC:49:B2:17:8E:F4:20:CB:76:3D:A9',
      },
    ],
  },
  'call.leave': {},
  'call.lock': {},
  'call.unlock': {},
  'call.end': {},
  'call.publish': { track: { trackId, kind: 'audio', source: 'microphone', muted: false } },
  'call.unpublish': { trackId },
  'call.mute': { trackId },
  'call.unmute': { trackId },
  'call.offer': { to: peerId, connectionId, sdp: 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n…' },
  'call.answer': { to: peerId, connectionId, sdp: 'v=0\r\no=- 7614219274584779017 2 IN IP4 127.0.0.1\r\n…' },
  'call.candidate': {
    to: peerId,
    connectionId,
    candidate: {
      candidate: 'candidate:1 1 udp 2122260223 192.0.2.17 54321 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: 'k2Fd',
    },
  },
  'call.capabilities': {
    capabilities: {
      version: 2,
      audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
      videoCodecs: [{ mimeType: 'video/VP8', clockRate: 90_000 }],
      screenShare: true,
      userAgent: 'Mozilla/5.0',
      headerExtensions: {
        audio: ['urn:ietf:params:rtp-hdrext:sdes:mid', 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'],
        video: ['urn:ietf:params:rtp-hdrext:sdes:mid', 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'],
      },
    },
  },
  'call.connection': {
    peerId,
    connectionId,
    state: 'connected',
    pair: { localCandidateType: 'host', remoteCandidateType: 'srflx', protocol: 'udp' },
  },
  'call.transport': {
    direction: 'send',
    epoch: 1,
    state: 'connected',
    pair: {
      localCandidateType: 'srflx',
      remoteCandidateType: 'host',
      protocol: 'udp',
      currentRoundTripTime: 0.024,
    },
  },
  'call.produce': {
    epoch: 1,
    producers: [
      {
        producerId,
        trackId,
        rtpParameters: {
          mid: '0',
          codecs: [
            {
              mimeType: 'audio/opus',
              payloadType: 111,
              clockRate: 48_000,
              channels: 2,
              parameters: { minptime: 10, useinbandfec: 1 },
              rtcpFeedback: [{ type: 'transport-cc' }],
            },
          ],
          headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 }],
          encodings: [{ ssrc: 2_893_751_422, dtx: true }],
          rtcp: { cname: 'kZ2v8sQ1', reducedSize: true },
        },
      },
    ],
  },
  'call.swapped': { epoch: 1, samples: { longestFrameGapMs: 117, concealedMs: 11 } },
  'call.bandwidth': { decision: 'audio-only', samples: { availableOutgoingBitrate: 96_000 } },
  'call.raise-hand': {},
  'call.lower-hand': {},
  'call.mute-participant': { participantId: peerId, trackId },
  'call.remove': { participantId: peerId },
} satisfies Record<ClientCommandType, unknown>;

const commands = Object.fromEntries(
  Object.entries(data).map(([type, fields]) => [type, { type, id, callId, data: fields }]),
) as Record<ClientCommandType, unknown>;

/** Messages by type, both ways. */
export const messageExamples: Record<ClientMessage['type'] | ServerMessage['type'], unknown> = {
  connect: { type: 'connect', id, protocol: 1, token },
  'token.renew': { type: 'token.renew', id, token },
  watch: { type: 'watch', id, callId, after: 0 },
  unwatch: { type: 'unwatch', id, callId },
  tiles: { type: 'tiles', id, callId, tiles: { [consumerId]: { width: 640, height: 360, speaking: true } } },
  report: { type: 'report', id, callId, report: joinReport },
  follow: { type: 'follow', id, users: ['user-42', 'user-43'] },
  away: { type: 'away', id, away: true },
  ...commands,
  connected: {
    type: 'connected',
    id,
    sessionId,
    userId,
    gateway,
    serverTime: joinedAt,
    heartbeatMs: 15_000,
    iceServers,
  },
  reply: { type: 'reply', id, ok: true, callId, seq: 2 },
  snapshot: { type: 'snapshot', callId, seq: 2, resync: false, state },
  event: { type: 'event', callId, seq: 2, after: 1, event: exampleEvent },
  presence: { type: 'presence', id, users: presence },
  message: { type: 'message', messageId, from: 'calendar', sentAt: joinedAt, message: userMessage },
  'token.expiring': { type: 'token.expiring', expiresAt: joinedAt + 120_000, leftMs: 120_000 },
  'token.renewed': { type: 'token.renewed', id, expiresAt: joinedAt + 3_600_000 },
  bye: {
    type: 'bye',
    code: 4200,
    reason: 'The gateway is stopping.',
    retryAfterMs: 1_500,
  },
};
