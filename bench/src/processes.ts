import { fork, spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';

/** A graceful stop takes at most as long as under the supervisor. Milliseconds. */
const graceMs = 5_000;

const running = new Set<ChildProcess>();
// Also where a bench ends by Ctrl-C or an error: nothing of it stays behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process that is measured: what it prints is in a file, its end ends the bench. */
export class Server {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #logPath: string;

  /**
   * @param ipc whether it can be asked: a Node process that answers every message with one.
   * @throws Error where there is no such command.
   */
  constructor(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    logPath: string,
    { ipc = false } = {},
  ) {
    const log = openSync(logPath, 'a');
    // The pipe on stdin is what it watches to end with us (`exitWithParent`).
    this.#child = spawn(command, args, { env, stdio: ['pipe', log, log, ...(ipc ? ['ipc' as const] : [])] });
    if (this.#child.pid === undefined) throw new Error(`${command} can not be started`);
    this.pid = this.#child.pid;
    this.#logPath = logPath;
    running.add(this.#child);
  }

  /** @throws Error with its last words where it has ended. */
  mustRun(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return;
    const words = readFileSync(this.#logPath, 'utf8').slice(-2_000);
    throw new Error(`${this.#child.spawnargs.join(' ')} ended:\n${words}`);
  }

  /** One question at a time. */
  ask(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#child.once('message', resolve);
      this.#child.send('?');
    });
  }

  stop(): Promise<void> {
    return end(this.#child, () => this.#child.kill('SIGTERM'));
  }

  /** kill -9, as far as this process is asked: it may live for a moment. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A helper process of a bench: answers one question at a time. `Asks` is what `serveAsks` there was given. */
export class Helper<Asks extends object> {
  readonly #child: ChildProcess;
  #fail: (error: Error) => void = () => {};
  #done: (answer: unknown) => void = () => {};

  constructor(file: URL) {
    this.#child = fork(file, { serialization: 'advanced' });
    running.add(this.#child);
    this.#child.on('message', (message: { answer: unknown } | { error: string }) => {
      if ('error' in message) this.#fail(new Error(message.error));
      else this.#done(message.answer);
    });
    this.#child.once('exit', () => this.#fail(new Error(`${file.pathname} ended`)));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** @throws Error with what went wrong there. */
  ask<Name extends keyof Asks & string>(
    name: Name,
    argument: Asks[Name] extends (argument: infer Argument) => unknown ? Argument : never,
  ): Promise<Asks[Name] extends (argument: never) => infer Result ? Awaited<Result> : never> {
    return new Promise((resolve, reject) => {
      this.#done = resolve as (answer: unknown) => void;
      this.#fail = reject;
      this.#child.send({ name, argument });
    });
  }

  stop(): Promise<void> {
    return end(this.#child, () => this.#child.disconnect());
  }
}

/** The other side of `Helper`: one handler a name. */
export function serveAsks(handlers: Record<string, (argument: never) => unknown>): void {
  process.once('disconnect', () => process.exit(0));
  process.on('message', async ({ name, argument }: { name: string; argument: never }) => {
    try {
      process.send!({ answer: await handlers[name]!(argument) });
    } catch (error) {
      process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

async function end(child: ChildProcess, politely: () => void): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  politely();
  await gone;
  clearTimeout(timer);
}
