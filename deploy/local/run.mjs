// @ts-check
// The entry of `npm start`, `npm test`, `npm run dev` and `npm run setup`. Runs on Node 20 and before anything is
// installed, so it is plain JavaScript without dependencies: it gets the packages, finds the project's Node 24 among
// them and hands over to src/main.ts there.

import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectNode } from './bootstrap/node24.mjs';
import { installPackages, packagesAreFresh } from './bootstrap/packages.mjs';
import { onParentGone } from './bootstrap/parent.mjs';
import { runStep } from './bootstrap/progress.mjs';
import { describe } from './bootstrap/remedies.mjs';
import { exitOnSignals } from './bootstrap/signals.mjs';

const root = resolve(import.meta.dirname, '../..');
const main = resolve(import.meta.dirname, 'src/main.ts');

exitOnSignals();

try {
  // Who only runs the platform is spared what tests and checks need.
  const scope = ['start', 'dev'].includes(process.argv[2] ?? '') ? 'run' : 'all';
  const fresh = packagesAreFresh(root, scope);
  if (!fresh) await runStep('packages', (say) => installPackages(root, scope, say));
  const node = projectNode(root);
  process.env.PATH = [dirname(node), process.env.PATH].join(delimiter);
  // After an install the running binary may be the one that npm just replaced.
  if (fresh && isThis(node)) await import(pathToFileURL(main).href);
  else handOver(node);
} catch (error) {
  process.stderr.write(describe(error));
  process.exit(1);
}

/** @param {string} node */
function isThis(node) {
  try {
    return realpathSync(node) === realpathSync(process.execPath);
  } catch {
    return false;
  }
}

/** Runs the same command on the project's Node; its end is ours. @param {string} node */
function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.removeAllListeners(signal).on(signal, () => child.kill(signal));
  }
  onParentGone(() => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
