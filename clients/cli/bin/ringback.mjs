#!/usr/bin/env node
// @ts-check
// Runs on Node 20 and before set-up, so it is plain JavaScript: it finds the project's Node 24 and hands over to
// src/main.ts there.

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(here, '../src/main.ts');
const nodeMajor = Number(process.versions.node.split('.')[0]);
/** What every command needs besides Node: npm has not linked the packages where it is missing. */
const installed = findUpwards(here, 'node_modules/@ringback/schemas') !== undefined;

if (!installed) giveUp('The packages are not installed yet.');
else if (nodeMajor >= 24) await import(pathToFileURL(main).href);
else {
  const node = findUpwards(here, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (node === undefined) giveUp(`This is Node ${process.versions.node}; ringback needs 24.`);
  else handOver(node);
}

/** @param {string} reason */
function giveUp(reason) {
  process.stderr.write(
    `${reason}\n  Run npm run setup in the project's folder, then the same command again.\n`,
  );
  process.exitCode = 1;
}

/** @param {string} from @param {string} path @returns {string | undefined} */
function findUpwards(from, path) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, path);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The same command on the project's Node. @param {string} node */
function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both of us: the child ends in order, and we with it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', () => giveUp("The project's Node.js does not run on this system."));
  child.on('exit', (code) => process.exit(code ?? 1));
}
