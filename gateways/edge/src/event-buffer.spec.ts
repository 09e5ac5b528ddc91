import { host, fact, history, created, joined } from '@ringback/domain/testing';
import type { CallEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from './event-buffer.ts';
import { eventLength } from './subscription.ts';

const offer = fact('call.offer.sent', {
  from: host.participantId,
  to: host.participantId,
  connectionId: 'ab',
  sdp: `v=0${'x'.repeat(10_000)}`,
});
const all: CallEvent[] = history(created(), joined(host), ...Array.from({ length: 20 }, () => offer));
const long = all.slice(2);
const sequences = (buffer: EventBuffer) => [...buffer.after(0)].map((e) => e.sequence);

describe('EventBuffer', () => {
  it('keeps the last ones, by number', () => {
    const buffer = new EventBuffer(3, Infinity);
    for (const event of all.slice(0, 5)) buffer.push(event);
    expect(sequences(buffer)).toEqual([3, 4, 5]);
    expect(buffer.first).toBe(3);
  });

  it('keeps the last ones, by size', () => {
    const buffer = new EventBuffer(1_000, 4 * eventLength(long.at(-1)!));
    for (const event of long) buffer.push(event);
    expect(sequences(buffer)).toEqual(long.slice(-4).map((e) => e.sequence));
  });

  it('takes no more than fits, and again once there is room', () => {
    const buffer = new EventBuffer(1_000, 2 * eventLength(long[0]!));
    for (const event of long.slice(0, 4)) buffer.add(event);
    buffer.add(long[0]!);
    expect(sequences(buffer)).toEqual([3, 4]);
    expect(buffer.take(3)).toEqual(long[0]);
    expect(buffer.take(3)).toBeUndefined();
    buffer.add(long[3]!);
    expect(sequences(buffer)).toEqual([4, 6]);
    buffer.dropUpTo(5);
    expect(sequences(buffer)).toEqual([6]);
  });

  it('has room for one, however long', () => {
    const buffer = new EventBuffer(1_000, 10);
    for (const event of long.slice(0, 2)) buffer.push(event);
    expect(sequences(buffer)).toEqual([4]);
  });
});
