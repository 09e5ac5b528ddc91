// Whether this machine lets us make networks. Where it does not, the tests are skipped and say why.

import { spawnSync } from 'node:child_process';
import { chromiumPath, onPath, turnserverPath } from '@ringback/runtime';

/** Why there can be no network tests here; undefined where there can. */
export function whyNoNetworks(): string | undefined {
  if (process.platform !== 'linux') return 'they need Linux network namespaces';
  if (process.getuid?.() !== 0) return 'they need root, to make network namespaces';
  const missing = Object.entries({
    iproute2: onPath('ip') && onPath('tc'),
    nftables: onPath('nft'),
    openssl: onPath('openssl'),
    coturn: turnserverPath(),
    chromium: chromiumPath(),
  }).flatMap(([name, path]) => (path === undefined ? [name] : []));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  // Root of a container may have all of it and not be allowed to, or the kernel may lack a part.
  const tried = spawnSync('unshare', ['--net', 'sh', '-ec', everyPart], { encoding: 'utf8' });
  return tried.status === 0
    ? undefined
    : `this kernel or container does not allow it: ${tried.stderr?.trim()}`;
}

const everyPart = `
ip link add in type veth peer name out
ip link add net type bridge
tc qdisc add dev out root tbf rate 1mbit burst 16kb latency 200ms
nft 'add table ip lab; add chain ip lab nat { type nat hook postrouting priority srcnat; };
  add rule ip lab nat masquerade fully-random; add chain ip lab loss { type filter hook forward priority 0; };
  add rule ip lab loss ct state new numgen random mod 1000 < 1 drop'
`;
