import { expect, it } from 'vitest';
import { Tally } from './tally.ts';

const window = { first: 100, lead: 1, all: 3, deliveries: 3, replies: true };

function done(tally: Tally, number: number, atMs: number): void {
  for (const ms of [atMs - 2, atMs - 1, atMs]) tally.delivered(number, ms);
  tally.replied(number, undefined);
}

it('counts from the due time to the last of the three, without the lead', () => {
  const tally = new Tally(window);
  for (const number of [100, 101, 102]) tally.sent(number, 10 * number);
  done(tally, 100, 9_999);
  done(tally, 101, 1_014);
  expect(tally.complete).toBe(false);
  done(tally, 102, 1_026);
  expect(tally.complete).toBe(true);
  expect(tally.figures()).toEqual({
    sent: 2,
    completed: 2,
    p50Ms: 4,
    p99Ms: 6,
    extra: 0,
    refusals: {},
  });
});

it('does not call complete what one of the three has not got, or what was not answered', () => {
  const tally = new Tally(window);
  tally.delivered(101, 1);
  tally.delivered(101, 1);
  tally.replied(101, undefined);
  for (const ms of [1, 2, 3]) tally.delivered(102, ms);
  expect(tally.complete).toBe(false);
  expect(tally.figures()).toMatchObject({ sent: 2, completed: 0, p50Ms: Number.NaN });
});

it('keeps refusals by code, and what came twice or was never sent', () => {
  const tally = new Tally({ ...window, deliveries: 1 });
  tally.replied(101, 'rate_limited');
  tally.replied(102, 'rate_limited');
  tally.delivered(101, 1);
  tally.delivered(101, 1);
  tally.delivered(999, 1);
  expect(tally.figures()).toMatchObject({ extra: 2, refusals: { rate_limited: 2 } });
});
