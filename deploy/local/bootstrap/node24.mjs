// @ts-check
// The Node.js that everything runs on: the one among the project's own packages, whatever the machine has.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './remedies.mjs';

/** @param {string} root @returns {string} */
export function projectNode(root) {
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(root, 'node_modules', name, 'bin', 'node');
  if (existsSync(path)) {
    if (spawnSync(path, ['--version']).status === 0) return path;
    throw new SetupError(
      `The project's Node.js (${path}) does not run on this system.`,
      'It needs glibc (Debian, Ubuntu, Fedora …); on Alpine use a glibc container. If the file is damaged, run npm run setup after removing node_modules.',
    );
  }
  // Any other Node 24 will do: uWebSockets.js is tied to Node's binary interface, which is the same for all of 24.
  if (process.versions.node.startsWith('24.')) return process.execPath;
  throw new SetupError(
    `There is no packaged Node.js 24 for ${process.platform} ${process.arch}, and this is Node ${process.versions.node}.`,
    'Install Node.js 24 (nodejs.org, nvm, your package manager), make it the first node on PATH, and run the same command again.',
  );
}
