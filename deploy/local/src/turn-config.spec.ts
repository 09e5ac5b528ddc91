import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { turnConfig } from './turn-config.ts';

const base = {
  home: '/home',
  instance: 0,
  instances: 1,
  port: 3478,
  tls: undefined,
  secret: 's3cret',
  allowLoopback: false,
};
const lines = (addresses: string[], allowLoopback = false) =>
  turnConfig({ ...base, addresses, allowLoopback }).split('\n');

describe('the TURN server', () => {
  it('asks for credentials and has neither TLS nor a command line', () => {
    const config = lines(['192.168.1.2']);
    for (const line of [
      'use-auth-secret',
      'static-auth-secret=s3cret',
      'no-tls',
      'no-dtls',
      'no-cli',
      'no-tcp-relay',
    ]) {
      expect(config).toContain(line);
    }
  });

  it('offers TLS with the certificate it is given', () => {
    const tls = { port: 5349, certPath: '/cert.pem', keyPath: '/key.pem' };
    const config = turnConfig({ ...base, tls, addresses: [] }).split('\n');
    for (const line of ['tls-listening-port=5349', 'cert=/cert.pem', 'pkey=/key.pem', 'no-dtls'])
      expect(config).toContain(line);
    expect(config).not.toContain('no-tls');
  });

  it('shares out the relay ports and the files between instances', () => {
    const seen = new Set<string>();
    let next: number = limits.turnRelayPorts.min;
    for (let instance = 0; instance < 3; instance++) {
      const config = turnConfig({ ...base, instance, instances: 3, addresses: [] });
      const port = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(config)?.[1]);
      expect(port('min-port')).toBe(next);
      next = port('max-port') + 1;
      for (const file of config.match(/\/home\/\S+/g)!) seen.add(file);
    }
    expect(next - 1).toBeLessThanOrEqual(limits.turnRelayPorts.max);
    expect(seen.size).toBe(3 * 2);
  });

  it('never relays to cloud metadata, link-local or loopback', () => {
    for (const addresses of [['192.168.1.2'], ['8.8.4.4']]) {
      const config = lines(addresses);
      expect(config).toContain('denied-peer-ip=169.254.0.0-169.254.255.255');
      expect(config).toContain('denied-peer-ip=127.0.0.0-127.255.255.255');
      expect(config).not.toContain('allow-loopback-peers');
    }
  });

  it.each([['192.168.1.2'], ['10.0.0.5'], ['172.20.1.1'], ['192.0.2.7'], ['2001:db8::1']])(
    'relays between people of one private network on a machine with %s',
    (address) => {
      expect(lines([address])).not.toContain('denied-peer-ip=192.168.0.0-192.168.255.255');
    },
  );

  it('is no way into a private network on a machine with a public address', () => {
    const config = lines(['8.8.4.4', '10.0.0.5']);
    for (const range of [
      '10.0.0.0-10.255.255.255',
      '192.168.0.0-192.168.255.255',
      '172.16.0.0-172.31.255.255',
    ]) {
      expect(config).toContain(`denied-peer-ip=${range}`);
    }
    expect(config).toContain('allowed-peer-ip=10.0.0.5');
  });

  it('relays to loopback in tests only', () => {
    const config = lines([], true);
    expect(config).toContain('allow-loopback-peers');
    expect(config).not.toContain('denied-peer-ip=127.0.0.0-127.255.255.255');
  });
});
