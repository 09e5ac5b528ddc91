import { created } from '@ringback/domain/testing';
import { MemoryLog } from '@ringback/eventlog';
import { ManualClock } from '@ringback/runtime';
import { describe, expect, it } from 'vitest';
import { gather, type Batch } from './gather.ts';
import { limits } from './limits.ts';
import { append, callNumber, eventsOf, partition } from './testing.ts';

const ticks = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('gather', () => {
  it.each([
    ['as long as it takes to begin', 0, limits.gatherMs],
    ['four times as long as writing takes', 50, 50 * limits.restFactor],
    ['never longer than people wait', 60_000, limits.gatherMsMax],
  ])('rests %s', async (_, writingMs, restMs) => {
    const log = new MemoryLog(() => 1);
    const clock = new ManualClock(1_000);
    const stop = new AbortController();
    const batches: Batch[] = [];
    const reading = (async () => {
      for await (const batch of gather(log.follow(partition, 1, stop.signal), () => true, clock)) {
        batches.push(batch);
        clock.advance(writingMs);
      }
    })();
    await append(log, [eventsOf(callNumber(0), created())]);
    await ticks();
    clock.advance(limits.gatherMs);
    await ticks();
    expect(batches).toHaveLength(1);
    await append(log, [eventsOf(callNumber(1), created())], 1);
    await ticks();
    clock.advance(restMs - 1);
    await ticks();
    expect(batches).toHaveLength(1);
    clock.advance(1);
    await ticks();
    expect(batches).toHaveLength(2);
    stop.abort();
    await reading;
  });
});
