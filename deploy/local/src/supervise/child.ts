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
  /**
   * Another one is kept beside it, loaded, with RINGBACK_STAND_BY=1. When the first dies it is told so by a line on its
   * stdin and takes its place, so that nobody waits for modules to load (`untilNeeded` of core/runtime).
   */
  standBy?: boolean;
}

export interface ChildLimits extends BackOffLimits {
  standByAfterMs: number;
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
  readonly #limits: ChildLimits;
  #process: ChildProcess | undefined;
  #startedMs = 0;
  #standBy: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #standByAgain: NodeJS.Timeout | undefined;
  #stopping = false;
  #restarting = false;
  #onGone: (() => void) | undefined;

  constructor(spec: ChildSpec, events: ChildEvents, ownLimits: ChildLimits = limits) {
    this.name = spec.name;
    this.#spec = spec;
    this.#events = events;
    this.#limits = ownLimits;
    this.#backOff = new BackOff(ownLimits);
    this.#log = new LogFile(spec.logPath);
    this.#start();
  }

  /** Asks it to end; resolves when it is gone. It gets SIGKILL when it has not ended by itself within `graceMs`. */
  async stop(graceMs: number = limits.stopGraceMs): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    clearTimeout(this.#standByAgain);
    // It holds nothing that could be lost.
    this.#standBy?.kill('SIGKILL');
    if (this.#process !== undefined || this.#standBy !== undefined) {
      const gone = new Promise<void>((resolve) => (this.#onGone = resolve));
      this.#process?.kill('SIGTERM');
      const timer = setTimeout(() => this.kill(), graceMs);
      await gone;
      clearTimeout(timer);
    }
    this.#log.close();
  }

  /** Ends it at once; after this it does not come back. */
  kill(): void {
    this.#stopping = true;
    this.#standBy?.kill('SIGKILL');
    this.#process?.kill('SIGKILL');
  }

  /** Ends it gracefully and starts it again at once: its code has changed. */
  restart(): void {
    if (this.#process === undefined) return;
    this.#restarting = true;
    this.#process.kill('SIGTERM');
  }

  #start(): void {
    this.#serve(this.#spawn());
  }

  /** From now on this is the one. */
  #serve(child: ChildProcess): void {
    this.#process = child;
    this.#startedMs = performance.now();
    if (child.pid !== undefined) this.#events.onStart(this.name, child.pid);
    this.#prepareLater();
  }

  #prepareLater(): void {
    if (this.#spec.standBy !== true || this.#stopping) return;
    clearTimeout(this.#standByAgain);
    this.#standByAgain = setTimeout(() => {
      this.#standBy ??= this.#spawn({ RINGBACK_STAND_BY: '1' });
    }, this.#limits.standByAfterMs);
  }

  #spawn(env: NodeJS.ProcessEnv = {}): ChildProcess {
    // stdin: a pipe. When we are gone the kernel closes it and the child ends itself (core/runtime/src/exit-with-parent.ts).
    // A session of its own: Ctrl-C in the terminal reaches us alone, and we end the children in their order.
    const child = spawn(this.#spec.command, this.#spec.args, {
      env: { ...this.#spec.env, RINGBACK_SUPERVISED: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdin.on('error', () => {}); // it closed its end: its exit follows
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk: Buffer) => this.#log.write(chunk));
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      if (child === this.#process) this.#ended(how);
      else if (child === this.#standBy) this.#standByEnded(how);
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
    return child;
  }

  #standByEnded(how: string): void {
    this.#standBy = undefined;
    if (this.#stopping) return this.#allGone();
    this.#events.say(`${this.name}, standing by, ${how}, back in ${this.#limits.standByAfterMs / 1000} s`);
    this.#prepareLater();
  }

  #ended(how: string): void {
    this.#process = undefined;
    if (this.#stopping) return this.#allGone();
    if (this.#restarting) {
      this.#restarting = false;
      // The one that stands by has loaded the code from before.
      this.#standBy?.kill('SIGKILL');
      this.#standBy = undefined;
      return this.#start();
    }
    const waitMs = this.#backOff.afterDeath(performance.now() - this.#startedMs);
    const next = this.#standBy;
    this.#standBy = undefined;
    const back = next === undefined ? `back in ${waitMs / 1000} s` : 'the one that stood by takes its place';
    this.#events.say(`${this.name} ${how}, ${back}`);
    if (this.#backOff.failures % limits.failuresShown === 0) {
      this.#events.say(`${this.name} keeps failing. Its last lines (all of them: ${this.#spec.logPath}):`);
      for (const line of this.#log.lastLines()) this.#events.say(`    ${line}`);
    }
    if (next === undefined) {
      this.#again = setTimeout(() => this.#start(), waitMs);
      return;
    }
    next.stdin?.write('go\n');
    this.#serve(next);
  }

  #allGone(): void {
    if (this.#process === undefined && this.#standBy === undefined) this.#onGone?.();
  }
}
