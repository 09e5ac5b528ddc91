import type { CallEvent, CallEventBody, Report, TelemetryEvent } from '@ringback/schemas';

/** A call's log for specs: fixed ids, one event a second unless a time is given. */
const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
export const began = Date.parse('2026-01-05T10:00:00.000Z');

export const a = '00000000-0000-4000-8000-00000000000a';
export const b = '00000000-0000-4000-8000-00000000000b';
const session = '00000000-0000-4000-8000-0000000000f0';
export const page1 = '00000000-0000-4000-8000-0000000000e1';
export const page2 = '00000000-0000-4000-8000-0000000000e2';

export type Body = CallEventBody & { afterMs?: number };

export function log(...bodies: Body[]): CallEvent[] {
  return bodies.map(({ type, data, afterMs }, i) => {
    const sequence = i + 1;
    return {
      specversion: '1.0',
      id: `${callId}/${sequence}`,
      source: '/calls',
      subject: callId,
      type,
      time: new Date(began + (afterMs ?? i * 1000)).toISOString(),
      tenantid: 'main',
      sequence,
      partitionkey: callId,
      causationid: 'command',
      correlationid: 'request',
      schemaversion: 1,
      codeversion: 'spec',
      data,
    } as CallEvent;
  });
}

export const created: Body = {
  type: 'call.created',
  data: {
    createdBy: 'guest-a',
    name: 'Weekly',
    guestsAllowed: true,
    participantsMax: 8,
    durationMsMax: 3_600_000,
    emptyTimeoutMs: 60_000,
  },
};

export const joined = (participantId: string, displayName: string): Body => ({
  type: 'call.participant.joined',
  data: {
    participantId,
    userId: `guest-${displayName}`,
    guest: true,
    role: participantId === a ? 'host' : 'participant',
    displayName,
    instanceId: page1,
    sessionId: session,
    gateway: 'edge-1',
  },
});

export const reconnected = (participantId: string, instanceId: string): Body => ({
  type: 'call.participant.reconnected',
  data: { participantId, instanceId, sessionId: session, gateway: 'edge-1' },
});

export const disconnected = (participantId: string): Body => ({
  type: 'call.participant.disconnected',
  data: {
    participantId,
    sessionId: session,
    reason: 'socket-closed',
    graceUntil: '2026-01-05T10:01:00.000Z',
  },
});

export const left = (participantId: string): Body => ({
  type: 'call.participant.left',
  data: { participantId, reason: 'left' },
});

export const published = (participantId: string, trackId: string, muted = false): Body => ({
  type: 'call.track.published',
  data: { participantId, track: { trackId, kind: 'audio', source: 'microphone', muted } },
});

export const muted = (participantId: string, trackId: string): Body => ({
  type: 'call.track.muted',
  data: { participantId, trackId },
});

export const unmuted = (participantId: string, trackId: string): Body => ({
  type: 'call.track.unmuted',
  data: { participantId, trackId },
});

export const offered = (from: string, to: string): Body => ({
  type: 'call.offer.sent',
  data: { from, to, connectionId: 'c1', sdp: 'v=0' },
});

export const candidate = (from: string, to: string, text: string): Body => ({
  type: 'call.candidate.sent',
  data: { from, to, connectionId: 'c1', candidate: { candidate: text } },
});

export const locked: Body = { type: 'call.locked', data: { by: a } };
export const unlocked: Body = { type: 'call.unlocked', data: { by: a } };
export const ended: Body = { type: 'call.ended', data: { reason: 'host', by: a } };

export const raised = (participantId: string): Body => ({
  type: 'call.hand.raised',
  data: { participantId },
});

export const lowered = (participantId: string, by: string): Body => ({
  type: 'call.hand.lowered',
  data: { participantId, by },
});

export const removed = (participantId: string, by: string): Body => ({
  type: 'call.participant.left',
  data: { participantId, reason: 'removed', by },
});

export const toCallServer = (epoch: number): Body => ({
  type: 'call.route.changed',
  data: {
    kind: 'call-server',
    epoch,
    reason: 'third-joined',
    policy: 1,
    people: 3,
    server: { gateway: 'media-1/7', region: 'eu', load: 0.12 },
  },
});

export const toPeers = (epoch: number): Body => ({
  type: 'call.route.changed',
  data: { kind: 'p2p', epoch, reason: 'two-again', policy: 1, people: 2 },
});

export const settled = (epoch: number): Body => ({
  type: 'call.route.settled',
  data: { epoch, missing: [] },
});

export const layersChanged = (to: string, participantId: string, trackId: string): Body => ({
  type: 'call.layers.changed',
  data: {
    to,
    participantId,
    trackId,
    epoch: 1,
    decision: 'layer-down',
    layers: { spatialLayer: 0, temporalLayer: 2 },
    before: { spatialLayer: 2, temporalLayer: 2 },
    reason: 'downlink',
    samples: { availableOutgoingBitrate: 280_400 },
  },
});

const telemetry = {
  specversion: '1.0',
  source: '/gateways/edge-1',
  subject: callId,
  tenantid: 'main',
  schemaversion: 1,
} as const;

export const refusal = (userId: string, afterMs: number): TelemetryEvent => ({
  ...telemetry,
  id: `refusal ${afterMs}`,
  time: new Date(began + afterMs).toISOString(),
  type: 'call.command.rejected',
  causationid: 'command',
  correlationid: 'request',
  data: {
    command: 'call.lock',
    actor: { kind: 'user', userId, guest: true, admin: false },
    rejection: { code: 'not_host', message: 'Only a host of the call may do this.' },
  },
});

export const report = (participantId: string, afterMs: number, value: Report): TelemetryEvent => ({
  ...telemetry,
  id: `report ${afterMs}`,
  time: new Date(began + afterMs).toISOString(),
  type: 'call.client.reported',
  data: { participantId, report: value },
});
