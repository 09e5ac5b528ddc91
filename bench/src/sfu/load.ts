import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheDir, onPath } from '@ringback/runtime/native-parts';
import { limits } from './limits.ts';

/** Running sums of bench/load; bytes are RTP payload. */
export interface Counts {
  readonly connected: number;
  readonly failed: number;
  readonly tracks: number;
  readonly flowing: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly keyFrames: number;
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly expectedPackets: number;
  /** Since it was last asked for. */
  readonly lateMsMax: number;
}

interface Answer {
  readonly id: number;
  readonly error?: string;
  readonly sdp?: string;
  readonly fingerprint?: string;
  readonly counts?: Counts;
}

/** Builds bench/load (its Go modules are pinned); seconds where Go's cache has it. @throws Error where there is no Go. */
export function buildLoad(root: string): string {
  const go = onPath('go');
  if (go === undefined) throw new Error('the load of this bench is written in Go: install Go 1.24 or newer');
  const folder = join(cacheDir(), 'bench');
  mkdirSync(folder, { recursive: true });
  const binary = join(folder, 'sfu-load');
  const { status, stderr } = spawnSync(go, ['build', '-mod=readonly', '-o', binary, '.'], {
    cwd: join(root, 'bench', 'load'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bench/load does not build:\n${stderr}`);
  return binary;
}

/** One process with everybody's WebRTC clients. A new one for each run: no run bears what another left behind. */
export class Load {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 0;
  #words = '';

  constructor(binary: string, address: string) {
    // It ends when its stdin does: also where this process is killed.
    this.#child = spawn(binary, ['--address', address], { stdio: 'pipe' });
    if (this.#child.pid === undefined) throw new Error(`${binary} can not be started`);
    this.pid = this.#child.pid;
    this.#child.stderr!.setEncoding('utf8');
    this.#child.stderr!.on('data', (text: string) => (this.#words = (this.#words + text).slice(-2_000)));
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', () => {
      for (const [id, done] of this.#waiting) done({ id, error: `the load ended: ${this.#words}` });
      this.#waiting.clear();
    });
  }

  /** Of the certificate that all its connections use; sha-256, upper case. */
  async fingerprint(): Promise<string> {
    return (await this.#ask({ do: 'fingerprint' })).fingerprint!;
  }

  /** Somebody's sending connection. @returns its offer with all candidates. */
  async send(peer: string): Promise<string> {
    return (await this.#ask({ do: 'send', peer, videoBps: limits.videoBps })).sdp!;
  }

  async answered(peer: string, sdp: string): Promise<void> {
    await this.#ask({ do: 'answered', peer, sdp });
  }

  /** Somebody's receiving connection, from the server's offer. @returns its answer with all candidates. */
  async receive(peer: string, sdp: string): Promise<string> {
    return (await this.#ask({ do: 'receive', peer, sdp })).sdp!;
  }

  /** Everybody who sends begins. */
  async start(): Promise<void> {
    await this.#ask({ do: 'start' });
  }

  async counts(): Promise<Counts> {
    return (await this.#ask({ do: 'counts' })).counts!;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limits.answerMs);
    this.#child.stdin!.end();
    await gone;
    clearTimeout(timer);
  }

  #ask(command: { do: string; [key: string]: unknown }): Promise<Answer> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the load did not answer ${command.do}`)),
        limits.answerMs,
      );
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.error === undefined) resolve(answer);
        else reject(new Error(`${command.do}: ${answer.error}`));
      });
      this.#child.stdin!.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }
}
