import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countsOf, summaryLine } from './test-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringback-test-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(testResults: { status: string; assertionResults: unknown[] }[]): string {
  const path = join(folder, 'report.json');
  const numbers = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  writeFileSync(path, JSON.stringify({ ...numbers, testResults }));
  return path;
}

describe('the last line of npm test', () => {
  it('is what scripts read', () => {
    expect(summaryLine({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
    expect(summaryLine({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
  });

  it('counts a file that could not be loaded as a failure', () => {
    const ran = { status: 'failed', assertionResults: [{}] };
    const broken = { status: 'failed', assertionResults: [] };
    expect(countsOf(report([ran]))).toEqual({ passed: 5, failed: 1, skipped: 3 });
    expect(countsOf(report([ran, broken]))).toEqual({ passed: 5, failed: 2, skipped: 3 });
  });

  it('does not take a run without a result for a good one', () => {
    expect(countsOf(join(folder, 'missing.json'))).toBeUndefined();
  });
});
