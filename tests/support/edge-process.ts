import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from './nats-server.ts';
import { tenants } from './stage.ts';
import { waitFor } from './wait-for.ts';

const main = fileURLToPath(new URL('../../gateways/edge/src/main.ts', import.meta.url));

/** An edge gateway in a process of its own, as the supervisor starts it. */
export class EdgeProcess {
  readonly name: string;
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  #log = '';

  private constructor(name: string, url: string, natsUrl: string, env: Record<string, string>) {
    this.name = name;
    this.url = url;
    this.#child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        // It ends itself when its stdin closes, so with us.
        RINGBACK_SUPERVISED: '1',
        RINGBACK_NATS_URL: natsUrl,
        RINGBACK_NATS_PASSWORD: 'any',
        RINGBACK_TENANTS: JSON.stringify(tenants),
        RINGBACK_GATEWAY_ID: name,
        RINGBACK_WEB_DIST: '/nowhere',
        RINGBACK_HOST: '127.0.0.1',
        PORT: new URL(url).port,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const output of [this.#child.stdout, this.#child.stderr])
      output?.on('data', (text) => (this.#log += String(text)));
    this.#gone = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  /**
   * Settles when it is ready.
   *
   * @param natsUrl of a server that takes any user.
   */
  static async start(name: string, natsUrl: string, env: Record<string, string> = {}): Promise<EdgeProcess> {
    const edge = new EdgeProcess(name, `http://127.0.0.1:${await freePort()}`, natsUrl, env);
    const isReady = async () => {
      if (edge.#child.exitCode !== null) throw new Error(`${name} ended:\n${edge.#log}`);
      return (await fetch(`${edge.url}/readyz`).catch(() => undefined))?.ok;
    };
    await waitFor(isReady, `${name} to be ready`, 40_000);
    return edge;
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}
