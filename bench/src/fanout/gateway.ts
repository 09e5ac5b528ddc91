import { join } from 'node:path';
import { freePort } from '../../../tests/support/nats-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { BenchLog } from '../platform.ts';
import type { Server } from '../processes.ts';

/** An edge gateway alone, the process that `npm start` runs, with the settings of `npm start`. */
export class Gateway {
  readonly url: string;
  readonly name: string;
  readonly process: Server;

  private constructor(url: string, name: string, process: Server) {
    this.url = url;
    this.name = name;
    this.process = process;
  }

  /** Its owner has to be there. @param probe see `BenchLog.startProcess`. */
  static async start(root: string, log: BenchLog, name: string, probe?: URL): Promise<Gateway> {
    const { home, secrets } = log;
    const port = await freePort();
    const env = {
      PORT: String(port),
      RINGBACK_HOST: '127.0.0.1',
      RINGBACK_GATEWAY_ID: name,
      RINGBACK_NATS_PASSWORD: secrets.nats.edge,
      RINGBACK_TENANTS: JSON.stringify(secrets.tenants),
      RINGBACK_WEB_DIST: join(home, 'no-web-app'),
    };
    const process = log.startProcess(root, 'gateways/edge/src/main.ts', name, env, probe);
    const url = `http://127.0.0.1:${port}`;
    const isReady = async () => {
      process.mustRun();
      return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
    };
    await waitFor(isReady, `${name} to be ready`, 30_000);
    return new Gateway(url, name, process);
  }
}
