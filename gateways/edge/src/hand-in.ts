import type { Clock } from '@ringback/runtime';
import { limits } from './limits.ts';

/** Waits until the owners have answered all that was asked of them, that somebody is gone included, and who asked over HTTP has an answer, or it takes too long. */
export async function handIn(pendingCount: () => number, clock: Clock): Promise<void> {
  const until = clock.monotonic() + limits.handInMs;
  while (pendingCount() > 0 && clock.monotonic() < until)
    await new Promise<void>((resolve) => clock.after(limits.handInLookMs, resolve));
}
