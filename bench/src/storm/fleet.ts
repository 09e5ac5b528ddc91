import { join } from 'node:path';
import { freePort } from '../../../tests/support/nats-server.ts';
import { Nginx } from '../../../tests/support/nginx.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { BenchLog } from '../platform.ts';
import type { Server } from '../processes.ts';

/** nats-server, calls worker and several edge gateways with the settings of `npm start`, and nginx as it is shipped before them. */
export class Fleet {
  readonly url: string;
  readonly log: BenchLog;
  readonly edges: readonly Server[];
  readonly #worker: Server;
  readonly #nginx: Nginx;

  private constructor(log: BenchLog, worker: Server, edges: readonly Server[], nginx: Nginx) {
    this.log = log;
    this.#worker = worker;
    this.edges = edges;
    this.#nginx = nginx;
    this.url = nginx.url;
  }

  static async start(root: string, count: number): Promise<Fleet> {
    const log = await BenchLog.start();
    const { home, secrets } = log;
    const worker = log.startWorker(root, { tap: true });
    const ports: number[] = [];
    for (let n = 0; n < count; n++) ports.push(await freePort());
    const edges = ports.map((port, n) =>
      log.startProcess(root, 'gateways/edge/src/main.ts', `edge-${n + 1}`, {
        PORT: String(port),
        RINGBACK_HOST: '127.0.0.1',
        RINGBACK_GATEWAY_ID: `edge-${n + 1}`,
        RINGBACK_NATS_PASSWORD: secrets.nats.edge,
        RINGBACK_TENANTS: JSON.stringify(secrets.tenants),
        RINGBACK_TRUSTED_PROXIES: '127.0.0.1',
        RINGBACK_WEB_DIST: join(home, 'no-web-app'),
      }),
    );
    const fleet = new Fleet(log, worker, edges, await Nginx.start({ gateways: ports }));
    const isReady = async (port: number) => {
      fleet.mustRun(edges);
      return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok;
    };
    for (const port of ports) await waitFor(() => isReady(port), 'the gateways to be ready', 30_000);
    return fleet;
  }

  /** @throws Error where one of the processes has ended, but for gateways that are not in `edges`. */
  mustRun(edges: readonly Server[]): void {
    this.log.mustRun();
    for (const server of [this.#worker, ...edges]) server.mustRun();
  }

  async stop(): Promise<void> {
    await this.#nginx.stop();
    await Promise.all([this.#worker, ...this.edges].map((server) => server.stop()));
    await this.log.stop();
  }
}
