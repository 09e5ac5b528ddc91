import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, natsServerPath } from '@ringback/runtime';
import { streams } from '@ringback/schemas';
import { loadOrMakeSecrets, type Secrets } from '../../deploy/local/src/home.ts';
import { natsConfig } from '../../deploy/local/src/nats-config.ts';
import { freePort } from '../../tests/support/nats-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { Server } from './processes.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** As `npm start` has them, and moved by the same variable. */
export const partitions = Number(process.env.RINGBACK_PARTITIONS || '4');

const homes = new Set<string>();
process.once('exit', () => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** A nats-server as `npm start` configures it (every write on the disk before its ack), with a home of its own. */
export class BenchLog {
  readonly home: string;
  readonly secrets: Secrets;
  readonly url: string;
  readonly server: Server;
  readonly #nc: Connection;

  private constructor(home: string, secrets: Secrets, url: string, server: Server, nc: Connection) {
    this.home = home;
    this.secrets = secrets;
    this.url = url;
    this.server = server;
    this.#nc = nc;
  }

  static async start(): Promise<BenchLog> {
    const binary = natsServerPath();
    if (binary === undefined) throw new Error('nats-server is not there: run npm run setup');
    const home = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
    homes.add(home);
    mkdirSync(join(home, 'logs'));
    const secrets = loadOrMakeSecrets(home);
    const port = await freePort();
    const config = join(home, 'nats-server.conf');
    const monitoringPort = await freePort();
    writeFileSync(config, natsConfig({ home, port, monitoringPort, passwords: secrets.nats }));
    const server = new Server(binary, ['-c', config], process.env, join(home, 'logs', 'nats-server.log'));
    const url = `nats://127.0.0.1:${port}`;
    const address = { url, user: 'admin', password: secrets.nats.admin, name: 'bench' };
    const nc = await waitFor(() => {
      server.mustRun();
      return connectNats(address).catch(() => undefined);
    }, 'nats-server to answer');
    return new BenchLog(home, secrets, url, server, nc);
  }

  /** Commits stored so far and their bytes, headers included: all partitions. */
  async stored(): Promise<{ commits: number; bytes: number }> {
    const manager = await jetstreamManager(this.#nc);
    const all = { commits: 0, bytes: 0 };
    for (let partition = 0; partition < partitions; partition++) {
      const { state } = await manager.streams.info(streams.events(partition));
      all.commits += state.messages;
      all.bytes += state.bytes;
    }
    return all;
  }

  async stop(): Promise<void> {
    await this.#nc.close();
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
    homes.delete(this.home);
  }
}

/** nats-server, calls worker and edge gateway, each in its own process, with the settings of `npm start`. */
export class BenchPlatform {
  readonly log: BenchLog;
  readonly url: string;
  readonly #worker: Server;
  readonly #edge: Server;

  private constructor(log: BenchLog, url: string, worker: Server, edge: Server) {
    this.log = log;
    this.url = url;
    this.#worker = worker;
    this.#edge = edge;
  }

  static async start(root: string, { tap }: { tap: boolean }): Promise<BenchPlatform> {
    const log = await BenchLog.start();
    const { home, secrets } = log;
    const port = await freePort();
    const common = {
      ...process.env,
      RINGBACK_SUPERVISED: '1',
      RINGBACK_HOME: home,
      RINGBACK_NATS_URL: log.url,
      RINGBACK_PARTITIONS: String(partitions),
    };
    const start = (path: string, name: string, env: Record<string, string>) =>
      new Server(
        process.execPath,
        [join(root, path)],
        { ...common, ...env },
        join(home, 'logs', `${name}.log`),
      );
    const worker = start('workers/calls/src/main.ts', 'calls', {
      RINGBACK_NATS_PASSWORD: secrets.nats.calls,
      RINGBACK_TAP: tap ? 'on' : 'off',
    });
    // The worker makes the streams; the edge may come before that and waits.
    const edge = start('gateways/edge/src/main.ts', 'edge', {
      PORT: String(port),
      RINGBACK_HOST: '127.0.0.1',
      RINGBACK_NATS_PASSWORD: secrets.nats.edge,
      RINGBACK_TENANTS: JSON.stringify(secrets.tenants),
      RINGBACK_WEB_DIST: join(home, 'no-web-app'),
    });
    const platform = new BenchPlatform(log, `http://127.0.0.1:${port}`, worker, edge);
    await waitFor(
      async () => {
        platform.mustRun();
        return (await fetch(`${platform.url}/readyz`).catch(() => undefined))?.ok;
      },
      'the platform to be ready',
      30_000,
    );
    return platform;
  }

  get pids(): { nats: number; worker: number; edge: number } {
    return { nats: this.log.server.pid, worker: this.#worker.pid, edge: this.#edge.pid };
  }

  /** @throws Error where one of the processes has ended: nobody starts it again here. */
  mustRun(): void {
    for (const server of [this.log.server, this.#worker, this.#edge]) server.mustRun();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.#edge.stop()]);
    await this.log.stop();
  }
}
