import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { removeRunFile, writeRunFile, type RunFile } from '../home.ts';
import { limits } from '../limits.ts';
import { answers, healthOf, type Platform } from '../platform.ts';
import { BusWatch } from './bus-watch.ts';
import { SupervisedChild, type ChildSpec } from './child.ts';

/** Runs a platform's processes until it is told to stop. */
export class Supervisor {
  readonly #home: string;
  readonly #platform: Platform;
  readonly #say: (line: string) => void;
  readonly #runFile: RunFile;
  #bus: SupervisedChild | undefined;
  #others: SupervisedChild[] = [];
  #stopping = false;
  #stopAskedMs = 0;
  #failed = false;
  readonly #over = Promise.withResolvers<number>();
  readonly #ready = Promise.withResolvers<boolean>();

  constructor(home: string, platform: Platform, say: (line: string) => void) {
    this.#home = home;
    this.#platform = platform;
    this.#say = say;
    this.#runFile = {
      pid: process.pid,
      url: platform.url,
      startedAt: new Date().toISOString(),
      natsUrl: platform.natsUrl,
      ports: platform.ports,
      processes: {},
    };
  }

  /** @returns the exit status, once everything has ended */
  run(): Promise<number> {
    void this.#start();
    return this.#over.promise;
  }

  /** Whether the platform answers; false when it was stopped before it did. */
  ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  /** One more, that could not be started with the others. */
  add(spec: ChildSpec): void {
    if (!this.#stopping) this.#others.push(this.#child(spec));
  }

  /** @param name of a part; where several processes are that part, all of them. */
  restart(name: string): void {
    for (const child of this.#others)
      if (child.name === name || child.name.startsWith(`${name} `)) child.restart();
  }

  /** Graceful the first time; asked again, at once. */
  stop(): void {
    const now = performance.now();
    if (!this.#stopping) {
      this.#stopping = true;
      this.#stopAskedMs = now;
      this.#ready.resolve(false);
      this.#say('\nStopping …');
      void this.#end();
    } else if (now - this.#stopAskedMs > limits.sameSignalMs) {
      for (const child of this.#all()) child.kill();
    }
  }

  async #start(): Promise<void> {
    const { bus, others, url, ports } = this.#platform;
    writeRunFile(this.#home, this.#runFile);
    const isOver = () => this.#stopping;
    const notice = setTimeout(
      () => this.#say(`Still waiting for ${url}/readyz. Logs: ${join(this.#home, 'logs')}`),
      limits.readyNoticeMs,
    );
    if (bus !== undefined) {
      this.#bus = this.#child(bus);
      // The workers would try again by themselves, but with noise, and later.
      await answers(`http://127.0.0.1:${ports.natsMonitoring}/healthz`, isOver);
      void this.#watchBus(`http://127.0.0.1:${ports.natsMonitoring}/healthz`);
    }
    if (!this.#stopping) this.#others = others.map((spec) => this.#child(spec));
    // Where several share a port, who answers on it is anyone of them.
    const gateways = ports.edges ?? [ports.edge];
    const up = await Promise.all(gateways.map((port) => answers(`http://127.0.0.1:${port}/readyz`, isOver)));
    const isUp = up.every((one) => one);
    clearTimeout(notice);
    if (isUp) this.#ready.resolve(true);
    else if (!this.#stopping) {
      this.#say(
        `The platform did not get ready within ${limits.readyMsMax / 1000} s. Logs: ${join(this.#home, 'logs')}`,
      );
      this.#failed = true;
      this.stop();
    }
  }

  /** For as long as the platform runs. */
  async #watchBus(url: string): Promise<void> {
    const watch = new BusWatch(this.#say);
    while (!this.#stopping) {
      await new Promise((resolve) => setTimeout(resolve, limits.busLookMs).unref());
      const isWell = await healthOf(url);
      // Once it stops, the folder may be gone.
      if (this.#stopping) return;
      const { bavail, bsize } = statfsSync(this.#home);
      const pid = this.#runFile.processes[this.#platform.bus!.name];
      const look = { pid, isWell, freeBytes: bavail * bsize, now: performance.now() };
      if (watch.look(look)) this.#bus?.restart();
    }
  }

  /** Those who use the bus first, so that what they still have to say gets through. All within one grace. */
  async #end(): Promise<void> {
    const deadline = performance.now() + limits.stopGraceMs;
    const left = () => Math.max(0, deadline - performance.now());
    // A quarter of the time belongs to nats-server, which closes its files.
    await Promise.all(this.#others.map((child) => child.stop(left() * 0.75)));
    await this.#bus?.stop(left());
    removeRunFile(this.#home);
    this.#say('Stopped.');
    this.#over.resolve(this.#failed ? 1 : 0);
  }

  #child(spec: ChildSpec): SupervisedChild {
    return new SupervisedChild(spec, {
      say: this.#say,
      onStart: (name, pid) => {
        this.#runFile.processes[name] = pid;
        writeRunFile(this.#home, this.#runFile);
      },
    });
  }

  #all(): SupervisedChild[] {
    return this.#bus === undefined ? this.#others : [...this.#others, this.#bus];
  }
}
