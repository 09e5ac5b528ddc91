import type { CallSummary } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../terminal.ts';
import { callId, recordingTerminal, startedAt } from '../testing/sample-call.ts';
import { callsText } from './calls.ts';

const open: CallSummary = {
  callId,
  status: 'open',
  name: 'Weekly planning',
  createdBy: 'guest-host',
  createdAt: startedAt,
  people: ['Host', 'Guest'],
  participantsNow: 2,
  seq: 14,
};
const ended: CallSummary = {
  ...open,
  status: 'ended',
  endReason: 'max-duration',
  endedAt: startedAt + 3_725_000,
  name: '計画 📅 with everybody whose name is long enough to be cut',
  people: ['Host', 'Guest A', 'Guest B', 'Guest C', 'Guest D', 'Guest E', 'Guest F', 'Guest G'],
};
const at = { now: startedAt + 65_000, others: 0 };

describe('calls', () => {
  it.each([80, 100, 120])('keep within %i columns', (columns) => {
    const text = callsText(recordingTerminal(columns), [open, ended], at);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(text).toContain(callId);
  });

  it('are not cut where nobody looks at a screen', () => {
    const text = callsText(recordingTerminal(), [open, ended], at);
    expect(text).toContain('long enough to be cut');
    expect(text).toContain('1 min 05 s');
    expect(text).toContain('1 h 02 min');
  });

  it('say so where there are none', () => {
    expect(callsText(recordingTerminal(), [], at)).toBe('There are no calls yet.\n');
    expect(callsText(recordingTerminal(), [], { ...at, others: 3 })).toContain('ringback calls --all');
  });
});
