import { encodeCut, type Place } from './book-lines.ts';
import type { BookCut, CallBook } from './call-book.ts';
import { limits } from './limits.ts';
import type { OwnerPorts } from './partition-owner.ts';
import { stateFormat } from './state-format.ts';

interface Owned {
  readonly partition: number;
  readonly owner: string;
  readonly book: CallBook;
  /** Of the last commit that is durable. */
  readonly position: () => number;
  /** Runs a task when everything in the book is durable; never, once ownership is lost. */
  readonly whenDurable: (task: () => void) => void;
}

/** Decides when the owner of a partition makes a snapshot, and makes it beside everything else. */
export class OwnerSnapshots {
  readonly #owned: Owned;
  readonly #ports: OwnerPorts;
  /** That the last snapshot does not hold. */
  #events: number;
  #commits: number;
  /** Monotonic milliseconds: when there may be a next one, and when there is one for any event at all. */
  #notBefore: number;
  #dueAt: number;
  #saving: Promise<void> | undefined;

  /** @param replayed what was read at the take-over and is in no snapshot. */
  constructor(
    owned: Owned,
    ports: OwnerPorts,
    replayed: { readonly events: number; readonly commits: number },
  ) {
    this.#owned = owned;
    this.#ports = ports;
    this.#events = replayed.events;
    this.#commits = replayed.commits;
    this.#notBefore = ports.clock.monotonic();
    this.#dueAt = this.#notBefore + limits.snapshotMs;
  }

  committed(events: number): void {
    this.#commits += 1;
    this.#events += events;
  }

  tick(): void {
    const { clock, metrics, snapshots } = this.#ports;
    if (snapshots === undefined) return;
    metrics.snapshotAgeCommits.set({ partition: this.#owned.partition }, this.#commits);
    const elapsed = clock.monotonic();
    if (this.#events === 0 || elapsed < this.#notBefore) return;
    if (this.#events >= limits.snapshotEventsMin || elapsed >= this.#dueAt) void this.#save();
  }

  /** While the partition is still served. Returns soon, also where the snapshot could not be made. */
  async atStop(): Promise<void> {
    const { clock, snapshots } = this.#ports;
    const { liveCount } = this.#owned.book;
    if (snapshots === undefined || this.#events === 0 || liveCount > limits.snapshotAtStopCallsMax) return;
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(limits.snapshotAtStopMs, late.resolve);
    await Promise.race([this.#save(), late.promise]);
    cancel();
  }

  #save(): Promise<void> {
    this.#saving ??= this.#cutAndSave().finally(() => (this.#saving = undefined));
    return this.#saving;
  }

  async #cutAndSave(): Promise<void> {
    const { partition, owner, book, position, whenDurable } = this.#owned;
    const { clock, codeVersion, logger, metrics, snapshots } = this.#ports;
    const started = clock.monotonic();
    let restMs = 0;
    let busyMs = 0;
    const timed = <T>(work: () => T): T => {
      const from = clock.monotonic();
      const result = work();
      busyMs += clock.monotonic() - from;
      return result;
    };
    try {
      // Taken in the task itself: the next commit moves the states on, ahead of the log.
      const { cut, place, events, commits } = await new Promise<Cut>((resolve) =>
        whenDurable(() =>
          resolve({
            cut: book.cut(),
            place: { position: position(), owner },
            events: this.#events,
            commits: this.#commits,
          }),
        ),
      );
      const meta = { position: place.position, codeVersion, stateFormat };
      const bytes = await snapshots!.save(partition, meta, encodeCut(cut, place, timed));
      this.#events -= events;
      this.#commits -= commits;
      const ms = clock.monotonic() - started;
      metrics.snapshotBytes.set({ partition }, bytes);
      metrics.snapshotSeconds.set({ partition }, ms / 1_000);
      logger.debug({ partition, ...place, calls: cut.calls.length, bytes, ms, busyMs }, 'snapshot saved');
    } catch (error) {
      restMs = limits.snapshotRetryMs;
      logger.warn({ partition, err: error }, 'snapshot not saved: a take-over replays from the one before');
    }
    const ended = clock.monotonic();
    this.#notBefore = ended + Math.max(restMs, limits.snapshotRests * busyMs);
    this.#dueAt = ended + limits.snapshotMs;
  }
}

interface Cut {
  readonly cut: BookCut;
  readonly place: Place;
  /** Since the snapshot before. */
  readonly events: number;
  readonly commits: number;
}
