import { ClaimFailed, UndecodableCommit } from '@ringback/eventlog';
import { listen, NoAnswer, type Ids } from '@ringback/runtime';
import {
  busForms,
  ownerId,
  subjects,
  workerOf,
  type Answer,
  type Question,
  type WorkerAnswer,
  type WorkerQuestion,
} from '@ringback/schemas';
import { limits } from './limits.ts';
import { Membership } from './membership.ts';
import { PartitionOwner, type OwnerPorts } from './partition-owner.ts';
import { Replay } from './replay.ts';
import { StandIn } from './stand-in.ts';

/** Why a partition is for this worker to take. */
interface Chance {
  readonly reason: 'unowned' | 'dead' | 'frozen' | 'handed-over';
  /** When it was last served, monotonic milliseconds; absent where nobody was heard to serve it. */
  readonly servedAt?: number;
  /** What was read of it already, and who answers for it meanwhile. */
  readonly replay?: Replay;
  readonly standIn?: StandIn;
}

/** What became of the question who serves a partition: the worker, or why there was no answer. */
type Who = { readonly worker: string } | 'nobody' | 'silent';

/**
 * Shares the partitions with the other calls workers that it hears. It takes what nobody serves, asks for what
 * belongs to it and somebody else serves, and gives what belongs to another. There is no lease to keep: an owner
 * that is silent is taken over, and if it was only slow, the claim has fenced it.
 */
export class CallsWorker {
  readonly #ports: OwnerPorts;
  readonly #ids: Ids;
  readonly #members: Membership;
  readonly #owners = new Map<number, PartitionOwner>();
  readonly #halted = new Set<number>();
  /** Takes nothing more. */
  #stopping = false;
  /** Waits for no successor any longer. */
  #closing = false;
  #endHandOvers = () => {};
  readonly #wakers = new Set<() => void>();

