import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where everybody meets: an address of this machine, as the Call Server does not offer loopback. Nothing leaves it. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const found = all.find(
    ({ internal, address }) => !internal && isIPv4(address) && !address.startsWith('169.254.'),
  );
  // A machine without a network: the Call Server takes loopback then.
  return found?.address ?? '127.0.0.1';
}
