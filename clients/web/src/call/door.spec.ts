import type { CallView, ParticipantView } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { doorOf } from './door.ts';

const person = (userId: string, more: Partial<ParticipantView> = {}): ParticipantView => ({
  participantId: `of-${userId}`,
  userId,
  displayName: userId,
  guest: true,
  role: 'participant',
  presence: 'connected',
  instanceId: 'i',
  sessionId: 's',
  gateway: 'g',
  joinedAt: 0,
  tracks: {},
  connections: {},
  ...more,
});

const call = (more: Partial<CallView> = {}, ...people: ParticipantView[]): CallView => ({
  callId: '01-call',
  tenantId: 'default',
  seq: 1,
  status: 'open',
  createdBy: 'host',
  createdAt: 0,
  guestsAllowed: true,
  participantsMax: 2,
  durationMsMax: 1,
  emptyTimeoutMs: 1,
  locked: false,
  participants: Object.fromEntries(people.map((p) => [p.participantId, p])),
  ...more,
});

const removed = person('me', { presence: 'left', leftReason: 'removed' });

describe('the door of a call', () => {
  it.each([
    ['open', 'open', call({}, person('a'))],
    ['ended', 'call_ended', call({ status: 'ended' })],
    ['locked', 'call_locked', call({ locked: true })],
    ['full', 'call_full', call({}, person('a'), person('b'))],
    ['not full of people who left', 'open', call({}, person('a'), person('b', { presence: 'left' }))],
    ['shut to who was removed', 'removed', call({}, removed)],
    ['open to who is in it, locked and full', 'open', call({ locked: true }, person('me'), person('b'))],
    [
      'shut to who left a locked call',
      'call_locked',
      call({ locked: true }, person('me', { presence: 'left' })),
    ],
  ] as const)('is %s', (_, door, view) => {
    expect(doorOf(view, 'me', 'of-me')).toBe(door);
  });

  it('is open to its host when it is locked, and full to them as to all', () => {
    expect(doorOf(call({ locked: true }), 'host', 'of-host')).toBe('open');
    expect(doorOf(call({}, person('a'), person('b')), 'host', 'of-host')).toBe('call_full');
  });
});