  /** @param worker its name among the calls workers, one token of a subject. Default: one of its own. */
  constructor(ports: OwnerPorts, ids: Ids, worker = `calls-${ids.uuid().slice(0, 8)}`) {
    this.#ports = ports;
    this.#ids = ids;
    const self = { worker, incarnation: ids.uuid() };
    this.#members = new Membership(
      self,
      ports,
      () => this.owned(),
      () => this.#wake(),
    );
  }

  /** Settles when the partitions were given up. */
  async run(partitions: number): Promise<void> {
    const { bus } = this.#ports;
    this.#endHandOvers = listen(
      bus,
      subjects.handOver(this.#members.worker),
      busForms.workerQuestion,
      (question, _, reply) => void this.#answer(question).then(reply),
    );
    this.#members.start(partitions);
    await Promise.all(Array.from({ length: partitions }, (_, partition) => this.#hold(partition)));
  }

  /** Gives the partitions to their next owners, where there are any who come for them in time. */
  async stop(): Promise<void> {
    const { clock } = this.#ports;
    this.#stopping = true;
    const until = clock.monotonic() + limits.drainMs;
    this.#members.drain();
    this.#wake();
    await this.#members.probe();
    while (this.#owners.size > 0 && this.#members.hasSuccessors && clock.monotonic() < until)
      await this.#wait(limits.tickMs);
    this.#closing = true;
    await Promise.all([...this.#owners.values()].map((owner) => owner.stop()));
    this.#endHandOvers();
    this.#members.stop();
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
    /** Who served it when it was last heard of. */
    let served: string | undefined;
    while (!this.#stopping) {
      try {
        const chance = await this.#untilMine(partition, served);
        if (chance === undefined) return;
        const owner = await this.#take(partition, chance);
        retryMs = limits.claimRetryMsMin;
        const lost = await this.#own(owner);
        served = lost.reason === 'stopped' ? this.#members.worker : undefined;
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
  async #take(partition: number, chance: Chance): Promise<PartitionOwner> {
    const { clock, logger, metrics } = this.#ports;
    const { reason, servedAt, replay, standIn = this.#standIn(partition) } = chance;
    try {
      const taken = await PartitionOwner.take(partition, standIn.owner, this.#ports, replay);
      standIn.passOn();
      const goneMs = servedAt === undefined ? undefined : Math.round(clock.monotonic() - servedAt);
      metrics.taken.inc({ reason });
      if (goneMs !== undefined) metrics.withoutOwnerSeconds.observe({ reason }, goneMs / 1_000);
      logger.info({ partition, epoch: taken.epoch, reason, goneMs }, 'partition taken');
      return taken;
    } finally {
      standIn.leave();
    }
  }

  #standIn(partition: number): StandIn {
    return new StandIn(partition, ownerId(this.#members.worker, this.#ids.uuid()), this.#ports.bus);
  }

  /** @returns why it was lost. */
  async #own(owner: PartitionOwner) {
    const { partition, epoch } = owner;
    const { metrics } = this.#ports;
    this.#owners.set(partition, owner);
    metrics.epoch.set({ partition }, epoch);
    metrics.owned.set(this.#owners.size);
    if (this.#closing) await owner.stop();
    const lost = await owner.lost;
    this.#owners.delete(partition);
    metrics.epoch.remove({ partition });
    metrics.owned.set(this.#owners.size);
    if (this.#stopping) this.#wake();
    return lost;
  }

  /**
   * Returns when the partition is for this worker to take: nobody listens (its owner's process ended), or whoever listens
   * has not answered for a while (it is frozen), and no other's turn is before; or its owner has given it to us.
   *
   * @returns undefined once this worker stops.
   */
  async #untilMine(partition: number, servedBefore: string | undefined): Promise<Chance | undefined> {
    const { clock, logger } = this.#ports;
    let served = servedBefore;
    let servedAt: number | undefined;
    let unanswered = 0;
    let busWasAway = false;
    let goneAt: number | undefined;
    let askAt = -Infinity;
    while (!this.#stopping) {
      const who = await this.#who(partition);
      const now = clock.monotonic();
      if (typeof who === 'object') {
        if (served !== who.worker)
          logger.info({ partition, worker: who.worker }, 'served by another: standing by');
        served = who.worker;
        servedAt = now;
        unanswered = 0;
        busWasAway = false;
        goneAt = undefined;
        const isDue = now >= askAt || this.#members.isDraining(served);
        if (isDue && this.#members.shouldAsk(partition, served)) {
          const given = await this.#askFor(partition, served);
          if (given !== undefined) return given;
          askAt = clock.monotonic() + limits.handOverRetryMs;
        }
      } else {
        // While the bus is away the silence of others says nothing.
        if (who === 'silent') busWasAway = !(await this.#members.hearsItself());
        if (who === 'silent' && !busWasAway) unanswered += 1;
        if (who === 'nobody' || unanswered >= limits.whoUnansweredMax) {
          // Who served it may not be back on the bus yet.
          const isOther = served !== undefined && served !== this.#members.worker;
          goneAt ??= now + (busWasAway && isOther ? limits.reconnectMs : 0);
          if (now - goneAt >= this.#members.turn(partition, served) * limits.turnMs) {
            const reason = who === 'silent' ? 'frozen' : servedAt === undefined ? 'unowned' : 'dead';
            return { reason, ...(servedAt !== undefined && { servedAt }) };
          }
        }
      }
      await this.#wait(limits.tickMs);
    }
    return undefined;
  }

  async #who(partition: number): Promise<Who> {
    const question: Question = { ask: 'who' };
    try {
      const answer = await this.#ports.bus.request(subjects.questions(partition), question, limits.whoMs);
      return { worker: workerOf((answer as Answer).owner) };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return error.nobodyListens ? 'nobody' : 'silent';
    }
  }

  /**
   * Reads what `owner` wrote so far and asks it for the partition, so that nobody has to wait while this worker reads.
   *
   * @returns undefined where that came to nothing.
   */
  async #askFor(partition: number, owner: string): Promise<Chance | undefined> {
    const { bus, clock, logger } = this.#ports;
    const question: WorkerQuestion = { ask: 'hand-over', partition, to: this.#members.worker };
    let standIn: StandIn | undefined;
    try {
      const replay = await Replay.caughtUp(partition, this.#ports);
      if (this.#stopping) return undefined;
      standIn = this.#standIn(partition);
      const answer = (await bus.request(
        subjects.handOver(owner),
        question,
        limits.handOverMs,
      )) as WorkerAnswer;
      if (answer.ok)
        return {
          reason: 'handed-over',
          servedAt: clock.monotonic() - answer.closedMs,
          replay,
          standIn,
        };
      logger.info({ partition, owner }, 'hand-over refused');
    } catch (error) {
      // Its owner serves it as before; or it died, which the next question shows.
      logger.warn({ partition, owner, err: error }, 'hand-over failed');
    }
    standIn?.leave();
    return undefined;
  }

  async #answer(question: WorkerQuestion): Promise<WorkerAnswer> {
    const { clock, logger, metrics } = this.#ports;
    if (question.ask === 'here') return { ok: true, closedMs: 0 };
    const { partition, to } = question;
    const owner = this.#owners.get(partition);
    if (owner === undefined || !this.#members.shouldGive(partition, to)) return { ok: false };
    const started = clock.monotonic();
    await owner.close();
    const closedMs = clock.monotonic() - started;
    metrics.handedOver.inc();
    logger.info({ partition, epoch: owner.epoch, to, closedMs }, 'partition handed over');
    return { ok: true, closedMs };
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
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
