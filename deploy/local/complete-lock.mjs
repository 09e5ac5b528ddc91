// @ts-check
// Run after changing dependencies on a network whose registry mirror lacks other platforms' packages:
//   node deploy/local/complete-lock.mjs
//
// npm then leaves those optional packages out of package-lock.json, and `npm ci` refuses the lock (EUSAGE), also for
// people on those platforms. This adds an entry for each: name, exact version, and whom it is for. The entries have no
// integrity, since we have not seen the package; npm accepts that and installs what the registry has under that version.

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} Entry */

const systems = [
  'darwin',
  'win32',
  'freebsd',
  'android',
  'openharmony',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
  'linux',
];
const processors = [
  'arm64',
  'x64',
  'ia32',
  'riscv64',
  's390x',
  'ppc64',
  'loong64',
  'mips64el',
  'wasm32',
  'arm',
];

/**
 * Adds what is missing; returns the names added.
 * @param {Record<string, Entry>} packages the `packages` of a lock file, changed in place
 */
export function completeLock(packages) {
  const added = [];
  for (const [path, entry] of Object.entries({ ...packages })) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      // Only an exact version can be written down without asking a registry. Platform packages always have one.
      if (isLocked(packages, path, name) || !/^\d/.test(version)) continue;
      packages[`node_modules/${name}`] = {
        version,
        optional: true,
        ...(entry.dev ? { dev: true } : {}),
        ...platformOf(name),
      };
      added.push(name);
    }
  }
  return added;
}

/** Node's own look-up: beside the one who asks, then outwards. @param {Record<string, Entry>} packages */
function isLocked(packages, /** @type {string} */ from, /** @type {string} */ name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
    if (at === '') return false;
  }
}

/** Platform packages carry their platform in the name. Without these npm would try to install them everywhere. */
function platformOf(/** @type {string} */ name) {
  const words = name.split(/[-/.]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) =>
    words.some((word) => word === processor || (processor === 'arm' && word.startsWith('arm'))),
  );
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return {
    ...(os === undefined ? {} : { os: [os] }),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    // Only Linux packages come per C library; "msvc" and "gnu" mean something else on Windows.
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc] }),
  };
}

if (import.meta.filename === resolve(process.argv[1] ?? '')) {
  const path = resolve(import.meta.dirname, '../../package-lock.json');
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const added = completeLock(lock.packages);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${added.length} entries added${added.length === 0 ? '' : `: ${added.join(', ')}`}\n`);
}
