// @ts-check
// The npm packages of the lock file, installed when they are not there yet or when what asks for them has changed.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { indent, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { SetupError, errorForCode } from './remedies.mjs';

const stampName = '.ringback-stamp';

/**
 * What is installed: `run` is what the platform needs to run, `all` also what tests and checks need.
 * @typedef {'run' | 'all'} Scope
 */

/** Is at least this much installed, as the lock file says? @param {string} root @param {Scope} scope */
export function packagesAreFresh(root, scope) {
  try {
    const stamp = readFileSync(join(root, 'node_modules', stampName), 'utf8');
    return stamp === packagesStamp(root, 'all') || (scope === 'run' && stamp === packagesStamp(root, 'run'));
  } catch {
    return false;
  }
}

/** What in a package.json decides what is installed; a new script or description is no reason to install again. */
const deciding = [
  ...['name', 'version', 'bin', 'workspaces', 'overrides'],
  ...['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'],
];

/** A hash over everything that decides what `npm ci` installs. @param {string} root @param {Scope} scope */
export function packagesStamp(root, scope) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const file of ['package.json', ...workspaceManifests(root)]) {
    /** @type {Record<string, unknown>} */
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8'));
    hash.update(JSON.stringify([file, ...deciding.map((field) => manifest[field])]));
  }
  return `${scope} ${hash.digest('hex')}`;
}

/** Written last, so that an interrupted install is not taken for a finished one. @param {string} root @param {Scope} scope */
export function writePackagesStamp(root, scope) {
  const path = join(root, 'node_modules', stampName);
  writeFileSync(`${path}.new`, packagesStamp(root, scope));
  renameSync(`${path}.new`, path);
}

/** @param {string} root @param {Scope} scope @param {import('./progress.mjs').Say} say */
export async function installPackages(root, scope, say) {
  return withLock(
    join(root, '.ringback-packages.lock'),
    async () => {
      if (packagesAreFresh(root, scope)) return 'installed by another process';
      say('npm ci');
      // Install scripts stay off: the few binaries that we need are fetched by name, version and checksum.
      const omit = scope === 'run' ? ['--omit=dev'] : [];
      const result = await run('npm', ['ci', '--ignore-scripts', '--json', ...omit], {
        cwd: root,
        env: withoutOwnBin(root),
      });
      if (!result.ok) throw npmError(result);
      writePackagesStamp(root, scope);
      return 'npm ci';
    },
    (holder) => say(`waiting for process ${holder.pid}, which installs them`),
  );
}

/** @param {string} root @returns {string[]} paths relative to the root, sorted */
function workspaceManifests(root) {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const folder = pattern.slice(0, -2);
      return existsSync(join(root, folder))
        ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
        : [];
    })
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(root, file)))
    .sort();
}

/**
 * npm puts node_modules/.bin first on PATH, and a `node` lies there: the very file that `npm ci` is about to remove.
 * @param {string} root
 */
function withoutOwnBin(root) {
  const own = join(root, 'node_modules');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(own));
  return { ...process.env, PATH: path.join(delimiter) };
}

/** @param {import('./command.mjs').Result} result */
function npmError(result) {
  /** @type {{ code?: string, summary?: string }} */
  let error = {};
  try {
    error = JSON.parse(result.stdout).error ?? {};
  } catch {
    // npm died before it could say anything in JSON: its last lines are all there is
  }
  return (
    errorForCode(error.code, 'npm ci', undefined) ??
    new SetupError(
      `npm ci failed (${error.code ?? result.status}):\n${indent(error.summary ?? result.tail)}`,
      'Run npm ci --ignore-scripts by hand to see all of it.',
    )
  );
}
