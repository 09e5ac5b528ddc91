// coturn's configuration: a STUN and TURN server for the calls of this machine, with time-limited credentials.

import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { limits } from './limits.ts';

export interface TurnConfigOptions {
  home: string;
  /** Which of `instances`, from 0: each has its own files and its share of the relay ports. */
  instance: number;
  instances: number;
  /** STUN and TURN over UDP and TCP. */
  port: number;
  /** TURN over TLS, with PEM files; undefined: none. */
  tls: { port: number; certPath: string; keyPath: string } | undefined;
  secret: string;
  /** Tests with both peers on this machine. */
  allowLoopback: boolean;
  /** This machine's own addresses. */
  addresses: string[];
}

/** What nobody may reach through a relay, wherever it runs. */
const neverPeers = [
  ['0.0.0.0', '0.255.255.255'],
  ['169.254.0.0', '169.254.255.255'], // link-local, and there the metadata service of most clouds
  ['224.0.0.0', '255.255.255.255'], // multicast, reserved, broadcast
  ['100.100.100.200', '100.100.100.200'], // metadata services at other addresses: Alibaba,
  ['168.63.129.16', '168.63.129.16'], // Azure,
  ['192.0.0.192', '192.0.0.192'], // Oracle,
  ['fd00:ec2::254', 'fd00:ec2::254'], // AWS over IPv6
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
] as const;

const loopbackPeers = [
  ['127.0.0.0', '127.255.255.255'],
  ['::1', '::1'],
] as const;

const privatePeers = [
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
] as const;

/** Neither private nor routed on the internet: documentation and benchmark networks, which laboratories use. RFC 6890. */
const unroutedNetworks = [
  ['192.0.0.0', '192.0.2.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
] as const;

/**
 * Private peers: a relay sends UDP to whatever address a participant names, so on the internet it would be a way into the
 * network behind it. On a machine that has a public address private peers are therefore refused (except the machine
 * itself: relay to relay). On a machine with private addresses only, the people who call each other *are* in the private
 * network and refusing them would break every relayed call; it can not be reached from the internet anyway. A call's
 * members alone get credentials, and only UDP is relayed.
 */
export function turnConfig(options: TurnConfigOptions): string {
  const { home, instance, instances, port, tls, secret, allowLoopback, addresses } = options;
  const { min, max } = limits.turnRelayPorts;
  const share = Math.floor((max - min + 1) / instances);
  const denied = [
    ...neverPeers,
    ...(allowLoopback ? [] : loopbackPeers),
    ...(addresses.some(isPublicIpv4) ? privatePeers : []),
  ];
  return [
    `listening-port=${port}`,
    `min-port=${min + instance * share}`,
    `max-port=${min + (instance + 1) * share - 1}`,
    'realm=ringback',
    'fingerprint',
    // Credentials are `<expiry>:<user>` and their HMAC under this secret: nothing to store, nothing to revoke.
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    `user-quota=${limits.turnAllocationsPerUser}`,
    'stale-nonce=600',
    // Media is encrypted end to end: TLS is for firewalls that let nothing else pass. DTLS passes nothing that UDP does not.
    ...(tls === undefined
      ? ['no-tls']
      : [`tls-listening-port=${tls.port}`, `cert=${tls.certPath}`, `pkey=${tls.keyPath}`]),
    'no-dtls',
    // What is not needed is off: remote control, TCP towards peers, probing aids.
    'no-cli',
    'no-tcp-relay',
    'no-multicast-peers',
    'no-rfc5780',
    'no-software-attribute',
    ...denied.map(([from, to]) => (from === to ? `denied-peer-ip=${from}` : `denied-peer-ip=${from}-${to}`)),
    ...addresses.map((address) => `allowed-peer-ip=${address}`),
    ...(allowLoopback ? ['allow-loopback-peers'] : []),
    `userdb=${turnFile(home, instance, 'db')}`,
    `pidfile=${turnFile(home, instance, 'pid')}`,
    'log-file=stdout',
    'simple-log',
    '',
  ].join('\n');
}

/** Addresses that peers of this machine may be at, loopback and link-local left out. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(
      (entry) => !entry.internal && !/^fe80:/i.test(entry.address) && !entry.address.startsWith('169.254.'),
    )
    .map((entry) => entry.address);
}

/** The files of one instance: its configuration, the process id it writes, a database of users that stays empty. */
export function turnFile(home: string, instance: number, kind: 'conf' | 'pid' | 'db'): string {
  return join(home, `turnserver-${instance + 1}.${kind}`);
}

/** IPv6 does not count: a laptop at home has public IPv6 addresses, and its peers are in the private IPv4 network. */
function isPublicIpv4(address: string): boolean {
  if (!isIPv4(address)) return false;
  const others = new BlockList();
  for (const [from, to] of [...neverPeers, ...loopbackPeers, ...privatePeers, ...unroutedNetworks]) {
    if (isIPv4(from)) others.addRange(from, to, 'ipv4');
  }
  return !others.check(address, 'ipv4');
}
