/** Time as a port: the deciders get `now` with each command, loops get their timers here. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds from somewhere, never going back: for every duration, so that a corrected wall clock changes none. */
  monotonic(): number;
  /** Runs `task` once, `ms` from now; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Runs `task` at the end of this tick: for what gathers all that a tick brings. */
  soon(task: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  soon: (task) => void setImmediate(task),
};

/** A clock that stands still until it is told: for tests and simulation. */
export class ManualClock implements Clock {
  #now: number;
  #next = 0;
  readonly #timers = new Map<number, { at: number; task: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + ms, task });
    return () => void this.#timers.delete(id);
  }

  /** Ticks end by themselves. */
  soon(task: () => void): void {
    setImmediate(task);
  }

  /** Moves on by `ms` and runs, in order of time, everything that falls due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, t]) => t.at <= end)
        .sort(([i, a], [j, b]) => a.at - b.at || i - j)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].task();
    }
    this.#now = end;
  }
}
