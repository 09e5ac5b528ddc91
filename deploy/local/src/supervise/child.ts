// One process that must be up: started again when it dies, ended when told to.

import { spawn, type ChildProcess } from 'node:child_process';
import { limits } from '../limits.ts';
import { BackOff, type BackOffLimits } from './back-off.ts';
import { LogFile } from './log-file.ts';

export interface ChildSpec {
  /** What people read. */
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  logPath: string;
}

export interface ChildEvents {
  /** One clear line for the terminal. */
  say(line: string): void;
  onStart(name: string, pid: number): void;
}

export class SupervisedChild {
  readonly name: string;
  readonly #spec: ChildSpec;
  readonly #events: ChildEvents;
  readonly #backOff: BackOff;
  readonly #log: LogFile;
  #process: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopping = false;
  #restarting = false;
  #onGone: (() => void) | undefined;

  constructor(spec: ChildSpec, events: ChildEvents, backOff: BackOffLimits = limits) {
    this.name = spec.name;
    this.#spec = spec;
    this.#events = events;
    this.#backOff = new BackOff(backOff);
    this.#log = new LogFile(spec.logPath);
    this.#start();
  }

  /** Asks it to end; resolves when it is gone. It gets SIGKILL when it has not ended by itself within `graceMs`. */
  async stop(graceMs: number = limits.stopGraceMs): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    if (this.#process !== undefined) {
      const gone = new Promise<void>((resolve) => (this.#onGone = resolve));
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.kill(), graceMs);
      await gone;
      clearTimeout(timer);
    }
    this.#log.close();
  }

  /** Ends it at once; after this it does not come back. */
  kill(): void {
    this.#stopping = true;
    this.#process?.kill('SIGKILL');
  }

  /** Ends it gracefully and starts it again at once: its code has changed. */
  restart(): void {
    if (this.#process === undefined) return;
    this.#restarting = true;
    this.#process.kill('SIGTERM');
  }

  #start(): void {
    const startedMs = performance.now();
    // stdin: a pipe that we never write to. When we are gone the kernel closes it and the child ends itself
    // (core/runtime/src/exit-with-parent.ts). A session of its own: Ctrl-C in the terminal reaches us alone, and we end
    // the children in their order.
    const child = spawn(this.#spec.command, this.#spec.args, {
      env: { ...this.#spec.env, RINGBACK_SUPERVISED: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#process = child;
    child.stdin.on('error', () => {}); // it closed its end: its exit follows
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk: Buffer) => this.#log.write(chunk));
    if (child.pid !== undefined) this.#events.onStart(this.name, child.pid);
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      this.#ended(how, performance.now() - startedMs);
    };
    child.on('error', (error) => {
      if (child.pid === undefined) ended(`could not be started (${error.message})`);
    });
    // `close` comes after the last output, `exit` at once; a grandchild that keeps the pipes open must not hold us up.
    child.on('exit', (code, signal) => {
      const how = signal === null ? `exited with status ${code}` : `exited with ${signal}`;
      child.on('close', () => ended(how));
      setTimeout(() => ended(how), limits.lastOutputMs);
    });
  }

  #ended(how: string, ranMs: number): void {
    this.#process = undefined;
    if (this.#stopping) return this.#onGone?.();
    if (this.#restarting) {
      this.#restarting = false;
      return this.#start();
    }
    const waitMs = this.#backOff.afterDeath(ranMs);
    this.#events.say(`${this.name} ${how}, back in ${waitMs / 1000} s`);
    if (this.#backOff.failures % limits.failuresShown === 0) {
      this.#events.say(`${this.name} keeps failing. Its last lines (all of them: ${this.#spec.logPath}):`);
      for (const line of this.#log.lastLines()) this.#events.say(`    ${line}`);
    }
    this.#again = setTimeout(() => this.#start(), waitMs);
  }
}
