import { describe, expect, it } from 'vitest';
import { readSummary, reportText } from './report.ts';

/** As k6 1.8 exports it: `true` at a threshold means that it was crossed. */
const summary = (gapsCrossed: boolean) =>
  JSON.stringify({
    root_group: { checks: { joined: { name: 'joined', passes: 7, fails: 1 } } },
    metrics: {
      ringback_join_ms: { min: 3, med: 12.345, 'p(95)': 1234.5, 'p(99)': 1300, max: 1301 },
      ringback_gaps: { count: 2, rate: 0.1, thresholds: { 'count==0': gapsCrossed } },
      checks: { passes: 7, fails: 1, value: 0.875, thresholds: { 'rate>0.5': false } },
    },
  });

describe('a report', () => {
  it('holds where every threshold does', () => {
    expect(readSummary(summary(false)).held).toBe(true);
    const crossed = readSummary(summary(true));
    expect(crossed.held).toBe(false);
    expect(crossed.thresholds).toContainEqual({ metric: 'ringback_gaps', rule: 'count==0', held: false });
  });

  it('does not hold where nothing was asked', () => {
    expect(readSummary(JSON.stringify({ root_group: { checks: {} }, metrics: {} })).held).toBe(false);
  });

  it('shows times, what was crossed, and which checks failed', () => {
    const text = reportText(readSummary(summary(true)));
    expect(text).toMatch(/^join +12\.3 +1,235 +1,300 +1,301$/m);
    expect(text).toContain('CROSSED  ringback_gaps count==0');
    expect(text).toContain('held     checks rate>0.5');
    expect(text).toContain('FAILED   1 of 8: joined');
    expect(text).not.toContain('HTTP request ');
  });
});
