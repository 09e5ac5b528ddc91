import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheDir, onPath } from '@ringback/runtime/native-parts';

/**
 * Builds a load that is written in Go (its modules are pinned); seconds where Go's cache has it.
 *
 * @param folder under `bench/`.
 * @throws Error where there is no Go.
 */
export function buildGo(root: string, folder: string, name: string): string {
  const go = onPath('go');
  if (go === undefined) throw new Error('the load of this bench is written in Go: install Go 1.24 or newer');
  const cache = join(cacheDir(), 'bench');
  mkdirSync(cache, { recursive: true });
  const binary = join(cache, name);
  const { status, stderr } = spawnSync(go, ['build', '-mod=readonly', '-o', binary, '.'], {
    cwd: join(root, 'bench', folder),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bench/${folder} does not build:\n${stderr}`);
  return binary;
}

/** What it holds is closed one by one. Milliseconds. */
const graceMs = 20_000;

/** A load in a process of its own: commands go in as JSON lines, answers come back with the same id. */
export class GoProcess<Answer extends { readonly id: number; readonly error?: string }> {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #answerMs: number;
  readonly #waiting = new Map<number, (answer: Answer | { readonly error: string }) => void>();
  #next = 0;
  #words = '';

  /** @param answerMs the longest that an answer may take. Milliseconds. */
  constructor(binary: string, args: readonly string[], answerMs: number) {
    // It ends when its stdin does: also where this process is killed.
    this.#child = spawn(binary, args, { stdio: 'pipe' });
    if (this.#child.pid === undefined) throw new Error(`${binary} can not be started`);
    this.pid = this.#child.pid;
    this.#answerMs = answerMs;
    this.#child.stderr!.setEncoding('utf8');
    this.#child.stderr!.on('data', (text: string) => (this.#words = (this.#words + text).slice(-2_000)));
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', () => {
      for (const done of this.#waiting.values()) done({ error: `the load ended: ${this.#words}` });
      this.#waiting.clear();
    });
  }

  /** @throws Error with what it says of it, or where it says nothing. */
  ask(command: { readonly do: string; readonly [key: string]: unknown }): Promise<Answer> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the load did not answer ${command.do}`)),
        this.#answerMs,
      );
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.error === undefined) resolve(answer as Answer);
        else reject(new Error(`${command.do}: ${answer.error}`));
      });
      this.#child.stdin!.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    this.#child.stdin!.end();
    await gone;
    clearTimeout(timer);
  }
}
