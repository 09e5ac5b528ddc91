import { ClaimFailed, UndecodableCommit } from '@ringback/eventlog';
import { NoAnswer, type Ids } from '@ringback/runtime';
import { subjects, type Answer, type Question } from '@ringback/schemas';
import { limits } from './limits.ts';
import { PartitionOwner, type OwnerPorts } from './partition-owner.ts';

/**
 * Wants every partition; owns those that nobody else serves and stands by for the others. There is no
 * lease to keep: an owner that is silent is taken over, and if it was only slow, the claim has fenced it.
 */
export class CallsWorker {
  readonly #ports: OwnerPorts;
  readonly #ids: Ids;
  readonly #owners = new Map<number, PartitionOwner>();
  readonly #halted = new Set<number>();
  #stopping = false;
  readonly #wakers = new Set<() => void>();

  constructor(ports: OwnerPorts, ids: Ids) {
    this.#ports = ports;
    this.#ids = ids;
  }

  /** Settles when the partitions were given up. */
  async run(partitions: number): Promise<void> {
    await Promise.all(Array.from({ length: partitions }, (_, partition) => this.#hold(partition)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const wake of this.#wakers) wake();
    await Promise.all([...this.#owners.values()].map((owner) => owner.stop()));
  }

  owned(): number[] {
    return [...this.#owners.keys()];
  }

  /** Partitions that stopped because a commit in them can not be decoded. */
  halted(): number[] {
    return [...this.#halted];
  }

  async #hold(partition: number): Promise<void> {
    const { logger, metrics } = this.#ports;
    let retryMs: number = limits.claimRetryMsMin;
    while (!this.#stopping) {
      try {
        await this.#untilSilent(partition);
        if (this.#stopping) return;
        const owner = await this.#take(partition);
        retryMs = limits.claimRetryMsMin;
        this.#owners.set(partition, owner);
        metrics.epoch.set({ partition }, owner.epoch);
        if (this.#stopping) await owner.stop();
        const lost = await owner.lost;
        this.#owners.delete(partition);
        metrics.epoch.remove({ partition });
        if (lost.reason !== 'stopped')
          logger.warn(
            { partition, epoch: owner.epoch, reason: lost.reason, err: lost.cause },
            'partition lost',
          );
      } catch (error) {
        if (error instanceof UndecodableCommit) {
          // Nothing behind it may be decided. An operator has to look; the other partitions go on.
          this.#halted.add(partition);
          metrics.halted.set(this.#halted.size);
          logger.fatal(
            { partition, position: error.position, err: error },
            'undecodable commit: partition stopped',
          );
          return;
        }
        const level = error instanceof ClaimFailed ? 'warn' : 'error';
        logger[level]({ partition, err: error, retryMs }, 'partition could not be taken');
        await this.#wait(retryMs);
        retryMs = Math.min(retryMs * 2, limits.claimRetryMsMax);
      }
    }
  }

  /** Claims and replays. That may take long, and whoever asks meanwhile must hear that somebody is here. */
  async #take(partition: number): Promise<PartitionOwner> {
    const { bus } = this.#ports;
    const owner = this.#ids.uuid();
    const end = bus.subscribe(subjects.questions(partition), (question, _, reply) => {
      if ((question as Question).ask === 'who')
        reply({ partition, epoch: 0, owner, ok: true } satisfies Answer);
    });
    try {
      return await PartitionOwner.take(partition, owner, this.#ports);
    } finally {
      end();
    }
  }

  /**
   * Returns when nobody serves the partition: nobody listens (its process ended), or whoever listens has not
   * answered for a while (it is frozen).
   */
  async #untilSilent(partition: number): Promise<void> {
    const { bus, clock, logger } = this.#ports;
    const question: Question = { ask: 'who' };
    let heardAt: number | undefined;
    while (!this.#stopping) {
      try {
        await bus.request(subjects.questions(partition), question, limits.whoMs);
        if (heardAt === undefined)
          logger.info({ partition }, 'somebody else serves this partition: standing by');
        heardAt = clock.monotonic();
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (error.nobodyListens) return;
        heardAt ??= clock.monotonic();
        if (clock.monotonic() - heardAt >= limits.ownerSilentMs) return;
      }
      await this.#wait(limits.tickMs);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#wakers.delete(done);
        resolve();
      };
      const cancel = this.#ports.clock.after(ms, done);
      this.#wakers.add(done);
    });
  }
}
