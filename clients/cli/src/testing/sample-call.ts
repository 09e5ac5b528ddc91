import { timeOfMs, type CallEvent, type CallEventBody, type CommandRejected } from '@ringback/schemas';
import type { Terminal } from '../terminal.ts';

/** A small call for specs: a host and a guest, neither with an account, with fixed ids and times. */
export const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
export const host = '3fa4c9d2-5b1e-4f60-9a77-2c8e1d0b6f35';
export const guest = 'b81d20e7-6c4f-4a39-8d12-7e5f90a3c6b4';
export const startedAt = Date.parse('2025-11-19T18:24:34.816Z');
const instanceId = '5e6f7a8b-9c0d-4e1f-a2b3-c4d5e6f7a8b9';
const sessionId = '7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5';
export const actor = { kind: 'user', userId: 'guest-host', guest: true, admin: false } as const;

/** One fact with its envelope, 500 ms after the one before it. */
export function fact(sequence: number, body: CallEventBody): CallEvent {
  const time = timeOfMs(startedAt + (sequence - 1) * 500);
  return {
    specversion: '1.0',
    id: `${callId}/${sequence}`,
    source: '/calls',
    type: body.type,
    subject: callId,
    time,
    tenantid: 'default',
    sequence,
    partitionkey: callId,
    causationid: '019a9d5c-8a10-7b3a-8f21-6e5d4c3b2a20',
    correlationid: '019a9d5c-8a10-7b3a-8f21-6e5d4c3b2a20',
    schemaversion: 1,
    codeversion: '0.1.0',
    data: body.data,
  } as CallEvent;
}

export function joined(participantId: string, displayName: string): CallEventBody {
  return {
    type: 'call.participant.joined',
    data: {
      participantId,
      userId: `guest-${displayName.toLowerCase()}`,
      guest: true,
      role: participantId === host ? 'host' : 'participant',
      displayName,
      instanceId,
      sessionId,
      gateway: 'edge-1',
    },
  };
}

export const created: CallEventBody = {
  type: 'call.created',
  data: {
    createdBy: 'guest-host',
    name: 'Weekly planning',
    guestsAllowed: true,
    participantsMax: 8,
    durationMsMax: 43_200_000,
    emptyTimeoutMs: 60_000,
  },
};

const pair = { localCandidateType: 'host', remoteCandidateType: 'srflx', protocol: 'udp' } as const;

export const sampleFacts: readonly CallEvent[] = [
  created,
  joined(host, 'Host'),
  joined(guest, 'Guest'),
  {
    type: 'call.track.published',
    data: {
      participantId: host,
      track: { trackId: 'mic-1', kind: 'audio', source: 'microphone', muted: false },
    },
  },
  { type: 'call.track.muted', data: { participantId: host, trackId: 'mic-1' } },
  {
    type: 'call.connection.changed',
    data: { participantId: guest, peerId: host, connectionId: 'c-1', state: 'connected', pair },
  },
  { type: 'call.locked', data: { by: host } },
  { type: 'call.participant.left', data: { participantId: guest, reason: 'left' } },
  { type: 'call.participant.left', data: { participantId: host, reason: 'call-ended' } },
  { type: 'call.ended', data: { reason: 'host', by: host } },
].map((body, index) => fact(index + 1, body as CallEventBody));

/** Somebody is turned away while the call is locked. */
export const refusal: CommandRejected = {
  specversion: '1.0',
  id: 'edge-1/1',
  source: '/gateways/edge-1',
  type: 'call.command.rejected',
  subject: callId,
  time: timeOfMs(startedAt + 3_250),
  tenantid: 'default',
  causationid: '019a9d5c-8a10-7b3a-8f21-6e5d4c3b2a21',
  correlationid: '019a9d5c-8a10-7b3a-8f21-6e5d4c3b2a21',
  schemaversion: 1,
  data: {
    command: 'call.join',
    actor: { kind: 'user', userId: 'guest-late', guest: true, admin: false },
    rejection: { code: 'call_locked', message: 'The call is locked. Ask somebody inside to unlock it.' },
  },
};

/** A terminal that keeps what is written. */
export function recordingTerminal(columns?: number): Terminal & { out: string; err: string } {
  return {
    columns,
    colour: false,
    out: '',
    err: '',
    write(text) {
      this.out += text;
    },
    writeError(text) {
      this.err += text;
    },
  };
}
