// @ts-check
// What is known against the packages that run in production, of severity high and above, fails CI. A registry without
// the audit endpoint (a mirror, a closed network) says nothing about them: then neither do we, out loud, and CI goes on.
import { spawnSync } from 'node:child_process';

const args = [
  'audit',
  '--omit=dev',
  '--audit-level=high',
  '--json',
  '--fetch-retries=0',
  '--fetch-timeout=30000',
];
const { stdout, stderr, status } = spawnSync('npm', args, { encoding: 'utf8' });
/** @type {{metadata?: {vulnerabilities?: Record<string, number>}, vulnerabilities?: Record<string, {severity: string}>, error?: {summary?: string}, message?: string}} */
let report = {};
try {
  report = JSON.parse(stdout);
} catch {
  // Said below.
}
const found = report.metadata?.vulnerabilities;
if (found === undefined) {
  const why =
    report.message ??
    report.error?.summary ??
    stderr.split('\n').find((line) => /error/.test(line)) ??
    'no answer';
  process.stdout.write(`audit: NOT CHECKED, the registry can not be asked: ${why}\n`);
} else {
  process.stdout.write(`audit: ${JSON.stringify(found)}\n`);
  for (const [name, { severity }] of Object.entries(report.vulnerabilities ?? {}))
    process.stdout.write(`  ${severity}: ${name}\n`);
  process.exit(status ?? 1);
}
