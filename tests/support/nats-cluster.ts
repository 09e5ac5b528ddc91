import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { natsServerPath } from '@ringback/runtime';
import { natsUsers, type Secrets } from '../../deploy/local/src/home.ts';
import { natsConfig } from '../../deploy/local/src/nats-config.ts';
import { freePorts } from './free-ports.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** Everybody's, on loopback, for as long as a test runs. */
export const password = 'any';
const passwords = Object.fromEntries(natsUsers.map((user) => [user, password])) as Secrets['nats'];

/** Larger than a test writes, smaller than any disk: else the server takes three quarters of what it finds. Bytes. */
const storeBytesMax = 4 * 1024 ** 3;

interface NodeOptions {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly monitoringPort: number;
  readonly cluster?: { readonly port: number; readonly routes: string[] };
}

/** One real nats-server, configured as the supervisor does it, which can be killed, frozen and started again. */
export class NatsNode {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly logPath: string;
  readonly #monitoringPort: number;
  readonly #configPath: string;
  #process: ChildProcess | undefined;

  constructor({ name, folder, port, monitoringPort, cluster }: NodeOptions) {
    this.name = name;
    this.port = port;
    this.folder = folder;
    this.logPath = join(folder, `${name}.log`);
    this.#monitoringPort = monitoringPort;
    this.#configPath = join(folder, `${name}.json`);
    const config = JSON.parse(natsConfig({ home: folder, port, monitoringPort, passwords })) as object;
    const { jetstream } = config as { jetstream: object };
    const more = {
      server_name: name,
      jetstream: { ...jetstream, max_file_store: storeBytesMax },
      // Nobody answers at the advertised address: servers reach each other by their given routes alone, which can be cut.
      ...(cluster && {
        cluster: {
          name: 'ringback',
          listen: `127.0.0.1:${cluster.port}`,
          routes: cluster.routes,
          advertise: '127.0.0.1:1',
          no_advertise: true,
        },
      }),
    };
    writeFileSync(this.#configPath, JSON.stringify({ ...config, ...more }));
  }

  start(): void {
    const binary = natsServerPath();
    if (binary === undefined) throw new Error('nats-server is not in the cache: run npm run setup');
    const out = openSync(this.logPath, 'a');
    const child = spawn(binary, ['-c', this.#configPath], { stdio: ['ignore', out, out] });
    closeSync(out);
    // It can not be taught to end with us.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    this.#process = child;
  }

  /** kill -9, and waits until it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** @throws Error with its last words where it has ended by itself. */
  mustRun(): void {
    if (typeof this.#process?.exitCode === 'number')
      throw new Error(`${this.name} ended:\n${readFileSync(this.logPath, 'utf8').slice(-2_000)}`);
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** All of its streams have a leader and this server's copies are up to date; of a cluster, it has a leader itself. */
  async isWell(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#monitoringPort}/healthz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    return answer?.status === 200;
  }
}

/** One nats-server (R1) or a cluster of three on loopback (R3): generated accounts, fsync on every write. */
export class NatsCluster {
  readonly nodes: readonly NatsNode[];
  readonly replicas: 1 | 3;
  readonly #folders: readonly string[];
  readonly #links: readonly { readonly between: readonly [number, number]; readonly proxy: TcpProxy }[];

  private constructor(
    replicas: 1 | 3,
    nodes: NatsNode[],
    folders: readonly string[],
    links: { between: [number, number]; proxy: TcpProxy }[],
  ) {
    this.replicas = replicas;
    this.nodes = nodes;
    this.#folders = folders;
    this.#links = links;
  }

  /** @param folders where each server keeps its data; default: a temporary folder each. Removed at the end. */
  static async start(
    replicas: 1 | 3,
    folders: readonly string[] = Array.from({ length: replicas }, () =>
      mkdtempSync(join(tmpdir(), 'ringback-nats-')),
    ),
  ): Promise<NatsCluster> {
    const firstPort = await freePorts(replicas * 3);
    const clusterPort = (i: number) => firstPort + i * 3 + 2;
    const links: { between: [number, number]; proxy: TcpProxy }[] = [];
    for (let from = 0; from < replicas; from++)
      for (let to = 0; to < replicas; to++)
        if (from !== to) links.push({ between: [from, to], proxy: await TcpProxy.to(clusterPort(to)) });
    const nodes = folders.map((folder, i) => {
      const mine = links.filter(({ between }) => between[0] === i);
      const routes = mine.map(({ proxy }) => `nats://127.0.0.1:${proxy.port}`);
      return new NatsNode({
        ...{ name: `n${i + 1}`, folder, port: firstPort + i * 3, monitoringPort: firstPort + i * 3 + 1 },
        ...(replicas > 1 && { cluster: { port: clusterPort(i), routes } }),
      });
    });
    const cluster = new NatsCluster(replicas, nodes, folders, links);
    for (const node of nodes) node.start();
    try {
      await cluster.untilWell();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** As RINGBACK_NATS_URL has it. */
  get url(): string {
    return this.nodes.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
  }

  address(name: string, url = this.url) {
    return { url, user: 'calls', password, name };
  }

  async untilWell(): Promise<void> {
    for (const node of this.nodes)
      await waitFor(
        () => {
          node.mustRun();
          return node.isWell();
        },
        `${node.name} to be well`,
        50_000,
      );
  }

  /** The server that leads this stream. */
  async leaderOf(nc: NatsConnection, stream: string): Promise<NatsNode> {
    if (this.replicas === 1) return this.nodes[0]!;
    const manager = await jetstreamManager(nc, { checkAPI: false });
    const leader = await waitFor(
      async () => (await manager.streams.info(stream).catch(() => undefined))?.cluster?.leader,
      `a leader of ${stream}`,
    );
    return this.nodes.find(({ name }) => name === leader)!;
  }

  /** From now on nothing passes between this server and the others, and nobody is told so. */
  cutOff(node: NatsNode): void {
    const index = this.nodes.indexOf(node);
    for (const { between, proxy } of this.#links)
      if (between.includes(index)) proxy.deafen = proxy.silence = true;
  }

  heal(): void {
    for (const { proxy } of this.#links) proxy.heal();
  }

  /** Ends its own processes, by their ids, and removes what they wrote. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    for (const { proxy } of this.#links) proxy.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
