// The mediasoup worker, the process that carries a Call Server's media: ready-made where mediasoup's own installer can
// fetch it, else built by ../../mediasoup-worker/build.sh.

import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { cachedPart, mediasoupWorkerPath, onPath } from '@ringback/runtime/native-parts';
import { run, runOrFail } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { limits } from '../limits.ts';
import { cached, install } from './files.ts';
import { installCommand, installPackages, mayInstallPackages, missingPackages } from './system.ts';

const buildScript = resolve(import.meta.dirname, '../../mediasoup-worker/build.sh');
/** What build.sh needs: a C++ compiler, Python with pip, and the libraries that mediasoup would otherwise download. */
const buildPackages = [
  'build-essential',
  'dpkg-dev',
  'pkg-config',
  'python3',
  'python3-pip',
  'ca-certificates',
  'libssl-dev',
  'libuv1-dev',
  'libabsl-dev',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
];
const elsewhere =
  'Build or fetch mediasoup-worker on another machine and name it in MEDIASOUP_WORKER_BIN, or name a mirror of mediasoup’s releases in MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL.';

export function setUpMediasoup(say: Say): Promise<Outcome | string> {
  return cached(
    'mediasoup-worker',
    () => mediasoupWorkerPath() !== undefined,
    say,
    async (scratch) => {
      const packageDir = mediasoupPackage();
      say('looking for a ready-made one');
      if (await fetchPrebuilt(packageDir, scratch)) return 'downloaded (mediasoup’s installer)';
      await requireBuildTools(say);
      await build(packageDir, scratch, say);
      return 'built from source';
    },
  );
}

/** Without MEDIASOUP_VERSION a worker that can run at all exits with 41: the check that mediasoup's installer makes. */
export async function workerRuns(path: string): Promise<boolean> {
  return (await run(path, [], { env: {} })).status === 'exit status 41';
}

async function fetchPrebuilt(packageDir: string, scratch: string): Promise<boolean> {
  // The installer writes below its working folder; its fallback, a build with downloads of its own, is stopped at its
  // first step by a Python that does nothing.
  const { MEDIASOUP_WORKER_BIN: _, ...env } = process.env;
  await run(process.execPath, [join(packageDir, 'npm-scripts.mjs'), 'postinstall'], {
    cwd: scratch,
    env: { ...env, PYTHON: 'false' },
    timeoutMs: limits.prebuiltDownloadMs,
  });
  const binary = join(scratch, 'worker', 'out', 'Release', 'mediasoup-worker');
  if (!existsSync(binary) || !(await workerRuns(binary))) return false;
  install(binary, cachedPart.mediasoupWorker(), 0o755);
  return true;
}

async function requireBuildTools(say: Say): Promise<void> {
  if (mayInstallPackages()) return installPackages(buildPackages, say);
  const isDebianLike = onPath('dpkg-query') !== undefined;
  const missing = isDebianLike ? await missingPackages(buildPackages) : buildPackages;
  if (missing.length === 0) return;
  throw new SetupError(
    'The mediasoup worker could not be downloaded, and what it takes to build it is not installed.',
    isDebianLike ? `Run ${installCommand(missing)} and then npm run setup. Or: ${elsewhere}` : elsewhere,
  );
}

async function build(packageDir: string, scratch: string, say: Say): Promise<void> {
  say('building');
  const work = join(scratch, 'build');
  const binary = join(scratch, 'mediasoup-worker');
  mkdirSync(work);
  // nice: the platform may be up and serving meanwhile.
  await runOrFail('nice', ['-n', '19', buildScript, packageDir, work, binary], {
    onLine: (line) => {
      const compiled = /^\[(\d+)\/(\d+)\] /.exec(line);
      if (compiled !== null) say(`building ${compiled[1]}/${compiled[2]}`);
    },
    remedy: `Two-person calls do not need it. ${elsewhere}`,
  });
  install(binary, cachedPart.mediasoupWorker(), 0o755);
}

function mediasoupPackage(): string {
  // The package exports no package.json; its entry lies three folders deep.
  let folder = dirname(createRequire(import.meta.url).resolve('mediasoup'));
  while (!existsSync(join(folder, 'npm-scripts.mjs'))) folder = dirname(folder);
  return folder;
}
