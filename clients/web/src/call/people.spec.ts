import type { CallView, ParticipantView } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { presentPeople, raisedHands, sends } from './people.ts';

const person = (participantId: string, more: Partial<ParticipantView> = {}) =>
  ({ participantId, presence: 'connected', joinedAt: 0, tracks: {}, ...more }) as ParticipantView;

it('lists who is in the call in the order they came', () => {
  const people = [
    person('late', { joinedAt: 3 }),
    person('gone', { joinedAt: 1, presence: 'left' }),
    person('away', { joinedAt: 2, presence: 'disconnected' }),
    person('first', { joinedAt: 1 }),
  ];
  const view = {
    participants: Object.fromEntries(people.map((p) => [p.participantId, p])),
  } as unknown as CallView;
  expect(presentPeople(view).map((p) => p.participantId)).toEqual(['first', 'away', 'late']);
  expect(presentPeople(undefined)).toEqual([]);
});

it('lists raised hands, the longest waiting first', () => {
  const people = [person('b', { handRaisedAt: 20 }), person('c'), person('a', { handRaisedAt: 10 })];
  expect(raisedHands(people).map((p) => p.participantId)).toEqual(['a', 'b']);
});

it('counts a muted track as not sent', () => {
  const track = { trackId: 't', kind: 'audio', source: 'microphone', muted: false } as const;
  expect(sends(person('a', { tracks: { t: track } }), 'microphone')).toBe(true);
  expect(sends(person('a', { tracks: { t: { ...track, muted: true } } }), 'microphone')).toBe(false);
  expect(sends(person('a', { tracks: { t: track } }), 'camera')).toBe(false);
});
