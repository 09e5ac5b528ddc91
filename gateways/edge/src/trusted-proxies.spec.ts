import { describe, expect, it, vi } from 'vitest';
import { TrustedProxies, trustedProxiesSetting } from './trusted-proxies.ts';

const proxies = (text: string) => new TrustedProxies(trustedProxiesSetting.parse(text));
const clientOf = (trusted: TrustedProxies, peer: string, forwardedFor: string) =>
  trusted.clientOf(peer, () => forwardedFor);

describe('TrustedProxies', () => {
  it('believes nobody who is not named, and does not even ask', () => {
    const header = vi.fn<() => string>(() => '192.0.2.1');
    expect(new TrustedProxies().clientOf('127.0.0.1', header)).toBe('127.0.0.1');
    expect(proxies('10.0.0.0/8').clientOf('198.51.100.7', header)).toBe('198.51.100.7');
    expect(header).not.toHaveBeenCalled();
  });

  it.each([
    ['one proxy', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['what the client made up before', '10.0.0.1', '127.0.0.1, 10.9.9.9, 192.0.2.1', '192.0.2.1'],
    ['two proxies', '10.0.0.1', '192.0.2.1, 10.200.3.4', '192.0.2.1'],
    ['two, and what was made up', '10.0.0.1', '203.0.113.5,192.0.2.1 ,10.200.3.4', '192.0.2.1'],
    [
      'a proxy of somebody else in between',
      '10.0.0.1',
      '192.0.2.1, 198.51.100.9, 10.200.3.4',
      '198.51.100.9',
    ],
    ['everybody is ours: the first of them', '10.0.0.1', '10.0.0.9, 10.0.0.2', '10.0.0.9'],
    ['no header', '10.0.0.1', '', '10.0.0.1'],
    ['no address', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['no address behind one of ours', '10.0.0.1', '192.0.2.1, _hidden, 10.0.0.2', '10.0.0.2'],
    ['nonsense', '10.0.0.1', ',,', '10.0.0.1'],
    ['with ports', '10.0.0.1', '192.0.2.1:4711, 10.0.0.2:80', '192.0.2.1'],
    ['IPv6', '10.0.0.1', '2001:DB8:0:0::1', '2001:db8::1'],
    ['IPv6 with a port', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['IPv6 in brackets', '10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 with a zone', '10.0.0.1', 'fe80::1%eth0', '10.0.0.1'],
    ['IPv4 in IPv6 is IPv4', '10.0.0.1', '::ffff:192.0.2.1', '192.0.2.1'],
    ['… also as a proxy', '::ffff:10.0.0.1', '192.0.2.1, ::ffff:10.0.0.2', '192.0.2.1'],
    ['… also written out', '0000:0000:0000:0000:0000:ffff:0a00:0001', '192.0.2.1', '192.0.2.1'],
    ['a proxy that speaks IPv6', 'fd00::5', '192.0.2.1', '192.0.2.1'],
    ['an IPv6 proxy behind it', '10.0.0.1', '192.0.2.1, fd12:3456::1', '192.0.2.1'],
    ['one address, not its neighbour', '172.16.0.5', '192.0.2.1, 172.16.0.6', '172.16.0.6'],
  ])('%s', (_, peer, forwardedFor, client) => {
    expect(clientOf(proxies('10.0.0.0/8, fd00::/8,172.16.0.5'), peer, forwardedFor)).toBe(client);
  });

  it('gives a client that comes directly one spelling', () => {
    const nobody = new TrustedProxies();
    expect(clientOf(nobody, '0000:0000:0000:0000:0000:ffff:c000:0201', '')).toBe('192.0.2.1');
    expect(clientOf(nobody, '2001:0db8:0000:0000:0000:0000:0000:0001', '')).toBe('2001:db8::1');
    // uWebSockets.js has none for a connection that is gone.
    expect(clientOf(nobody, '', '')).toBe('');
  });
});

describe('RINGBACK_TRUSTED_PROXIES', () => {
  it.each(['10.0.0.0/8', '10.0.0.7', '::1', 'fd00::/8', '::ffff:10.0.0.7', ' 10.0.0.7 , fd00::/8'])(
    'takes %s',
    (text) => {
      expect(trustedProxiesSetting.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    ...['nginx', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0', 'fd00::/129', '10.0.0.7,'],
    ...['0.0.0.0/0', '::/0', '*', '::ffff:10.0.0.0/104', 'fe80::1%eth0', '10.0.0.0/', '/8'],
  ])('refuses %s, and says how it is written', (text) => {
    const { error } = trustedProxiesSetting.safeParse(text);
    expect(error?.issues[0]?.message).toContain('10.0.0.0/8 or fd00::/8');
  });
});
