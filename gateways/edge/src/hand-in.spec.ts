import { ManualClock } from '@ringback/runtime';
import { expect, it } from 'vitest';
import { handIn } from './hand-in.ts';
import { limits } from './limits.ts';

function waiting(pendingCount: number) {
  const clock = new ManualClock(0);
  const link = { pendingCount };
  let done = false;
  void handIn(() => link.pendingCount, clock).then(() => (done = true));
  const advance = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
    return done;
  };
  return { link, advance };
}

it('where nothing waits there is no wait', async () => {
  expect(await waiting(0).advance(0)).toBe(true);
});

it('ends with the last answer', async () => {
  const { link, advance } = waiting(2);
  expect(await advance(limits.handInLookMs)).toBe(false);
  link.pendingCount = 1;
  expect(await advance(limits.handInLookMs)).toBe(false);
  link.pendingCount = 0;
  expect(await advance(limits.handInLookMs)).toBe(true);
});

it('where nobody answers it ends all the same', async () => {
  const { advance } = waiting(1);
  for (let ms = 0; ms < limits.handInMs - limits.handInLookMs; ms += limits.handInLookMs)
    expect(await advance(limits.handInLookMs)).toBe(false);
  expect(await advance(limits.handInLookMs)).toBe(true);
});
