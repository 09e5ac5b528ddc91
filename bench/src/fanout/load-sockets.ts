import { buildGo, GoProcess } from '../go-process.ts';
import { limits } from './limits.ts';

/** What a group of sockets got since `begin`; see bench/sockets/counts.go. */
export interface Counts {
  readonly sockets: number;
  readonly frames: number;
  readonly bytes: number;
  readonly deliveries: number;
  readonly gaps: number;
  readonly repeats: number;
  readonly resyncs: number;
  readonly ended: number;
  readonly why?: string;
  /** From the time in the event until its frame was read. Absent where nothing came. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
}

export interface Opening {
  readonly url: string;
  readonly dialect: 'ringback' | 'plain' | 'socket.io' | 'centrifugo';
  readonly count: number;
  readonly apiKey?: string;
  readonly apiSecret?: string;
}

/** All sockets of this bench, in one process of bench/sockets: groups of them are opened and counted by name. */
export class LoadSockets {
  readonly #process: GoProcess<{ id: number; error?: string; counts?: Counts }>;

  constructor(root: string) {
    this.#process = new GoProcess(buildGo(root, 'sockets', 'sockets'), [], limits.answerMs);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Settles when the server has accepted all of them. */
  async open(group: string, opening: Opening): Promise<void> {
    await this.#process.ask({ do: 'open', group, ...opening });
  }

  /** Settles when every socket of the group follows all of these. */
  async watch(group: string, topics: readonly { name: string; after: number }[]): Promise<void> {
    await this.#process.ask({ do: 'watch', group, topics });
  }

  /** Counts anew. */
  async begin(group: string): Promise<void> {
    await this.#process.ask({ do: 'begin', group });
  }

  async counts(group: string): Promise<Counts> {
    return (await this.#process.ask({ do: 'counts', group })).counts!;
  }

  /**
   * Waits until so much has arrived.
   *
   * @throws Error where it does not, or where anything came out of order, twice, or to nobody any more.
   */
  async arrived(group: string, deliveries: number): Promise<Counts> {
    for (const until = performance.now() + limits.drainMs; ;) {
      const counts = await this.counts(group);
      const { gaps, repeats, resyncs, ended } = counts;
      if (gaps + repeats + resyncs + ended > 0 || counts.deliveries > deliveries)
        throw new Error(`${group}: of ${deliveries} deliveries: ${JSON.stringify(counts)}`);
      if (counts.deliveries === deliveries) return counts;
      if (performance.now() > until)
        throw new Error(
          `${group}: ${counts.deliveries} of ${deliveries} arrived within ${limits.drainMs} ms`,
        );
      await new Promise((resolve) => setTimeout(resolve, limits.lookMs));
    }
  }

  async close(group: string): Promise<void> {
    await this.#process.ask({ do: 'close', group });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
