import { commandIdSchema } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { actionId, eachEvent, eachReply } from './action-ids.ts';

const event = (id: string) => ({ type: 'event', event: { causationid: id, correlationid: id } });

it('makes ids that a command may have', () => {
  expect(commandIdSchema.parse(actionId(2 ** 40))).toBe(actionId(2 ** 40));
});

it('finds every event of ours in a frame and nobody else’s', () => {
  const other = '4b1c0000-0000-4000-8000-000000000001';
  const frame = JSON.stringify([event(actionId(1)), event(other), event(actionId(77_777))]);
  const numbers: number[] = [];
  eachEvent(frame, (number) => numbers.push(number));
  expect(numbers).toEqual([1, 77_777]);
});

it('finds replies and what was refused', () => {
  const frame = JSON.stringify([
    event(actionId(5)),
    { type: 'reply', id: actionId(5), ok: true, callId: 'c', seq: 9 },
    { type: 'reply', id: actionId(6), ok: false, error: { code: 'rate_limited', message: 'slow' } },
  ]);
  const replies: unknown[] = [];
  eachReply(frame, (number, refusal) => replies.push([number, refusal]));
  expect(replies).toEqual([
    [5, undefined],
    [6, 'rate_limited'],
  ]);
});
