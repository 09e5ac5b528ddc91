import {
  host,
  at,
  second,
  callId,
  created,
  fact,
  history,
  joined,
  locked,
  sdp,
} from '@ringback/domain/testing';
import type { CallEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { Subscription } from './subscription.ts';

const offer = fact('call.offer.sent', {
  from: second.participantId,
  to: host.participantId,
  connectionId: 'ab',
  sdp,
});
const events = history(created(), joined(host), joined(second), offer, at(1_763_576_674_817, locked));
const take = (subscription: Subscription, from: readonly CallEvent[]) =>
  from.flatMap((event) => {
    const text = subscription.take(event);
    return text === undefined ? [] : [JSON.parse(text) as { seq: number; after: number; event: CallEvent }];
  });
const places = (messages: { seq: number; after: number }[]) => messages.map((m) => [m.after, m.seq]);

describe('Subscription', () => {
  it('delivers in order, each saying what it follows for this recipient', () => {
    expect(places(take(new Subscription(callId, host.participantId, 0), events))).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
    // The second does not get their own offer: for them the lock follows their joining.
    const toSecond = new Subscription(callId, second.participantId, 2);
    expect(places(take(toSecond, events))).toEqual([
      [2, 3],
      [3, 5],
    ]);
    expect(toSecond.position).toBe(5);
  });

  it('delivers once', () => {
    const subscription = new Subscription(callId, host.participantId, 0);
    expect(take(subscription, [...events.slice(0, 2), ...events.slice(0, 2)])).toHaveLength(2);
  });

  it('never passes a gap on', () => {
    const subscription = new Subscription(callId, host.participantId, 0);
    expect(() => subscription.take(events[1]!)).toThrow();
    expect(take(subscription, events)).toHaveLength(5);
  });

  it('starts anew behind a snapshot', () => {
    const subscription = new Subscription(callId, host.participantId, 0);
    subscription.jump(3);
    expect(places(take(subscription, events))).toEqual([
      [3, 4],
      [4, 5],
    ]);
  });

  it('keeps the command from those in the call, and shows it to who watches', () => {
    const cause = { command: 'call.lock', actor: { kind: 'system', name: 'x' }, same: [], data: {} };
    const event = { ...events[4]!, data: { ...events[4]!.data, cause } } as unknown as CallEvent;
    const [toAnn] = take(new Subscription(callId, host.participantId, 4), [event]);
    expect(toAnn?.event).toEqual(events[4]);
    const [toWatcher] = take(new Subscription(callId, undefined, 4), [event]);
    expect(toWatcher?.event).toEqual(event);
  });

  it('shows negotiation to who watches', () => {
    expect(take(new Subscription(callId, undefined, 0), events)).toHaveLength(5);
  });
});
