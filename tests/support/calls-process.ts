import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../workers/calls/src/main.ts', import.meta.url));

/** A calls worker in a process of its own, as the supervisor starts it. */
export class CallsProcess {
  readonly name: string;
  /** Settles with the exit status; undefined where a signal ended it. */
  readonly gone: Promise<number | undefined>;
  readonly #child: ChildProcess;
  #log = '';

  /** @param natsUrl of a server that takes any user. */
  constructor(name: string, natsUrl: string, partitions: number) {
    this.name = name;
    this.#child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        // It ends itself when its stdin closes, so with us.
        RINGBACK_SUPERVISED: '1',
        RINGBACK_NATS_URL: natsUrl,
        RINGBACK_NATS_PASSWORD: 'any',
        RINGBACK_PARTITIONS: String(partitions),
        RINGBACK_WORKER_ID: name,
        METRICS_PORT: '',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const output of [this.#child.stdout, this.#child.stderr])
      output?.on('data', (text) => (this.#log += String(text)));
    this.gone = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code ?? undefined)));
  }

  /** Lines of its log so far that say this, as they were written. */
  said(message: string): Record<string, unknown>[] {
    return this.#log
      .split('\n')
      .filter((line) => line.includes(`"msg":"${message}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, frozen or not. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }
}
