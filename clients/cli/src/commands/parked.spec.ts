import type { ParkedInView, ViewStatus } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../terminal.ts';
import { callId, recordingTerminal, startedAt } from '../testing/sample-call.ts';
import { parkedText } from './parked.ts';
import { viewsText } from './views.ts';

const parked: ParkedInView = {
  view: 'calls',
  callId,
  seq: 7,
  reason: `event 7 stands where 6 belongs\u001b[31m ${'long '.repeat(40)}`,
  since: startedAt,
  kept: 3,
};

describe('parked calls', () => {
  it('say where, since when and why, within the screen and without its control characters', () => {
    const text = parkedText(recordingTerminal(100), [parked, { ...parked, view: 'owner', over: 'full' }]);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(100);
    expect(text).toMatch(/^calls {2}\S+ .* 3 kept {2}event 7/m);
    expect(text).toMatch(/^owner {2}\S+ .* full {2}event 7/m);
    expect(text).not.toContain('\u001b');
  });

  it('say so where there are none', () => {
    expect(parkedText(recordingTerminal(), [])).toBe('No call is parked.\n');
  });
});

describe('views', () => {
  const at = (position: number, head: number) => ({ partition: 0, position, head, hash: '' });
  const view: ViewStatus = {
    name: 'calls',
    version: 1,
    build: 2,
    live: true,
    followed: true,
    partitions: [at(5, 5), at(7, 7)],
  };

  it('say how far they are, and which one is read', () => {
    const next = { ...view, version: 2, build: 1, live: false, partitions: [at(1, 5), at(0, 7)] };
    expect(viewsText([view, next])).toBe(
      'calls@1.2  all 12 commits  live\ncalls@2.1  1 of 12 commits  being built\n',
    );
    expect(viewsText([{ ...view, followed: false }])).toContain('stands still until its successor is built');
  });
});
