import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { password } from '../../support/nats-cluster.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface WorkerOptions {
  readonly natsUrl: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly logPath: string;
}

/** A calls worker as the platform runs it: a process of its own, started again when it ends. */
export class WorkerProcess {
  readonly #options: WorkerOptions;
  #child!: ChildProcess;
  #stopping = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#start();
  }

  /** kill -9; another one is started as soon as it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }

  #start(): void {
    const { natsUrl, partitions, replicas, logPath } = this.#options;
    const out = openSync(logPath, 'a');
    this.#child = spawn(process.execPath, [`${root}/workers/calls/src/main.ts`], {
      env: {
        ...process.env,
        RINGBACK_NATS_URL: natsUrl,
        RINGBACK_NATS_USER: 'calls',
        RINGBACK_NATS_PASSWORD: password,
        RINGBACK_PARTITIONS: String(partitions),
        RINGBACK_REPLICAS: String(replicas),
        // It ends by itself where we are killed and can not end it.
        RINGBACK_SUPERVISED: '1',
        NODE_COMPILE_CACHE: `${root}/node_modules/.cache/node-compile`,
      },
      stdio: ['pipe', out, out],
    });
    closeSync(out);
    this.#child.once('exit', () => {
      if (!this.#stopping) this.#start();
    });
  }
}
