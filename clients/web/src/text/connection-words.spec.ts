import type { ParticipantView } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { connectionWord, type ConnectionFacts } from './connection-words.ts';

const track = { trackId: 'mic', kind: 'audio', source: 'microphone', muted: false } as const;
const person: ParticipantView = {
  participantId: 'p',
  userId: 'u',
  displayName: 'Guest',
  guest: true,
  role: 'participant',
  presence: 'connected',
  instanceId: 'i',
  sessionId: 's',
  gateway: 'g',
  joinedAt: 0,
  tracks: { mic: track },
  connections: {},
};
const well: ConnectionFacts = {
  person,
  kind: 'p2p',
  switching: false,
  carrier: 'connected',
  arrives: true,
};
const sends = (state: 'connected' | 'disconnected') => ({
  ...person,
  transports: { send: { epoch: 1, state } },
});

describe('what stands between two people', () => {
  it.each([
    ['all well', {}, undefined],
    ['away', { person: { ...person, presence: 'disconnected' } }, 'away'],
    ['not connected yet', { carrier: undefined, arrives: false }, 'connecting …'],
    ['nothing sent', { person: { ...person, tracks: {} }, carrier: undefined, arrives: false }, undefined],
    ['connecting again', { carrier: 'connecting' }, 'connecting …'],
    ['interrupted', { carrier: 'disconnected' }, 'reconnecting …'],
    ['failed', { carrier: 'failed', arrives: false }, 'no connection'],
    ['in a switch the old way still carries', { switching: true, carrier: 'connecting' }, undefined],
    ['a joiner in a switch has none yet', { switching: true, arrives: false }, 'connecting …'],
    [
      'their end of the Call Server',
      { kind: 'call-server', person: sends('disconnected') },
      'reconnecting …',
    ],
    ['which says nothing of peer to peer', { person: sends('disconnected') }, undefined],
  ] as const)('%s', (_, facts, word) => {
    expect(connectionWord({ ...well, ...facts } as ConnectionFacts)).toBe(word);
  });
});
