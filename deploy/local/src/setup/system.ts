// What this machine is and what we may install on it.

import { readFileSync } from 'node:fs';
import { run, runOrFail } from '../../bootstrap/command.mjs';
import type { Say } from '../../bootstrap/progress.mjs';
import { limits } from '../limits.ts';

/** Debian itself, as root: there we install what is missing. Elsewhere the command is printed: it is not our machine. */
export function mayInstallPackages(): boolean {
  return process.getuid?.() === 0 && osReleaseId() === 'debian';
}

/** For people who do it themselves. */
export function installCommand(packages: readonly string[]): string {
  if (process.platform === 'darwin') return `brew install ${packages.join(' ')}`;
  return `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Those of the packages that dpkg does not have. */
export async function missingPackages(packages: readonly string[]): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages]);
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')));
  return packages.filter((name) => !installed.has(`${name} installed`));
}

export async function installPackages(packages: readonly string[], say: Say): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const remedy = `Run apt-get update && ${installCommand(missing).replace('sudo ', '')} by hand, then run it again.`;
  const wait = ['-o', `DPkg::Lock::Timeout=${limits.aptLockSeconds}`];
  // `--print-uris` fails when the lists do not know a package: then, and only then, they have to be fetched.
  const known = await run(
    'apt-get',
    ['install', '--print-uris', '-y', '--no-install-recommends', ...missing],
    { env },
  );
  if (!known.ok) {
    say('apt-get update');
    await runOrFail('apt-get', [...wait, 'update'], { env, remedy });
  }
  say(`apt-get install ${missing.length} packages`);
  const install = [...wait, 'install', '-y', '--no-install-recommends', ...missing];
  const first = await run('apt-get', install, { env });
  if (first.ok) return;
  // Lists of last month name versions that the archive no longer has.
  say('apt-get update');
  await runOrFail('apt-get', [...wait, 'update'], { env, remedy });
  await runOrFail('apt-get', install, { env, remedy });
}

function osReleaseId(): string | undefined {
  try {
    return /^ID="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined; // not a Linux distribution
  }
}
