// `npm test`: everything that must hold, the fast first. All of it runs even when something fails, so that one run shows
// all there is to mend.

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setUpToTest } from './setup/set-up.ts';

/** One after another: the tests want the cores for themselves, and the list of what failed is exact. */
export const allTargets = ['lint', 'stale', 'typecheck', 'format', 'unit', 'int', 'e2e', 'network'];
const vitestTargets = ['unit', 'int', 'e2e', 'network'];

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

export async function testRun(root: string, targets: readonly string[]): Promise<number> {
  const results = join(root, 'dist', 'test-results');
  rmSync(results, { recursive: true, force: true }); // an old result must not pass for this run's
  await setUpToTest(root);
  const failed: string[] = [];
  for (const target of targets) {
    if (!(await nx(root, target))) failed.push(target);
  }
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const target of targets.filter((t) => vitestTargets.includes(t))) {
    const counts = countsOf(join(results, `${target}.json`));
    if (counts === undefined) process.stdout.write(`${target}: ended without a result\n`);
    // Without a result nobody knows what would have failed: at least one thing did.
    total.failed += counts?.failed ?? 1;
    total.passed += counts?.passed ?? 0;
    total.skipped += counts?.skipped ?? 0;
  }
  if (failed.length > 0) process.stdout.write(`\nFailed: ${failed.join(', ')}\n`);
  process.stdout.write(`${summaryLine(total)}\n`);
  return failed.length > 0 || total.failed > 0 ? 1 : 0;
}

/** The last line of `npm test`, which scripts read. */
export function summaryLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

export function countsOf(path: string): Counts | undefined {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return undefined; // vitest did not get as far as writing one
  }
  // A file that can not even be loaded has no tests to count, and is a failure all the same.
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function nx(root: string, target: string): Promise<boolean> {
  const args = [
    join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js'),
    'run-many',
    '-t',
    target,
    '--outputStyle=stream-without-prefixes',
  ];
  // NX_TUI: its full-screen view would end with the run and take the output along.
  const env = {
    ...process.env,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
    process.once('exit', () => child.kill());
    child.on('close', (code) => resolve(code === 0));
  });
}
