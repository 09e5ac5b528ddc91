import { ReadStalled } from '@ringback/eventlog';
import { seededIds, type Clock, type Ids, type Logger } from '@ringback/runtime';
import { describe, type World } from './world.ts';

/** Where a process dies by itself, as by kill -9, once it gets there. */
export type Crash = 'before-write' | 'after-write' | 'while-telling' | 'before-commit' | 'after-commit';

/** 2027-01-15T08:00:00Z. */
const beginning = 1_800_000_000_000;

/** One life of one operating-system process: its clock, its chance, and the door through which everything reaches its code. */
export class Process {
  readonly name: string;
  readonly world: World;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  crash: Crash | undefined;
  /** How far its wall clock is off. Milliseconds. */
  skewMs = 0;
  readonly #onKill: (() => void)[] = [];
  #alive = true;
  #frozen = false;
  /** What came while it was frozen. */
  #held: { readonly isTimer: boolean; readonly task: () => void }[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.ids = seededIds(world.chance.int(0, 2 ** 32 - 1));
    this.clock = this.#makeClock();
    this.logger = this.#makeLogger();
  }

  get alive(): boolean {
    return this.#alive;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Runs `task` in this process: now, when it wakes, or never. */
  enter(task: () => void, isTimer = false): void {
    if (!this.#alive) return;
    if (this.#frozen) this.#held.push({ isTimer, task });
    else task();
  }

  /** SIGSTOP: its code does not run; time goes on. */
  freeze(): void {
    if (!this.#alive || this.#frozen) return;
    this.#frozen = true;
    this.world.note(this.name, 'FREEZES');
  }

  /**
   * SIGCONT: everything that came meanwhile, one after the other.
   *
   * @param timersFirst which of both an event loop finds first depends on where it stood.
   */
  thaw(timersFirst: boolean): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    const held = this.#held;
    this.#held = [];
    this.world.note(this.name, `wakes, ${held.length} things came meanwhile`);
    const ordered = timersFirst
      ? [...held.filter((h) => h.isTimer), ...held.filter((h) => !h.isTimer)]
      : held;
    for (const { isTimer, task } of ordered) this.world.after(0, () => this.enter(task, isTimer));
  }

  /** kill -9: whatever its code still says, nobody hears it. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#held = [];
    this.world.note(this.name, 'DIES');
    for (const task of this.#onKill) task();
  }

  onKill(task: () => void): void {
    this.#onKill.push(task);
  }

  #makeClock(): Clock {
    const { world } = this;
    return {
      now: () => beginning + Math.floor(world.now + this.skewMs),
      monotonic: () => world.now,
      after: (ms, task) => {
        let cancelled = false;
        const run = () => {
          if (!cancelled) task();
        };
        // As Node's timers: never sooner than in a millisecond.
        const cancel = world.after(Math.max(1, ms), () => this.enter(run, true));
        return () => {
          cancelled = true;
          cancel();
        };
      },
      soon: (task) => void world.after(0, () => this.enter(task)),
    };
  }

  /** Warnings and worse stand in the diary. */
  #makeLogger(): Logger {
    const silent = () => {};
    const say = (fields: unknown, message?: string) => {
      if (!this.#alive) return;
      const { err, ...rest } =
        typeof fields === 'object' && fields !== null ? (fields as { err?: unknown }) : {};
      const cause = err === undefined ? '' : `: ${describe(err).split('\n')[0]}`;
      this.world.note(this.name, `says "${message ?? String(fields)}"${cause}`, JSON.stringify(rest));
    };
    const loud = (fields: unknown, message?: string) => {
      say(fields, message);
      const { err } = fields as { err?: unknown };
      // The log was away for longer than anybody waits: that is tried again. Everything else is a bug of ours.
      if (!this.#alive || err instanceof ReadStalled) return;
      this.world.fail(`${this.name} logged an error: ${message} ${describe(err)}`);
    };
    const logger = { trace: silent, debug: silent, info: say, warn: say, error: loud, fatal: loud };
    return logger as unknown as Logger;
  }
}
