import { createWorker, type types } from 'mediasoup';
import type { Clock, Logger } from '@ringback/runtime';
import { limits } from './limits.ts';
import { bindable, listenInfos, type ListenOptions } from './listen.ts';

/** One mediasoup worker: a process of its own, with one UDP and one TCP port for all of its transports. */
export interface MediaWorker {
  readonly index: number;
  readonly worker: types.Worker;
  readonly server: types.WebRtcServer;
  /** Of one core, over the last second, 0 to 1. */
  cpuShare: number;
  readonly counts: Counts;
}

export interface Counts {
  routers: number;
  transports: number;
  producers: number;
  consumers: number;
}

export interface PoolOptions {
  readonly count: number;
  readonly workerBin: string;
  /** The first worker's; each next one takes the next that is free. */
  readonly firstPort: number;
  readonly listen: ListenOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Its routers and everything on them are closed already. */
  readonly onDied: (worker: MediaWorker) => void;
  /** There is a worker where there was one too few. */
  readonly onStarted: () => void;
}

/** Keeps `count` mediasoup workers alive. A worker that dies takes its calls with it and nobody else's. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #workers = new Map<number, MediaWorker>();
  readonly #timers = new Set<() => void>();
  readonly #failures = new Map<number, number>();
  #stopping = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Settles when each worker has started, or failed for the first time. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.count }, (_, index) => this.#begin(index)));
    this.#askUsage();
  }

  get workers(): readonly MediaWorker[] {
    return [...this.#workers.values()];
  }

  /** The one with the most room; undefined while none lives. */
  least(): MediaWorker | undefined {
    return this.workers.toSorted((a, b) => loadOf(a) - loadOf(b) || a.counts.routers - b.counts.routers)[0];
  }

  /** Share of the capacity in use, 0 to 1; undefined while no worker lives: then no call can come here. */
  load(): number | undefined {
    if (this.#workers.size === 0) return undefined;
    const sum = this.workers.reduce((total, worker) => total + loadOf(worker), 0);
    // A worker that is missing is capacity that is not there.
    const load = (sum + this.#options.count - this.#workers.size) / this.#options.count;
    return Math.round(Math.min(1, load) * 100) / 100;
  }

  stop(): void {
    this.#stopping = true;
    for (const cancel of this.#timers) cancel();
    for (const { worker } of this.#workers.values()) worker.close();
    this.#workers.clear();
  }

  /** Never throws: what fails is tried again later. */
  async #begin(index: number): Promise<void> {
    const { logger, onStarted } = this.#options;
    try {
      const worker = await this.#make(index);
      if (this.#stopping) return worker.worker.close();
      this.#workers.set(index, worker);
      this.#after(limits.workerHealthyMs, () => {
        if (this.#workers.get(index) === worker) this.#failures.delete(index);
      });
      logger.info({ worker: index, workerPid: worker.worker.pid }, 'mediasoup worker started');
      onStarted();
    } catch (error) {
      logger.error({ worker: index, err: error }, 'mediasoup worker could not be started');
      this.#again(index);
    }
  }

  async #make(index: number): Promise<MediaWorker> {
    const { workerBin } = this.#options;
    const worker = await createWorker({ workerBin, logLevel: 'error' });
    try {
      const server = await this.#listen(worker, index);
      const counts = count(worker);
      const made: MediaWorker = { index, worker, server, cpuShare: 0, counts };
      worker.on('died', (error) => this.#died(made, error));
      return made;
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  async #listen(worker: types.Worker, index: number): Promise<types.WebRtcServer> {
    const { firstPort, listen, count: workers, clock } = this.#options;
    const addresses = await bindable(listen.addresses);
    const patientUntil = clock.monotonic() + limits.portFreeMs;
    for (let tried = 0; ;) {
      // Workers that start together step over each other's ports.
      const port = firstPort + index + tried * workers;
      try {
        return await worker.createWebRtcServer({
          listenInfos: listenInfos(port, addresses, listen.announcedAddress),
        });
      } catch (error) {
        if (worker.closed || tried >= limits.portsTried) throw error;
        if (clock.monotonic() >= patientUntil) tried += 1;
        else await new Promise<void>((resolve) => clock.after(limits.portLookMs, resolve));
      }
    }
  }

  #died(worker: MediaWorker, error: Error): void {
    if (this.#stopping) return;
    this.#workers.delete(worker.index);
    this.#options.logger.error({ worker: worker.index, err: error }, 'mediasoup worker died');
    this.#options.onDied(worker);
    this.#again(worker.index);
  }

  #again(index: number): void {
    const failures = (this.#failures.get(index) ?? 0) + 1;
    this.#failures.set(index, failures);
    const wait = Math.min(limits.workerBackOffMsMin * 2 ** (failures - 1), limits.workerBackOffMsMax);
    this.#after(wait, () => void this.#begin(index));
  }

  #after(ms: number, task: () => void): void {
    if (this.#stopping) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }

  /** CPU since the last answer; a worker that does not answer is frozen. */
  #askUsage(): void {
    for (const worker of this.#workers.values()) void this.#askOne(worker);
    this.#after(limits.usageEveryMs, () => this.#askUsage());
  }

  readonly #usage = new WeakMap<MediaWorker, { askedAt: number | undefined; at: number; cpuMs: number }>();

  async #askOne(worker: MediaWorker): Promise<void> {
    const { clock, logger } = this.#options;
    const now = clock.monotonic();
    const last = this.#usage.get(worker) ?? { askedAt: undefined, at: now, cpuMs: 0 };
    this.#usage.set(worker, last);
    if (last.askedAt !== undefined) {
      if (now - last.askedAt < limits.workerSilentMs) return;
      logger.error(
        { worker: worker.index, workerPid: worker.worker.pid },
        'mediasoup worker is frozen: killed',
      );
      try {
        process.kill(worker.worker.pid, 'SIGKILL');
      } catch {
        // It ended by itself a moment ago: that is told elsewhere.
      }
      return;
    }
    last.askedAt = now;
    try {
      const { ru_utime, ru_stime } = await worker.worker.getResourceUsage();
      const [at, cpuMs] = [clock.monotonic(), ru_utime + ru_stime];
      if (at > last.at) worker.cpuShare = Math.min(1, Math.max(0, (cpuMs - last.cpuMs) / (at - last.at)));
      Object.assign(last, { askedAt: undefined, at, cpuMs });
    } catch {
      // It died or is being closed: that is told elsewhere.
    }
  }
}

function loadOf({ cpuShare, counts }: MediaWorker): number {
  return Math.min(1, Math.max(cpuShare, counts.consumers / limits.consumersPerWorker));
}

/** Counts what is alive on a worker, by mediasoup's own observers: so nothing that leaks is forgotten. */
function count(worker: types.Worker): Counts {
  const counts: Counts = { routers: 0, transports: 0, producers: 0, consumers: 0 };
  const add = (kind: keyof Counts, observer: { once(event: 'close', listener: () => void): unknown }) => {
    counts[kind] += 1;
    observer.once('close', () => (counts[kind] -= 1));
  };
  worker.observer.on('newrouter', (router) => {
    add('routers', router.observer);
    router.observer.on('newtransport', (transport) => {
      add('transports', transport.observer);
      transport.observer.on('newproducer', (producer) => add('producers', producer.observer));
      transport.observer.on('newconsumer', (consumer) => add('consumers', consumer.observer));
    });
  });
  return counts;
}
