import { BlockList, isIP, SocketAddress } from 'node:net';
import { z } from 'zod';

/** Addresses whose first `prefix` bits are those of `address`. */
export interface ProxyNetwork {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** RINGBACK_TRUSTED_PROXIES: addresses and networks (CIDR, RFC 4632), with commas between. */
export const trustedProxiesSetting = z.string().transform((text, context): readonly ProxyNetwork[] => {
  const networks: ProxyNetwork[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const network = networkOf(part);
    if (network === undefined) {
      context.addIssue(
        `"${part.slice(0, 60)}" is no address and no network: write them as 10.0.0.7, 10.0.0.0/8 or fd00::/8, with commas between; not /0, which would believe everybody`,
      );
      return z.NEVER;
    }
    networks.push(network);
  }
  return networks;
});

/**
 * Whose word on a client's address is believed. X-Forwarded-For is a list that each proxy appends its own peer to, and that
 * anyone can begin with whatever they like: only what a proxy of ours has added is worth anything.
 */
export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #believesNobody: boolean;

  constructor(networks: readonly ProxyNetwork[] = []) {
    this.#believesNobody = networks.length === 0;
    for (const { address, prefix, family } of networks) this.#networks.addSubnet(address, prefix, family);
  }

  /**
   * The right-most address that is not a proxy of ours: whoever spoke to the first of them.
   *
   * @param peer the other end of the connection.
   * @param forwardedFor the request's X-Forwarded-For, all of them in their order; asked only where the peer is believed.
   */
  clientOf(peer: string, forwardedFor: () => string): string {
    let client = canonical(peer) ?? peer;
    if (this.#believesNobody || !this.#isOurs(client)) return client;
    for (const hop of forwardedFor().split(',').toReversed()) {
      const address = canonical(withoutPort(hop.trim()));
      // What follows to the left was said by somebody who can not even say whom they heard.
      if (address === undefined) return client;
      client = address;
      if (!this.#isOurs(client)) return client;
    }
    return client;
  }

  #isOurs(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#networks.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** One spelling for each address, as limits count by it; an IPv4 address in IPv6 (RFC 4291 section 2.5.5.2) is that IPv4 address. */
function canonical(text: string): string | undefined {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : undefined;
  // A zone means something on its own machine only.
  if (text.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/** Some proxies say `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function networkOf(text: string): ProxyNetwork | undefined {
  const [, written = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = canonical(written);
  if (address === undefined) return undefined;
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  // An IPv4 network in IPv6 spelling counts its bits otherwise: it is to be written as what it is.
  if (bits !== undefined && isIP(written) !== isIP(address)) return undefined;
  const longest = family === 'ipv6' ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix >= 1 && prefix <= longest ? { address, prefix, family } : undefined;
}
