import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { provisionStreams } from '@ringback/eventlog';
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

interface LogOptions {
  readonly partitions: number;
  /** One server, or three on this machine that each keep a copy. */
  readonly replicas: 1 | 3;
}

/** nats-server as `npm start` configures it (every write on the disk before its ack), with a home of its own. */
export class BenchLog {
  readonly home: string;
  readonly secrets: Secrets;
  /** Of all servers, as `connectNats` takes it. */
  readonly url: string;
  readonly options: LogOptions;
  readonly servers: readonly Server[];
  readonly #nc: Connection;

  private constructor(
    home: string,
    secrets: Secrets,
    url: string,
    options: LogOptions,
    servers: readonly Server[],
    nc: Connection,
  ) {
    this.home = home;
    this.secrets = secrets;
    this.url = url;
    this.options = options;
    this.servers = servers;
    this.#nc = nc;
  }

  /** Its streams are there when it is. */
  static async start(asked: Partial<LogOptions> = {}): Promise<BenchLog> {
    const options: LogOptions = { partitions, replicas: 1, ...asked };
    const binary = natsServerPath();
    if (binary === undefined) throw new Error('nats-server is not there: run npm run setup');
    const home = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
    homes.add(home);
    mkdirSync(join(home, 'logs'));
    const secrets = loadOrMakeSecrets(home);
    const ports: number[] = [];
    for (let n = 0; n < options.replicas; n++) ports.push(await freePort());
    const routes: string[] = [];
    if (options.replicas > 1)
      for (const _ of ports) routes.push(`nats-route://127.0.0.1:${await freePort()}`);
    const servers: Server[] = [];
    for (const [n, port] of ports.entries()) {
      const name = `nats-${n}`;
      mkdirSync(join(home, name));
      const monitoringPort = await freePort();
      const passwords = secrets.nats;
      const alone = natsConfig({ home: join(home, name), port, monitoringPort, passwords });
      const listen = routes[n]?.slice('nats-route://'.length);
      const cluster = listen === undefined ? {} : { cluster: { name: 'bench', listen, routes } };
      const config = join(home, `${name}.conf`);
      writeFileSync(config, JSON.stringify({ ...JSON.parse(alone), server_name: name, ...cluster }));
      servers.push(new Server(binary, ['-c', config], process.env, join(home, 'logs', `${name}.log`)));
    }
    const url = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
    const address = { url, user: 'admin', password: secrets.nats.admin, name: 'bench' };
    const nc = await waitFor(() => {
      for (const server of servers) server.mustRun();
      return connectNats(address).catch(() => undefined);
    }, 'nats-server to answer');
    // Servers of a cluster answer before they have found each other.
    const provision = () => provisionStreams(nc, options.partitions, options.replicas).then(() => true);
    await waitFor(() => provision().catch(() => false), 'the log to have its streams', 30_000);
    return new BenchLog(home, secrets, url, options, servers, nc);
  }

  /** The calls worker on it, with the settings of `npm start`, and `more`. */
  startWorker(root: string, { tap }: { tap: boolean }, more: Record<string, string> = {}): Server {
    return this.startProcess(root, 'workers/calls/src/main.ts', 'calls', {
      RINGBACK_NATS_PASSWORD: this.secrets.nats.calls,
      RINGBACK_REPLICAS: String(this.options.replicas),
      RINGBACK_TAP: tap ? 'on' : 'off',
      ...more,
    });
  }

  /** @param probe a module that is loaded into it and answers `Server.ask`, where there is one. */
  startProcess(root: string, path: string, name: string, env: Record<string, string>, probe?: URL): Server {
    const common = {
      ...process.env,
      RINGBACK_SUPERVISED: '1',
      RINGBACK_HOME: this.home,
      RINGBACK_NATS_URL: this.url,
      RINGBACK_PARTITIONS: String(this.options.partitions),
    };
    const log = join(this.home, 'logs', `${name}.log`);
    const flags = probe === undefined ? [] : ['--expose-gc', '--import', probe.href];
    const ipc = probe !== undefined;
    return new Server(process.execPath, [...flags, join(root, path)], { ...common, ...env }, log, { ipc });
  }

  /** Commits that are kept and their bytes, headers included: all partitions. */
  async stored(): Promise<{ commits: number; bytes: number }> {
    const manager = await jetstreamManager(this.#nc);
    const all = { commits: 0, bytes: 0 };
    for (let partition = 0; partition < this.options.partitions; partition++) {
      const { state } = await manager.streams.info(streams.events(partition));
      all.commits += state.messages;
      all.bytes += state.bytes;
    }
    return all;
  }

  /** Drops all but the last commit of each partition, which leaves the fence whole: a bench writes gigabytes. */
  async trim(): Promise<void> {
    const manager = await jetstreamManager(this.#nc);
    for (let partition = 0; partition < this.options.partitions; partition++)
      await manager.streams.purge(streams.events(partition), { keep: 1 });
  }

  /** @throws Error where a server has ended. */
  mustRun(): void {
    for (const server of this.servers) server.mustRun();
  }

  async stop(): Promise<void> {
    await this.#nc.close();
    await Promise.all(this.servers.map((server) => server.stop()));
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
    const worker = log.startWorker(root, { tap });
    const edge = log.startProcess(root, 'gateways/edge/src/main.ts', 'edge', {
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
    return { nats: this.log.servers[0]!.pid, worker: this.#worker.pid, edge: this.#edge.pid };
  }

  /** @throws Error where one of the processes has ended: nobody starts it again here. */
  mustRun(): void {
    this.log.mustRun();
    for (const server of [this.#worker, this.#edge]) server.mustRun();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.#edge.stop()]);
    await this.log.stop();
  }
}
