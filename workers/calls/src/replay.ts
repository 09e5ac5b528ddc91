import { ClaimFailed, type StoredCommit } from '@ringback/eventlog';
import { decodeInto, type Place } from './book-lines.ts';
import { CallBook, type CallEntry } from './call-book.ts';
import { limits } from './limits.ts';
import type { OwnerPorts } from './partition-owner.ts';
import { stateFormat } from './state-format.ts';

/** A snapshot that is not of this log as it is now. */
export class SnapshotUnfit extends Error {
  override readonly name = 'SnapshotUnfit';
}

/** A partition's log, folded up to a position: what a new owner starts from. */
export class Replay {
  readonly book: CallBook;
  /** Position that was read from: 1, or that of the snapshot. */
  readonly from: number;
  /** Taken so far, without what the snapshot holds. */
  events = 0;
  /** Of the last commit taken; 0: none. */
  #position = 0;
  /** Where the snapshot ends, until the log has shown that it is one of it. */
  #unproven: Place | undefined;
  readonly #ports: OwnerPorts;

  private constructor(ports: OwnerPorts, book: CallBook, place?: Place) {
    this.#ports = ports;
    this.book = book;
    this.#unproven = place;
    this.from = place?.position ?? 1;
  }

  /** From the beginning of the log. */
  static empty(partition: number, ports: OwnerPorts): Replay {
    return new Replay(ports, newBook(partition, ports));
  }

  /** From the newest snapshot of this code. It is a cache: where anything is wrong with it, there is none. */
  static async newest(partition: number, ports: OwnerPorts): Promise<Replay> {
    const book = newBook(partition, ports);
    try {
      const key = { codeVersion: ports.codeVersion, stateFormat };
      const newest = await ports.snapshots?.newest(partition, key);
      if (newest !== undefined) return new Replay(ports, book, await decodeInto(book, newest.bytes));
    } catch (err) {
      ports.logger.warn({ partition, err }, notUsable);
    }
    return Replay.empty(partition, ports);
  }

  /** The first position that is to be read. */
  get next(): number {
    return this.#unproven?.position ?? this.#position + 1;
  }

  /** @throws SnapshotUnfit, ClaimFailed where the log has a gap */
  take({ position, body }: StoredCommit): void {
    if (this.#unproven !== undefined) {
      const place = this.#unproven;
      // Owners are unique for ever: the same one in the same place is the same log.
      if (position !== place.position || body.owner !== place.owner)
        throw new SnapshotUnfit(`position ${place.position} of the log is not what the snapshot ends with`);
      this.#unproven = undefined;
      this.#position = position;
      return;
    }
    if (this.#position > 0 && position !== this.#position + 1)
      throw new ClaimFailed(`${position} was read after ${this.#position}`);
    const now = this.#ports.clock.now();
    for (const event of body.events) this.book.replay(event, now);
    this.#position = position;
    this.events += body.events.length;
    // So that a long log does not hold every call it ever had at once.
    if (position % 1_000 === 0) this.book.settle(now);
  }

  /** What there is so far, read beside the owner that goes on writing, until little is missing. */
  static async caughtUp(partition: number, ports: OwnerPorts): Promise<Replay> {
    const newest = await Replay.newest(partition, ports);
    try {
      await newest.#catchUp(partition);
      return newest;
    } catch (err) {
      if (!(err instanceof SnapshotUnfit)) throw err;
      ports.logger.warn({ partition, err }, notUsable);
      const replay = Replay.empty(partition, ports);
      await replay.#catchUp(partition);
      return replay;
    }
  }

  async #catchUp(partition: number): Promise<void> {
    for (let pass = 0; pass < limits.catchUpPassesMax; pass++) {
      const before = this.#position;
      for await (const commit of this.#ports.log.read(partition, { from: this.next })) this.take(commit);
      if (this.#position - before <= limits.catchUpCommits) return;
    }
  }
}

export const notUsable = 'snapshot not usable: the whole log is replayed';

function newBook(partition: number, { logger, metrics }: OwnerPorts): CallBook {
  const onParked = ({ callId, parked }: CallEntry) => {
    metrics.parked.inc();
    logger.error({ partition, callId, err: parked }, 'call parked');
  };
  const said = new Set<string>();
  return new CallBook(onParked, ({ type }) => {
    metrics.skipped(type);
    if (said.size >= limits.skippedTypesMax || said.has(type)) return;
    said.add(type);
    logger.warn({ partition, type }, 'events of a type that only newer code knows are skipped');
  });
}
