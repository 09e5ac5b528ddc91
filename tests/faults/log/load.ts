import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NatsAddress } from '@ringback/runtime';
import type { RejectionCode } from '@ringback/schemas';
import { waitFor } from '../../support/wait-for.ts';

export interface LoadOptions {
  readonly address: Omit<NatsAddress, 'name'>;
  readonly partitions: number;
  /** Gateways. */
  readonly links: number;
  readonly callsPerLink: number;
}

export interface LoadProgress {
  readonly ackedCount: number;
}

export interface LoadReport {
  /** Call, command, and the sequence that its sender was told. */
  readonly acked: [callId: string, commandId: string, seq: number][];
  /** Every command, acknowledged or not. */
  readonly sent: string[];
  /** Answers other than an acknowledgement, by code; each was said again by its sender. */
  readonly refused: Partial<Record<RejectionCode, number>>;
  /** The longest that anybody waited for an acknowledgement, all tries together. Milliseconds. */
  slowestMs: number;
}

/** After a fault of 15 s and an election, on a busy machine. Milliseconds. */
const patienceMs = 90_000;

/** Steady commands from several gateways, in a process of their own. */
export class Load {
  ackedCount = 0;
  readonly #child: ChildProcess;
  #report: LoadReport | undefined;
  #errors = '';

  constructor(options: LoadOptions) {
    const script = fileURLToPath(new URL('./load-process.ts', import.meta.url));
    this.#child = fork(script, [JSON.stringify(options)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#child.stderr!.on('data', (text) => (this.#errors += String(text)));
    this.#child.on('message', (message: LoadProgress | LoadReport) => {
      if ('ackedCount' in message) this.ackedCount = message.ackedCount;
      else this.#report = message;
    });
  }

  /** The load goes on: this many more were acknowledged from now on. */
  async moreAcks(count: number): Promise<void> {
    const goal = this.ackedCount + count;
    await this.#until(() => this.ackedCount >= goal, `${count} more acknowledgements`);
  }

  /** Lets everybody finish what they are at. */
  async stop(): Promise<LoadReport> {
    this.#child.send('stop');
    await this.#until(() => this.#report !== undefined, 'the last acknowledgements');
    return this.#report!;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    await waitFor(
      () => {
        if (condition()) return true;
        if (this.#child.exitCode !== null) throw new Error(`the load ended: ${this.#errors.slice(-2_000)}`);
        return false;
      },
      what,
      patienceMs,
    );
  }
}
