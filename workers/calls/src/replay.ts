import type { EventLog, StoredCommit } from '@ringback/eventlog';
import type { Clock, Logger } from '@ringback/runtime';
import { CallBook } from './call-book.ts';
import { limits } from './limits.ts';
import type { OwnerMetrics } from './metrics.ts';

/** A partition's log, folded up to a position: what a new owner starts from. */
export class Replay {
  readonly book: CallBook;
  /** Of the last commit taken; 0: none. */
  position = 0;
  /** Taken so far. */
  events = 0;
  readonly #clock: Clock;

  constructor({
    clock,
    logger,
    metrics,
  }: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: OwnerMetrics;
  }) {
    this.#clock = clock;
    this.book = new CallBook(({ callId, parked }, event) => {
      metrics.parked.inc();
      logger.error({ callId, event: event.id, type: event.type, err: parked }, 'call parked');
    });
  }

  take({ position, body }: StoredCommit): void {
    const now = this.#clock.now();
    for (const event of body.events) this.book.replay(event, now);
    this.position = position;
    this.events += body.events.length;
    // So that a long log does not hold every call it ever had at once.
    if (position % 1_000 === 0) this.book.settle(now);
  }

  /** Reads on, beside the owner that goes on writing, until little is missing. */
  async catchUp(log: EventLog, partition: number): Promise<void> {
    for (let pass = 0; pass < limits.catchUpPassesMax; pass++) {
      const before = this.position;
      for await (const commit of log.read(partition, { from: before + 1 })) {
        if (before > 0 && commit.position !== this.position + 1)
          throw new Error(`partition ${partition}: ${commit.position} was read after ${this.position}`);
        this.take(commit);
      }
      if (this.position - before <= limits.catchUpCommits) return;
    }
  }
}
