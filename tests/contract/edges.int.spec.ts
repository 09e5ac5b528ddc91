import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { onPath } from '@ringback/runtime/native-parts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { holdPort } from '../../deploy/local/src/ports.ts';
import { RawSocket } from '../fuzz/raw-socket.ts';
import { freePorts } from '../support/free-ports.ts';
import { Nginx, whyNoNginx } from '../support/nginx.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { SdkPeople } from '../support/sdk-people.ts';
import { waitFor } from '../support/wait-for.ts';
import { post, WsClient } from '../support/ws-client.ts';

// Processes start and end, several in each test: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const names = ['edge', 'edge 2'];
const crowd = { calls: 2, perCall: 4 };

let platform: RunningPlatform;
let port: number;
let token: string;
beforeAll(async () => {
  port = await freePorts(1 + names.length);
  platform = await RunningPlatform.start({
    PORT: String(port),
    RINGBACK_EDGES: String(names.length),
    RINGBACK_TRUSTED_PROXIES: '127.0.0.1',
    RINGBACK_TURN_SERVERS: '[{"port":3478}]',
    RINGBACK_TURN_SECRET: 'a secret that nothing checks',
  });
  ({ token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'A' }));
});
afterAll(() => platform?.stop());

const ownPorts = () => platform.run.ports.edges ?? [];
const ownUrl = (n: number) => `http://127.0.0.1:${ownPorts()[n]}`;
const untilReady = (n: number) =>
  waitFor(
    async () => (await fetch(`${ownUrl(n)}/readyz`).catch(() => undefined))?.status === 200,
    `${names[n]} to be ready`,
    40_000,
  );

/** Ends a gateway with that signal; settles when another life of it is ready. */
async function restart(n: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const pid = platform.run.processes[names[n]!]!;
  process.kill(pid, signal);
  await waitFor(() => platform.run.processes[names[n]!] !== pid, `${names[n]} to be started again`);
  await untilReady(n);
}

/** Which gateway this is, as it says itself. */
const gatewayOf = (client: WsClient) => client.of('connected')[0]!.gateway.split('/')[0]!;

describe('two gateways on one port', () => {
  it('both serve it; each has a name, and a port of its own on which nobody else answers', async () => {
    expect(ownPorts()).toEqual([port + 1, port + 2]);
    const shared = await Promise.all(Array.from({ length: 24 }, () => WsClient.open(platform.url, token)));
    expect(new Set(shared.map(gatewayOf))).toEqual(new Set(['edge-1', 'edge-2']));
    for (const n of names.keys()) {
      const own = await WsClient.open(ownUrl(n), token);
      const name = gatewayOf(own);
      expect(name).toBe(`edge-${n + 1}`);
      const here = 1 + shared.filter((client) => gatewayOf(client) === name).length;
      const metrics = await (await fetch(`${ownUrl(n)}/metrics`)).text();
      expect(metrics).toMatch(new RegExp(`^ringback_sockets\\{.*\\} ${here}$`, 'm'));
      expect(await (await fetch(`${ownUrl(n)}/healthz`)).text()).toBe('ok\n');
      own.close();
    }
    for (const client of shared) client.close();
  });

  it('doctor asks each of them', async () => {
    expect((await platform.ringback('doctor')).stdout).toContain('2 of 2 gateways');
  });

  it('a second platform does not get a share of the port, and is told what to do', async () => {
    const second = RunningPlatform.start({ PORT: String(port), RINGBACK_EDGES: '2' });
    await expect(second).rejects.toThrow(`Port ${port} is taken by another program.`);
  });

  it.runIf(process.platform === 'linux')('nor while nobody listens there for a moment', async () => {
    for (const held of [port, ...ownPorts()])
      await expect(holdPort(held, 'PORT')).rejects.toThrow(`Port ${held} is taken by another program.`);
  });
});

const noNginx = whyNoNginx();
if (noNginx !== undefined) console.warn(`The tests of gateways behind nginx are skipped: ${noNginx}`);

const ways = [
  {
    name: 'the port they share',
    why: undefined,
    open: async () => ({ url: platform.url, stop: async () => {} }),
  },
  { name: 'nginx as it is shipped', why: noNginx, open: () => Nginx.start({ gateways: ownPorts() }) },
];

for (const { name, why, open } of ways)
  describe.skipIf(why !== undefined)(`people at two gateways through ${name}`, () => {
    let front: { url: string; stop(): Promise<void> };
    let people: SdkPeople;
    beforeAll(async () => void (front = await open()));
    afterAll(() => front?.stop());
    afterEach(() => people?.close());

    it('kill -9 of one: its people go on at the other; nothing is missed, nothing comes twice', async () => {
      people = await SdkPeople.start(front.url, crowd);
      const [ref] = [...people.gateways()].toSorted(([, a], [, b]) => b - a)[0]!;
      const killed = Number(ref.split('/')[0]!.slice('edge-'.length)) - 1;
      const back = restart(killed, 'SIGKILL');
      await people.goOn([ref]);
      await back;
      const { acked, ...wrong } = await people.stop();
      expect(wrong).toEqual({ missed: 0, twice: 0, doubled: 0, faults: [] });
      expect(acked).toBeGreaterThan(0);
    });

    it('all restarted, one after the other: no app notices', async () => {
      people = await SdkPeople.start(front.url, crowd);
      const before = [...people.gateways().keys()];
      for (const n of names.keys()) {
        await restart(n, 'SIGTERM');
        await people.goOn();
      }
      await people.goOn(before);
      expect(await people.stop()).toMatchObject({ missed: 0, twice: 0, doubled: 0, faults: [] });
    });
  });

