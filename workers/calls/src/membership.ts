import { place } from '@ringback/domain';
import { listen, NoAnswer, type Bus, type Clock, type Logger } from '@ringback/runtime';
import { busForms, partitionName, subjects, type WorkerBeat, type WorkerQuestion } from '@ringback/schemas';
import { limits } from './limits.ts';

interface Heard {
  readonly beat: WorkerBeat;
  /** Monotonic milliseconds. */
  readonly heardAt: number;
}

export interface MembershipPorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The calls workers that were heard lately, this one among them, and what follows from that: which partition belongs to
 * whom. Everybody works it out from the same beats, so all come to the same; where they differ for a moment, the claim
 * decides, and one owner more or less is taken over from.
 */
export class Membership {
  readonly worker: string;
  readonly #incarnation: string;
  readonly #ports: MembershipPorts;
  readonly #owned: () => number[];
  readonly #onChange: () => void;
  readonly #heard = new Map<string, Heard>();
  /** Placements by the workers that they are over; a few at a time. */
  readonly #placements = new Map<string, ReadonlyMap<string, string>>();
  #partitions: readonly string[] = [];
  #steadySince: number;
  #heardMyselfAt: number;
  #draining = false;
  #doubleTold = false;
  #end = () => {};
  #cancelBeat = () => {};

  /** @param onChange called when a worker came, or began to end. */
  constructor(
    self: { readonly worker: string; readonly incarnation: string },
    ports: MembershipPorts,
    owned: () => number[],
    onChange: () => void,
  ) {
    this.worker = self.worker;
    this.#incarnation = self.incarnation;
    this.#ports = ports;
    this.#owned = owned;
    this.#onChange = onChange;
    this.#steadySince = this.#heardMyselfAt = ports.clock.monotonic();
  }

