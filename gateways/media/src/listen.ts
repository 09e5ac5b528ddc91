import { createSocket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { types } from 'mediasoup';
import { limits } from './limits.ts';

export interface ListenOptions {
  /** Of this machine; those that can not be bound are left out. */
  readonly addresses: readonly string[];
  /** Where others reach this machine behind a NAT (1:1, same ports); offered beside its own. */
  readonly announcedAddress?: string | undefined;
}

/** Addresses that clients may be able to reach: loopback and link-local left out, IPv4 first. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((e) => !e.internal && !/^fe80:/i.test(e.address) && !e.address.startsWith('169.254.'))
    .map((entry) => entry.address);
  return [...all.filter(isIPv4), ...all.filter((address) => !isIPv4(address))];
}

/** Those of them that a socket can be bound to: an IPv6 address may be tentative, an interface just gone. */
export async function bindable(addresses: readonly string[]): Promise<string[]> {
  const found = await Promise.all(addresses.map(async (a) => ((await canBind(a)) ? [a] : [])));
  const usable = found.flat().slice(0, limits.addressesMax);
  // A machine without a network still makes calls with itself.
  return usable.length > 0 ? usable : ['127.0.0.1'];
}

/** UDP and TCP on one port of each address. */
export function listenInfos(
  port: number,
  addresses: readonly string[],
  announced?: string,
): types.TransportListenInfo[] {
  // A NAT forwards to one address; which of several it is nobody can tell, so the first of the same family.
  const behindNat =
    announced === undefined ? undefined : addresses.find((a) => isIPv4(a) || addresses.length === 1);
  return addresses.flatMap((ip) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      port,
      ...(ip === behindNat && announced !== undefined
        ? { announcedAddress: announced, exposeInternalIp: true }
        : {}),
    })),
  );
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv4(address) ? 'udp4' : 'udp6');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port: 0, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
