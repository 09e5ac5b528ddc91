import { describe, expect, it } from 'vitest';
import { Complaints } from './complaints.ts';
import { limits } from './limits.ts';

describe('what k6 complains about', () => {
  it('is counted by kind, whoever it happened to', () => {
    const complaints = new Complaints();
    const line = (id: string) =>
      `time="2026-01-01T00:00:00Z" level=error msg="call ${id}: \\"no\\" was said" source=console`;
    complaints.hear(line('019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10'));
    complaints.hear(line('019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e11'));
    complaints.hear('time="2026-01-01T00:00:00Z" level=warning msg="setTimeout 1 was stopped"');
    complaints.hear('panic: no memory');
    expect(complaints.lines).toEqual(['2 x call …: \\"no\\" was said', '1 x panic: no memory']);
  });

  it('is bounded', () => {
    const complaints = new Complaints();
    for (let n = 0; n <= limits.complaintsMax; n++) complaints.hear(`fault ${n} ${'x'.repeat(10_000)}`);
    expect(complaints.lines).toHaveLength(limits.complaintsMax);
    expect(complaints.lines[0]!.length).toBeLessThan(limits.complaintLengthMax + 10);
  });
});
