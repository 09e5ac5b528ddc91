// What the network tests make their own networks with: iproute2 (namespaces, rates) and nftables (NAT, firewalls, loss).

import { onPath } from '@ringback/runtime/native-parts';
import type { Outcome, Say } from '../../bootstrap/progress.mjs';
import { installCommand, installPackages, mayInstallPackages } from './system.ts';

const packages = ['iproute2', 'nftables'];

export async function setUpNetworkTools(say: Say): Promise<Outcome | string> {
  if (['ip', 'tc', 'nft'].every((command) => onPath(command) !== undefined)) return 'installed';
  if (mayInstallPackages()) {
    await installPackages(packages, say);
    return 'installed (apt)';
  }
  return {
    how: 'not installed',
    notes: [
      'The network tests are skipped.',
      `To have them, on Linux and as root: ${installCommand(packages)}`,
    ],
  };
}
