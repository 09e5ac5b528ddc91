import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsServerPath } from '@ringback/runtime';
import { freePorts } from './free-ports.ts';
import { waitFor } from './wait-for.ts';

/** A real nats-server for one test file: its own port, its own folder, fsync on every write as in production. */
export class NatsServer {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<NatsServer> {
    const server = new NatsServer(await freePorts(1), mkdtempSync(join(tmpdir(), 'ringback-nats-')));
    // Whoever is interrupted leaves no server behind, nor its folder.
    process.once('exit', () => {
      server.#process?.kill('SIGKILL');
      rmSync(server.#folder, { recursive: true, force: true });
    });
    await server.restart();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** For the users of NatsAddress; this server knows no users and takes any. */
  address(name: string, port = this.port) {
    return { url: `nats://127.0.0.1:${port}`, user: 'calls', password: 'any', name };
  }

  /** Starts it (again) on the same folder and port, and waits until it takes connections. */
  async restart(): Promise<void> {
    const binary = natsServerPath();
    if (binary === undefined) throw new Error('nats-server is not in the cache: run npm run setup');
    const config = join(this.#folder, 'nats.conf');
    writeFileSync(
      config,
      JSON.stringify({
        host: '127.0.0.1',
        port: this.port,
        max_payload: 8 * 1024 * 1024,
        jetstream: { store_dir: join(this.#folder, 'store'), sync_interval: 'always' },
      }),
    );
    this.#process = spawn(binary, ['-c', config], { stdio: 'ignore' });
    await waitFor(() => canConnect(this.port), 'nats-server to listen');
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

async function canConnect(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
