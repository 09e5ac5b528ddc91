// `npm run load -- SCENARIO`: a platform of our own unless one is named, k6, a table.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { k6Path, partVersions } from '@ringback/runtime/native-parts';
import { runStep } from '../../local/bootstrap/progress.mjs';
import { SetupError } from '../../local/bootstrap/remedies.mjs';
import { setUpK6 } from '../../local/src/setup/k6.ts';
import { setUpPostgres } from '../../local/src/setup/postgres.ts';
import { setUpToStart } from '../../local/src/setup/set-up.ts';
import { readArguments, usage, type Asked } from './arguments.ts';
import { limits } from './limits.ts';
import { OwnPlatform, type Target } from './own-platform.ts';
import { readSummary, reportText } from './report.ts';
import { runK6, type Files } from './run-k6.ts';

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @returns the exit code: 0 where every threshold held, 1 where not, 2 where it was not asked for anything that there is. */
export async function load(root: string, args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n\n${usage}`);
    return 2;
  }
  const named = asked.url === undefined ? undefined : namedTarget(asked.url);
  await runStep(`k6 ${partVersions.k6}`, setUpK6);
  if (named !== undefined) return run(root, asked, named);
  await setUpToStart(root);
  await runStep(`Postgres ${partVersions.pglite}`, setUpPostgres);
  let platform: OwnPlatform | undefined;
  await runStep('a platform of its own', async () => {
    platform = await OwnPlatform.start(root);
    return platform.target.url;
  });
  try {
    return await run(root, asked, platform!.target);
  } finally {
    await platform!.stop();
  }
}

/** @throws SetupError where nothing can sign tokens: guests are let in at five a second an address, which is no load. */
function namedTarget(url: string): Target {
  const { RINGBACK_API_KEY: apiKey, RINGBACK_API_SECRET: apiSecret } = process.env;
  if (apiKey !== undefined && apiSecret !== undefined) return { url, apiKey, apiSecret };
  throw new SetupError(
    `Users of ${url} need tokens.`,
    'Set RINGBACK_API_KEY and RINGBACK_API_SECRET to those of a tenant there (RINGBACK_TENANTS; of a local platform: tenants in secrets.json of its RINGBACK_HOME).',
  );
}

async function run(root: string, asked: Asked, target: Target): Promise<number> {
  const files = makeFiles(root, asked.scenario);
  print(`\n${asked.scenario} against ${target.url}`);
  const { ran, complaints } = await runK6(k6Path()!, asked, target, files, progressPrinter());
  if (!ran || !existsSync(files.summary)) {
    print(`k6 did not run to its end:\n${complaints.join('\n')}`);
    return 1;
  }
  const report = readSummary(readFileSync(files.summary, 'utf8'));
  writeFileSync(files.summary, `${JSON.stringify({ scenario: asked.scenario, ...report }, undefined, 2)}\n`);
  print(`\n${reportText(report)}`);
  if (!report.held && complaints.length > 0) print(`\nFrom k6's log:\n${complaints.join('\n')}`);
  print(`\nReport: ${relative('', files.report)}, for programs: ${relative('', files.summary)}`);
  if (asked.json) print(JSON.stringify({ scenario: asked.scenario, ...report, files }));
  return report.held ? 0 : 1;
}

/** Those of the last run of the same scenario are replaced: an old report must not pass for this run's. */
function makeFiles(root: string, scenario: string): Files {
  const folder = join(root, 'dist', 'load', scenario);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { report: join(folder, 'report.html'), summary: join(folder, 'summary.json') };
}

/** k6 says each second how far it is: in a terminal on one line, elsewhere now and then. */
function progressPrinter(): (text: string) => void {
  const { stdout } = process;
  let printedMs = 0;
  return (text) => {
    if (stdout.isTTY) return void stdout.write(`\r\x1b[K${text}`);
    if (performance.now() - printedMs < limits.progressMs) return;
    printedMs = performance.now();
    print(text);
  };
}
