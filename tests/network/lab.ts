// Networks of our own on one machine: a server in the middle, two homes behind a router each, in Linux network
// namespaces that exist only while the tests run. Nothing outside them is touched.
//
//   a 10.1.0.2 ── ra (NAT, firewall, loss, rate) 192.88.99.2 ──┐
//                                                              ├── srv 192.88.99.10 (platform, coturn)
//   b 10.2.0.2 ── rb (NAT, firewall, loss, rate) 192.88.99.3 ──┘

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * 192.88.99.0/24 was the relay anycast of 6to4, withdrawn (RFC 7526): nobody's, yet public by its number, so that coturn
 * is set up as on the internet, where private peers are refused.
 */
const publicNet = '192.88.99';
export const serverAddress = `${publicNet}.10`;

export const sides = ['a', 'b'] as const;
export type Side = (typeof sides)[number];
const sideNumber = { a: 1, b: 2 } as const;

/**
 * How a router maps addresses (RFC 4787 section 4.1). Cone: the same public port to everybody; symmetric: another one
 * for each destination. Both let in only what answers something sent.
 */
export type Nat = 'cone' | 'symmetric';

const prefix = 'ringback-test';
/** Wide enough for a burst of key frames, so that what is measured is the rate and not the queue. */
const shaping = ['burst', '16kb', 'latency', '200ms'];

export class Lab {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  static create(): Lab {
    removeLeftOver();
    const lab = new Lab(`${prefix}-${process.pid}-${randomBytes(3).toString('hex')}`);
    try {
      lab.#build();
    } catch (error) {
      lab.remove();
      throw error;
    }
    return lab;
  }

  /** Ends every process in them and removes the namespaces; the interfaces go with them. */
  remove(): void {
    removeNamespaces((name) => name.startsWith(`${this.#name}-`));
  }

  /** What to put before a command so that it runs in the server's network. */
  get inServer(): readonly string[] {
    return this.#in('srv');
  }

  /** A script that runs `command` in this side's network, for programs that start another by its path. */
  wrapper(side: Side, command: string, folder: string): string {
    const path = join(folder, `in-${side}.sh`);
    writeFileSync(path, `#!/bin/sh\nexec ${this.#in(side).join(' ')} '${command}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  nat(side: Side, nat: Nat): void {
    const how = nat === 'cone' ? '' : 'fully-random';
    this.#nft(side, `flush chain ip lab nat`, `add rule ip lab nat oifname wan masquerade ${how}`);
  }

  /** What the firewall drops on its way out, as nftables expressions; replaces what it dropped before. */
  block(side: Side, ...what: string[]): void {
    this.#nft(side, 'flush chain ip lab block', ...what.map((rule) => `add rule ip lab block ${rule} drop`));
  }

  /** Drops this share (0 to 1) of the packets in both directions, at random. */
  loss(side: Side, share: number): void {
    const rule = `add rule ip lab loss numgen random mod 1000 < ${Math.round(share * 1000)} drop`;
    this.#nft(side, 'flush chain ip lab loss', ...(share === 0 ? [] : [rule]));
  }

  /** Limits what leaves this home; undefined: no limit. */
  uplink(side: Side, rateBps: number | undefined): void {
    const router = this.#in(`r${side}`);
    spawnSync(router[0]!, [...router.slice(1), 'tc', 'qdisc', 'del', 'dev', 'wan', 'root']);
    if (rateBps !== undefined)
      run([
        ...router,
        'tc',
        'qdisc',
        'add',
        'dev',
        'wan',
        'root',
        'tbf',
        'rate',
        `${rateBps}bit`,
        ...shaping,
      ]);
  }

  /** Gives this side another address in its home, as a lease that ran out does: what was bound to the old one is dead. */
  changeAddress(side: Side, host: number): string {
    const net = `10.${sideNumber[side]}.0`;
    const address = `${net}.${host}`;
    this.#ip(side, 'addr', 'flush', 'dev', 'eth');
    this.#ip(side, 'addr', 'add', `${address}/24`, 'dev', 'eth');
    this.#ip(side, 'route', 'add', 'default', 'via', `${net}.1`);
    return address;
  }

  /** All faults off. */
  heal(): void {
    for (const side of sides) {
      this.nat(side, 'cone');
      this.block(side);
      this.loss(side, 0);
      this.uplink(side, undefined);
    }
  }

  #build(): void {
    for (const namespace of ['srv', ...sides, ...sides.map((side) => `r${side}`)]) {
      run(['ip', 'netns', 'add', `${this.#name}-${namespace}`]);
      this.#ip(namespace, 'link', 'set', 'lo', 'up');
    }
    this.#ip('srv', 'link', 'add', 'internet', 'type', 'bridge');
    this.#ip('srv', 'addr', 'add', `${serverAddress}/24`, 'dev', 'internet');
    this.#ip('srv', 'link', 'set', 'internet', 'up');
    for (const side of sides) this.#buildHome(side);
    this.heal();
  }

  #buildHome(side: Side): void {
    const router = `r${side}`;
    const net = `10.${sideNumber[side]}.0`;
    this.#wire([side, 'eth'], [router, 'lan']);
    this.#wire([router, 'wan'], ['srv', `home-${side}`]);
    this.#ip(router, 'addr', 'add', `${net}.1/24`, 'dev', 'lan');
    this.#ip(router, 'addr', 'add', `${publicNet}.${sideNumber[side] + 1}/24`, 'dev', 'wan');
    this.#ip(router, 'route', 'add', 'default', 'via', serverAddress);
    this.#ip('srv', 'link', 'set', `home-${side}`, 'master', 'internet');
    this.changeAddress(side, 2);
    run([...this.#in(router), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    this.#nft(
      side,
      'add table ip lab',
      // Only what answers something sent comes in, to the router itself or through it.
      'add chain ip lab input { type filter hook input priority 0; }',
      'add rule ip lab input iifname wan ct state new drop',
      'add chain ip lab forward { type filter hook forward priority 0; }',
      'add rule ip lab forward iifname wan ct state new drop',
      'add chain ip lab block { type filter hook forward priority 5; }',
      'add chain ip lab loss { type filter hook forward priority 10; }',
      'add chain ip lab nat { type nat hook postrouting priority srcnat; }',
    );
  }

  #wire([from, name]: [string, string], [to, otherName]: [string, string]): void {
    const peer = ['peer', 'name', otherName, 'netns', `${this.#name}-${to}`];
    this.#ip(from, 'link', 'add', name, 'type', 'veth', ...peer);
    this.#ip(from, 'link', 'set', name, 'up');
    this.#ip(to, 'link', 'set', otherName, 'up');
  }

  #ip(namespace: string, ...args: string[]): void {
    run(['ip', '-n', `${this.#name}-${namespace}`, ...args]);
  }

  #nft(side: Side, ...commands: string[]): void {
    run([...this.#in(`r${side}`), 'nft', '-f', '-'], commands.join('\n'));
  }

  #in(namespace: string): string[] {
    return ['ip', 'netns', 'exec', `${this.#name}-${namespace}`];
  }
}

/** Namespaces of runs that were killed: the process in their name is gone. */
function removeLeftOver(): void {
  removeNamespaces((name) => {
    const pid = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}

function removeNamespaces(which: (name: string) => boolean): void {
  const names = run(['ip', 'netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of names.filter(which)) {
    for (const pid of run(['ip', 'netns', 'pids', name]).split('\n').map(Number)) {
      try {
        if (pid > 1) process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
    run(['ip', 'netns', 'delete', name]);
  }
}

function run([command, ...args]: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command!, args, { input, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr}`);
}
