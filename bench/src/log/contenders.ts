import { BenchLog } from '../platform.ts';
import { Helper, type Server } from '../processes.ts';
import type { BareAsks } from './bare-process.ts';
import type { WindowRequest, WindowResult } from './load.ts';
import type { LoadAsks } from './load-process.ts';

/** How long and, where it is not as fast as possible, how fast one measurement is. */
export type Pace = Pick<WindowRequest, 'leadMs' | 'ms'> & { readonly perSecond?: number };

export interface OursResult extends WindowResult {
  readonly actionsPerCommit: number;
  readonly bytesPerCommit: number;
}

export interface OursOptions {
  readonly partitions: number;
  readonly replicas: 1 | 3;
  readonly tap: boolean;
}

/** nats-server and calls worker, with a load in the place of the edge. */
export class Ours {
  readonly log: BenchLog;
  readonly load: Helper<LoadAsks>;
  /** Whoever puts another one in its place says so here. */
  worker: Server;

  private constructor(log: BenchLog, load: Helper<LoadAsks>, worker: Server) {
    this.log = log;
    this.load = load;
    this.worker = worker;
  }

  static async start(root: string, { tap, ...options }: OursOptions): Promise<Ours> {
    const log = await BenchLog.start(options);
    // A call may have no more than some hundred actions a second: that is not what is asked here.
    const worker = log.startWorker(root, { tap }, { RINGBACK_CALL_ACTIONS_PER_SECOND: '1000000' });
    const load = new Helper<LoadAsks>(new URL('load-process.ts', import.meta.url));
    const { partitions } = options;
    await load.ask('connect', { url: log.url, password: log.secrets.nats.edge, partitions });
    return new Ours(log, load, worker);
  }

  /** `actionsPerCommit` and `bytesPerCommit` over all of the window, its lead included. */
  async window({ perSecond, leadMs, ms }: Pace): Promise<OursResult> {
    await this.log.trim();
    const nats = this.log.servers.map(({ pid }, n) => [`nats${n}`, pid]);
    const pids = { ...Object.fromEntries(nats), worker: this.worker.pid };
    const before = await this.log.stored();
    const request = { leadMs, ms, pids };
    const result = await (perSecond === undefined
      ? this.load.ask('saturate', request)
      : this.load.ask('pace', { ...request, perSecond }));
    const after = await this.log.stored();
    this.log.mustRun();
    this.worker.mustRun();
    const commits = after.commits - before.commits;
    return {
      ...result,
      actionsPerCommit: result.doneInAll / commits,
      bytesPerCommit: (after.bytes - before.bytes) / commits,
    };
  }

  async stop(): Promise<void> {
    await this.load.stop();
    await this.worker.stop();
    await this.log.stop();
  }
}

/** JetStream alone, on nats-servers like ours. */
export class Bare {
  readonly #log: BenchLog;
  readonly #publisher: Helper<BareAsks>;

  private constructor(log: BenchLog, publisher: Helper<BareAsks>) {
    this.#log = log;
    this.#publisher = publisher;
  }

  static async start(options: Omit<OursOptions, 'tap'>): Promise<Bare> {
    const log = await BenchLog.start(options);
    const publisher = new Helper<BareAsks>(new URL('bare-process.ts', import.meta.url));
    const password = log.secrets.nats.admin;
    await publisher.ask('connect', { url: log.url, password, partitions: options.partitions });
    return new Bare(log, publisher);
  }

  async publish(request: { bytes: number; leadMs: number; ms: number }) {
    await this.#log.trim();
    return this.#publisher.ask('publish', { ...request, pids: this.#log.servers.map(({ pid }) => pid) });
  }

  async stop(): Promise<void> {
    await this.#publisher.stop();
    await this.#log.stop();
  }
}
