import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, onPath } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type MediaStats, type Person } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { waitFor } from '../support/wait-for.ts';
import { Lab, serverAddress, sides, type Side } from './lab.ts';
import { NetworkCall } from './network-call.ts';
import { whyNoNetworks } from './possible.ts';

const missing = whyNoNetworks();
if (missing !== undefined) process.stderr.write(`The network tests are skipped: ${missing}.\n`);

const url = `http://${serverAddress}:8080`;

/** Two people, each behind a router of their own; what getStats says in their browsers and what the log says of it. */
describe.skipIf(missing !== undefined)('a call of two across networks', () => {
  let folder: string;
  const browsers: Partial<Record<Side, Browser>> = {};
  let lab: Lab;
  let platform: RunningPlatform;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringback-network-'));
    lab = Lab.create();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    selfSigned(cert, key);
    const turn = { RINGBACK_TURN_INSTANCES: '2', RINGBACK_TURN_CERT: cert, RINGBACK_TURN_KEY: key };
    platform = await RunningPlatform.start({ ...turn, PORT: '8080' }, lab.inServer);
    for (const side of sides) {
      browsers[side] = await launchBrowser({
        executablePath: lab.wrapper(side, chromiumPath()!, folder),
        // Cameras without TLS, and TURN over TLS with a certificate that we signed ourselves.
        args: [`--unsafely-treat-insecure-origin-as-secure=${url}`, '--ignore-certificate-errors'],
      });
    }
  });
  afterAll(async () => {
    try {
      for (const side of sides) await browsers[side]?.close();
      await platform?.stop();
    } finally {
      lab?.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  let current: NetworkCall | undefined;
  afterEach(async () => {
    await current?.close();
    current = undefined;
    lab.heal();
  });
  const call = async () =>
    (current = await NetworkCall.start(browsers as Record<Side, Browser>, url, platform));

  it('two cone NATs: straight from router to router', async () => {
    const stats = await (await call()).settled('through cone NATs');
    for (const side of sides) {
      expect(stats[side].localCandidateType).toBe('srflx');
      expect(['srflx', 'prflx']).toContain(stats[side].remoteCandidateType);
    }
  });

  it('two symmetric NATs: through the relay, over UDP', async () => {
    for (const side of sides) lab.nat(side, 'symmetric');
    const relays = relaysOf(await (await call()).settled('through symmetric NATs'));
    expect(relays.length).toBeGreaterThan(0);
    for (const { relayProtocol } of relays) expect(relayProtocol).toBe('udp');
  });

  it('UDP blocked: through the relay, over TCP', async () => {
    lab.block('a', udp);
    const { a } = await (await call()).settled('without UDP');
    expect(a).toMatchObject({ localCandidateType: 'relay', relayProtocol: 'tcp' });
  });

  it("UDP and TURN's plain ports blocked: through the relay, over TLS", async () => {
    lab.block('a', udp, `tcp dport { ${turnPorts().join(', ')} }`);
    const { a } = await (await call()).settled('through TLS');
    expect(a).toMatchObject({ localCandidateType: 'relay', relayProtocol: 'tls' });
  });

  it('the first TURN server is dead: nobody is sent there, the second relays', async () => {
    for (const side of sides) lab.nat(side, 'symmetric');
    const [first, second] = turnPorts();
    const newcomer = await newPerson(browsers.a!);
    const offered = await offeredTo(newcomer, url);
    const thaw = freeze('coturn');
    try {
      await waitFor(async () => isEqual(await offered(), [second]), 'the dead server to be left out');
      const people = await call();
      const relays = relaysOf(await people.settled('with one TURN server dead'));
      expect(relays.length).toBeGreaterThan(0);
      for (const relay of relays) expect(portOf(relay)).toBe(second);
    } finally {
      thaw();
    }
    await waitFor(
      async () => isEqual(await offered(), [first, second]),
      'the server that answers again to be there',
    );
    await newcomer.context.close();
  });

  it('the TURN server in use dies mid-call: the other relays', async () => {
    for (const side of sides) lab.nat(side, 'symmetric');
    const people = await call();
    const used = relaysOf(await people.settled('before a TURN server dies')).map(portOf);
    expect(used.length).toBeGreaterThan(0);
    const thaws = used.map((port) => freeze(port === turnPorts()[0] ? 'coturn' : 'coturn 2'));
    // Each side may use another one: then the first is the one that dies.
    for (const thaw of thaws.slice(1)) thaw();
    try {
      await waitFor(
        async () => {
          const now = relaysOf(await people.stats()).map(portOf);
          return now.length > 0 && !now.includes(used[0]!);
        },
        'the other server to be in use',
        60_000,
      );
      await people.settled('after a TURN server died');
    } finally {
      for (const thaw of thaws) thaw();
    }
    expect(await people.types()).not.toContain('call.participant.left');
  });

  it.each([
    { share: 0.05, words: ['fair', 'poor'] },
    { share: 0.2, words: ['poor'] },
  ])('$share of the packets lost: the call stays, and says why it is worse', async ({ share, words }) => {
    const people = await call();
    const before = await people.settled('before the loss');
    const facts = (await people.types()).length;
    lab.loss('a', share);
    for (const side of sides) {
      await waitFor(
        async () => {
          const { word, text } = await people.quality(side);
          return words.includes(word ?? '') && /\d+ % of what (they|you) send is lost/.test(text);
        },
        `the reason in words on side ${side}`,
        40_000,
      );
    }
    const now = await people.settled('with loss');
    for (const side of sides) expect(now[side].packetsLost).toBeGreaterThan(before[side].packetsLost);
    await waitFor(async () => (await people.reportedLoss()) >= share / 2, 'the loss to be in the log');
    const since = (await people.types()).slice(facts);
    expect(since).not.toContain('call.participant.disconnected');
    expect(since).not.toContain('call.participant.left');
  });

  it('a narrow uplink: the picture gives way, the sound stays', async () => {
    const people = await call();
    await people.settled('before the uplink is narrow');
    const target = async () => (await people.stats()).a?.targetBitrate ?? 0;
    await waitFor(async () => (await target()) > 2 * narrowBps, 'the sender to use a wide uplink', 40_000);
    lab.uplink('a', narrowBps);
    await waitFor(async () => (await target()) < narrowBps, 'the sender to give way', 40_000);
    await people.settled('through a narrow uplink');
    expect(await people.types()).not.toContain('call.participant.left');
  });

  it('another address mid-call: ICE restarts, and it is the same call', async () => {
    const people = await call();
    await people.settled('at the first address');
    const before = (await people.facts()).length;
    const address = lab.changeAddress('a', 3);
    try {
      await waitFor(
        async () => (await people.facts()).slice(before).some((fact) => isCandidateOf(fact, address)),
        'candidates of the new address',
        60_000,
      );
      await people.settled('at the second address');
    } finally {
      lab.changeAddress('a', 2);
    }
    const since = (await people.types()).slice(before);
    for (const type of ['call.participant.reconnected', 'call.offer.sent', 'call.answer.sent'] as const)
      expect(since, type).toContain(type);
    for (const type of ['call.participant.left', 'call.participant.joined'] as const)
      expect(since, type).not.toContain(type);
  });

  it.skipIf(onPath(turnClient) === undefined)('a relay is no way into a private network', () => {
    const secret = platform.secret(({ turnSecret }) => turnSecret);
    const bind = (peer: string) => {
      const args = ['-W', secret, '-u', 'somebody', '-e', peer, '-n', '1', '-c', '-v', serverAddress];
      const [command, ...rest] = [...lab.inServer, turnClient, ...args];
      // Where it is let through it goes on to send, to nobody: what it says until then is enough.
      const { stdout, stderr } = spawnSync(command!, rest, { encoding: 'utf8', timeout: 2_000 });
      return stdout + stderr;
    };
    for (const peer of ['10.9.9.9', '172.16.0.1', '192.168.1.1', '127.0.0.1', '169.254.169.254'])
      expect(bind(peer), peer).toContain('403 (Forbidden IP)');
    expect(bind(serverAddress)).toMatch(/success: 0x/);
  });

  function turnPorts(): number[] {
    return platform.run.ports.turn!;
  }

  /** Dead without being gone: neither answers nor is started again by the supervisor. */
  function freeze(name: string): () => void {
    const pid = platform.run.processes[name]!;
    process.kill(pid, 'SIGSTOP');
    return () => process.kill(pid, 'SIGCONT');
  }
});

/** Comes with coturn. */
const turnClient = 'turnutils_uclient';
const udp = 'meta l4proto udp';
/** Too little for the camera's picture, enough for a smaller one and sound. */
const narrowBps = 200_000;

/** The relays that carry the media: one or two, on which sides is up to the browsers. */
function relaysOf(stats: Partial<Record<Side, MediaStats>>): MediaStats[] {
  return sides.flatMap((side) => stats[side] ?? []).filter((one) => one.localCandidateType === 'relay');
}

/** Of the TURN server that a relay is on. */
function portOf({ serverUrl }: MediaStats): number {
  return Number(/:(\d+)(\?|$)/.exec(serverUrl ?? '')?.[1]);
}

function isCandidateOf(fact: CallEvent, address: string): boolean {
  return fact.type === 'call.candidate.sent' && fact.data.candidate.candidate.includes(` ${address} `);
}

/** Asks which TURN servers, by their plain ports, somebody who connects now is offered. */
async function offeredTo({ page }: Person, url: string): Promise<() => Promise<number[]>> {
  await page.goto(url);
  const token = await page.evaluate(async () => {
    const body = JSON.stringify({ displayName: 'Guest' });
    const headers = { 'content-type': 'application/json' };
    return (
      (await (await fetch('/v1/guests', { method: 'POST', headers, body })).json()) as { token: string }
    ).token;
  });
  return async () => {
    const urls = await page.evaluate(async (bearer) => {
      const response = await fetch('/v1/ice-servers', { headers: { authorization: `Bearer ${bearer}` } });
      // Asked too often: not known this time.
      if (!response.ok) return [];
      const { iceServers } = (await response.json()) as { iceServers: { urls: string[] }[] };
      return iceServers.flatMap((server) => server.urls);
    }, token);
    return urls.flatMap((one) => /^turn:.*:(\d+)\?transport=udp$/.exec(one)?.[1] ?? []).map(Number);
  };
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A certificate for the server's address that nobody but us has signed. */
function selfSigned(cert: string, key: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${serverAddress}`, '-addext', `subjectAltName=IP:${serverAddress}`],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'pipe' },
  );
}