  start(partitions: number): void {
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partitionName(partition));
    this.#end = listen(this.#ports.bus, subjects.allWorkerBeats, busForms.workerBeat, (beat) =>
      this.#hear(beat),
    );
    this.#beat();
  }

  /** Nothing belongs to this worker any more, and all are told at once. */
  drain(): void {
    this.#draining = true;
    this.#beat();
  }

  stop(): void {
    this.#end();
    this.#cancelBeat();
  }

  /** Is there anybody to give a partition to? */
  get hasSuccessors(): boolean {
    return this.#alive().some(({ worker, draining }) => worker !== this.worker && !draining);
  }

  /** Finds out at once which of the others have died since they were last heard. */
  async probe(): Promise<void> {
    const others = this.#alive().filter(({ worker }) => worker !== this.worker);
    const here = await Promise.all(others.map(({ worker }) => this.#isHere(worker)));
    for (const [i, { worker }] of others.entries()) if (here[i] === 'dead') this.#heard.delete(worker);
  }

  /** Is the bus there? Our own question comes back to us. */
  async hearsItself(): Promise<boolean> {
    return (await this.#isHere(this.worker)) === 'here';
  }

  async #isHere(worker: string): Promise<'here' | 'silent' | 'dead'> {
    const question: WorkerQuestion = { ask: 'here' };
    try {
      await this.#ports.bus.request(subjects.handOver(worker), question, limits.whoMs);
      return 'here';
    } catch (error) {
      return error instanceof NoAnswer && error.nobodyListens ? 'dead' : 'silent';
    }
  }

  isDraining(worker: string): boolean {
    return this.#heard.get(worker)?.beat.draining === true;
  }

  /** Should this worker ask `owner` for the partition? */
  shouldAsk(partition: number, owner: string): boolean {
    if (this.#draining || owner === this.worker) return false;
    const members = this.#settled();
    // It ends in any case: whoever there is takes what it has.
    if (this.isDraining(owner))
      return this.#placed(partition, members.length > 0 ? members : this.#takers()) === this.worker;
    // One on probation waits, even where it had to take a partition that nobody had.
    const me = this.#heard.get(this.worker);
    return me !== undefined && isSteady(me.beat) && this.#placed(partition, members) === this.worker;
  }

  /** Should this worker, the owner, give the partition to the one that asks for it? */
  shouldGive(partition: number, to: string): boolean {
    return this.#draining || this.#placed(partition, this.#settled()) === to;
  }

  /**
   * Whose turn is it to take a partition that nobody serves? 0: this worker's, now; 1: the next one's before it …
   *
   * @param gone who served it: dead, though its last beat was heard a moment ago.
   */
  turn(partition: number, gone: string | undefined): number {
    const takers = new Set([...this.#takers(), this.worker]);
    if (gone !== undefined) takers.delete(gone);
    for (let turn = 0; ; turn++) {
      const next = this.#placed(partition, [...takers]);
      if (next === undefined || next === this.worker) return turn;
      takers.delete(next);
    }
  }

  #beat(): void {
    const { bus, clock } = this.#ports;
    this.#cancelBeat();
    const now = clock.monotonic();
    // We stood still, or the bus was away: what is steady has to show that anew.
    if (now - this.#heardMyselfAt > limits.deafMs) this.#steadySince = now;
    const beat: WorkerBeat = {
      worker: this.worker,
      incarnation: this.#incarnation,
      steadyMs: Math.round(now - this.#steadySince),
      partitions: this.#owned(),
      draining: this.#draining,
    };
    bus.publish(subjects.workerBeat(this.worker), beat);
    for (const [worker, { heardAt }] of this.#heard)
      if (now - heardAt > limits.workerSilentMs) this.#heard.delete(worker);
    this.#cancelBeat = clock.after(limits.workerBeatMs, () => this.#beat());
  }

  #hear(beat: WorkerBeat): void {
    const now = this.#ports.clock.monotonic();
    if (beat.worker === this.worker) {
      if (beat.incarnation !== this.#incarnation) return this.#tellDouble();
      this.#heardMyselfAt = now;
    }
    const before = this.#heard.get(beat.worker)?.beat;
    this.#heard.set(beat.worker, { beat, heardAt: now });
    const isNews = before?.incarnation !== beat.incarnation || before.draining !== beat.draining;
    if (isNews || isSteady(before) !== isSteady(beat)) this.#onChange();
  }

  /** Nothing breaks by it, but the others can not tell the two apart, and give neither anything. */
  #tellDouble(): void {
    if (this.#doubleTold) return;
    this.#doubleTold = true;
    const { worker } = this;
    this.#ports.logger.error(
      { worker },
      'another calls worker has the same name: give each its own RINGBACK_WORKER_ID',
    );
  }

  #alive(): WorkerBeat[] {
    const now = this.#ports.clock.monotonic();
    return [...this.#heard.values()]
      .filter(({ heardAt }) => now - heardAt <= limits.workerSilentMs)
      .map(({ beat }) => beat);
  }

  /** Those that may take something. */
  #takers(): string[] {
    return this.#alive()
      .filter(({ draining }) => !draining)
      .map(({ worker }) => worker);
  }

  /**
   * Those that partitions are placed on: who was steady for a while, so that one that starts, fails and starts again
   * does not draw partitions to and fro; and who has some already.
   */
  #settled(): string[] {
    return this.#alive()
      .filter((beat) => !beat.draining && (isSteady(beat) || beat.partitions.length > 0))
      .map(({ worker }) => worker);
  }

  #placed(partition: number, workers: readonly string[]): string | undefined {
    const key = workers.toSorted().join(' ');
    let placement = this.#placements.get(key);
    if (placement === undefined) {
      if (this.#placements.size >= limits.placementsKept) this.#placements.clear();
      placement = place(
        this.#partitions,
        workers.map((id) => ({ id })),
      );
      this.#placements.set(key, placement);
    }
    return placement.get(partitionName(partition));
  }
}

function isSteady({ steadyMs }: WorkerBeat): boolean {
  return steadyMs >= limits.steadyMs;
}
