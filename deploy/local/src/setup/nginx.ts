// nginx, for the tests of what is shipped in deploy/nginx. The platform runs without it, so no start asks for it.

import { nginxPath, onPath } from '@ringback/runtime/native-parts';
import { run } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { installCommand, installPackages, mayInstallPackages } from './system.ts';

export async function setUpNginxToTest(say: Say): Promise<Outcome | string> {
  if (nginxPath() !== undefined) return 'installed';
  if (!mayInstallPackages()) return without;
  try {
    await installPackages(['nginx'], say);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { ...without, notes: [...without.notes, ...error.message.split('\n')] };
  }
  // Debian starts one on port 80. Tests start their own, on ports of their own.
  if (onPath('systemctl') !== undefined) await run('systemctl', ['disable', '--now', 'nginx']);
  else if (onPath('service') !== undefined) await run('service', ['nginx', 'stop']);
  return 'installed (apt)';
}

const without = {
  how: 'not installed',
  notes: [
    'The tests of the gateways behind nginx are skipped.',
    `To have them: ${installCommand(['nginx'])}`,
  ],
};
