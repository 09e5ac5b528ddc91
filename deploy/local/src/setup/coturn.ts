// coturn, the STUN and TURN server. A system package: it is nobody's npm, and building it would bring its libraries along.

import { onPath, turnserverPath } from '@ringback/runtime/native-parts';
import { run } from '../../bootstrap/command.mjs';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { SetupError } from '../../bootstrap/remedies.mjs';
import { installCommand, installPackages, mayInstallPackages } from './system.ts';

export async function setUpCoturn(say: Say): Promise<Outcome | string> {
  if (turnserverPath() !== undefined) return 'installed';
  if (!mayInstallPackages()) return without;
  try {
    await installPackages(['coturn'], say);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // Most calls work without it, so it is no reason not to start.
    return { ...without, notes: [...without.notes, ...error.message.split('\n')] };
  }
  // Debian starts a system-wide coturn with its default settings; we run our own, with credentials.
  if (onPath('systemctl') !== undefined) await run('systemctl', ['disable', '--now', 'coturn']);
  return 'installed (apt)';
}

const without = {
  how: 'not installed',
  notes: [
    'Calls between networks that block direct connections will not work; others will.',
    `To have them: ${installCommand(['coturn'])}`,
  ],
};