describe.skipIf(noNginx !== undefined)('nginx as it is shipped', () => {
  let nginx: Nginx;
  beforeAll(async () => void (nginx = await Nginx.start({ gateways: ownPorts() })));
  afterAll(() => nginx?.stop());

  /** A request from one of this machine's addresses, with any header. */
  const ask = (
    path: string,
    { from = '127.0.0.1', method = 'GET', headers = {} as Record<string, string> },
  ) =>
    answerOf((done) =>
      request(`${nginx.url}${path}`, { method, localAddress: from, headers, agent: false }, done),
    );

  it('passes the Host header on: pages of that host may use it, and are sent to TURN there', async () => {
    const authorization = `Bearer ${token}`;
    const host = 'meet.example.org:8443';
    const own = await ask('/v1/ice-servers', { headers: { authorization, host, origin: `https://${host}` } });
    expect(own.status).toBe(200);
    expect(own.text).toContain('turn:meet.example.org:3478');
    const origin = 'https://elsewhere.example.org';
    const other = await ask('/v1/ice-servers', { headers: { authorization, host, origin } });
    expect(other.status).toBe(403);
    expect(other.text).toContain('origin_not_allowed');
    const socket = await RawSocket.open(nginx.url, { host, origin: `https://${host}` });
    socket.end();
    await expect(RawSocket.open(nginx.url, { host, origin })).rejects.toThrow('403');
  });

  it.runIf(process.platform === 'linux')(
    'limits by address count whom nginx heard, whatever they say of themselves',
    async () => {
      const body = { 'content-length': '0' };
      const guest = (from: string, n: number) =>
        ask('/v1/guests', { method: 'POST', from, headers: { ...body, 'x-forwarded-for': `192.0.2.${n}` } });
      // Both gateways count for themselves.
      const tries = Array.from({ length: 400 }, (_, n) => n % 250);
      const heard = new Set<number>();
      for (let n = 0; n < tries.length && !heard.has(429); n += 20)
        for (const { status } of await Promise.all(tries.slice(n, n + 20).map((m) => guest('127.0.0.2', m))))
          heard.add(status);
      expect(heard).toContain(429);
      expect((await guest('127.0.0.3', 1)).status).not.toBe(429);
    },
  );

  it('shows no figures of gateways, and tells a stranger nothing else than a gateway does', async () => {
    expect((await ask('/metrics', {})).status).toBe(404);
    expect((await ask('/readyz', {})).status).toBe(200);
    const page = await ask('/', { headers: { 'accept-encoding': 'gzip' } });
    const bare = await fetch(`${platform.url}/`, { headers: { 'accept-encoding': 'gzip' } });
    for (const name of ['content-security-policy', 'etag', 'cache-control', 'content-encoding'])
      expect(page.headers[name], name).toBe(bare.headers.get(name) ?? undefined);
  });

  it('does not send everybody to a gateway that hangs, though it has the fewest', async () => {
    const pid = platform.run.processes['edge 2']!;
    process.kill(pid, 'SIGSTOP');
    try {
      const open: Duplex[] = [];
      for (let tries = 0; tries < 10 && open.length < 3; tries++) {
        const socket = await upgraded(nginx.url);
        if (socket !== undefined) open.push(socket);
      }
      expect(open).toHaveLength(3);
      for (const socket of open) socket.destroy();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await untilReady(1);
  });

  it('keeps the way of certificates free, which are files of its own', async () => {
    const answer = await ask('/.well-known/acme-challenge/not-there', {});
    expect(answer.status).toBe(404);
    // What comes from a gateway has it.
    expect(answer.headers).not.toHaveProperty('content-security-policy');
  });

  it.skipIf(onPath('openssl') === undefined)('speaks TLS with the server blocks for that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-tls-'));
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=meet.example.org', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-keyout', key, '-out', certificate, '-days', '1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...made], {
      stdio: 'ignore',
    });
    const secure = await Nginx.start({ gateways: ownPorts(), tls: { certificate, key } });
    const ca = readFileSync(certificate);
    const answer = await answerOf((done) =>
      secureRequest(`${secure.url}/healthz`, { ca, agent: false }, done),
    );
    expect(answer).toMatchObject({ status: 200, text: 'ok\n' });
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    await secure.stop();
    rmSync(folder, { recursive: true });
  });
});

function answerOf(
  send: (done: (response: IncomingMessage) => void) => ReturnType<typeof request>,
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = send((response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.once('error', reject).end();
  });
}

/** A WebSocket; undefined where nobody answers for a while. */
function upgraded(url: string): Promise<Duplex | undefined> {
  const key = randomBytes(16).toString('base64');
  const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const sent = request(`${url}/v1/ws`, {
    agent: false,
    headers: { ...headers, 'sec-websocket-key': key },
    timeout: 1_500,
  });
  return new Promise((resolve) => {
    sent.once('upgrade', (_, socket) => resolve(socket));
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(undefined));
    sent.end();
  });
}
