import { ReadStalled, UndecodableCommit, type EventLog, type StoredCommit } from '@ringback/eventlog';
import type { Clock, Logger } from '@ringback/runtime';
import { addHash, foldBatch, foldCall, parkWhole, type Entry } from './fold-batch.ts';
import { gather, type Batch } from './gather.ts';
import { limits } from './limits.ts';
import {
  UnfitData,
  ViewGone,
  viewName,
  type Change,
  type Parked,
  type Position,
  type View,
  type ViewStore,
  type ViewTransaction,
} from './view-store.ts';

export interface RunnerPorts {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a view is found: after a lost answer, or beside another worker, it may be further than anybody was told. */
  readonly onOpen: (view: View, partition: number, position: Position) => void;
  /** After each transaction: how far the views are, and what was parked in it. */
  readonly onBatch: (view: View, partition: number, position: Position, parked: number) => void;
}

/** Keeps views of one partition up with its log. All of them read it once, and each takes what it does not have yet. */
export class PartitionRunner {
  readonly #ports: RunnerPorts;
  readonly #partition: number;
  readonly #views: readonly View[];
  /** Times in a row that the store refused a batch for its data. */
  #refusals = 0;

  constructor(ports: RunnerPorts, partition: number, views: readonly View[]) {
    this.#ports = ports;
    this.#partition = partition;
    this.#views = views;
  }

  /**
   * Follows the log until the signal; what is away is tried again for ever.
   *
   * @throws ViewGone where another copy took the place of one of the views.
   * @param to a position to stop at, as soon as all views are there.
   */
  async run(signal: AbortSignal, to?: number): Promise<void> {
    for (
      let wait: number = limits.retryMsMin;
      !signal.aborted;
      wait = Math.min(wait * 2, limits.retryMsMax)
    ) {
      const progress = { made: false };
      try {
        if (await this.#follow(signal, to, progress)) return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ViewGone) throw error;
        const what = { partition: this.#partition, err: error };
        if (error instanceof UndecodableCommit) {
          this.#ports.logger.error(what, 'a commit can not be decoded: views of this partition stand still');
          wait = limits.retryMsMax;
        } else if (!(error instanceof ReadStalled))
          this.#ports.logger.warn(what, 'views wait for the log or for Postgres');
      }
      if (progress.made) wait = limits.retryMsMin;
      await this.#pause(wait, signal);
    }
  }

  /** @returns whether all is done; false where the log ended its answer early. */
  async #follow(signal: AbortSignal, to: number | undefined, progress: { made: boolean }): Promise<boolean> {
    const positions = await this.#open();
    const from = Math.min(...positions) + 1;
    if (to !== undefined && from > to) return true;
    const handles = (type: string) => this.#views.some(({ projection }) => projection.handles.has(type));
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const { log, clock } = this.#ports;
    const commits =
      to === undefined ? log.follow(this.#partition, from, either) : log.read(this.#partition, { from, to });
    try {
      for await (const batch of gather(commits, handles, clock)) {
        if (signal.aborted) return true;
        await this.#apply(batch);
        progress.made = true;
        if (to !== undefined && batch.position >= to) return true;
      }
    } finally {
      ended.abort();
    }
    return signal.aborted;
  }

  /** Where each view is. A view of another log than the one that is there now begins anew. */
  async #open(): Promise<number[]> {
    const positions: number[] = [];
    for (const view of this.#views) {
      const at = await this.#ports.store.transaction((trx) => trx.position(view, this.#partition));
      if (at.position === 0 || (await this.#isOf(at))) {
        this.#ports.onOpen(view, this.#partition, at);
        positions.push(at.position);
        continue;
      }
      const what = { view: viewName(view), partition: this.#partition, position: at.position };
      this.#ports.logger.warn(what, 'the view is of another log: it is built anew');
      await this.#ports.store.transaction((trx) => trx.reset(view, this.#partition));
      positions.push(0);
    }
    return positions;
  }

  /** Does the log have, where the view is, the commit that the view had there? Later ones only: that one was purged. */
  async #isOf({ position, time }: Position): Promise<boolean> {
    let found: StoredCommit | undefined;
    for await (const commit of this.#ports.log.read(this.#partition, { from: position })) {
      found = commit;
      break;
    }
    return found !== undefined && (found.position > position || found.time === time);
  }

  async #apply(batch: Batch): Promise<void> {
    let done: Written[];
    try {
      done = await this.#ports.store.transaction((trx) => this.#write(trx, batch, saveAll));
    } catch (error) {
      if (!(error instanceof UnfitData)) throw error;
      this.#refusals += 1;
      if (this.#refusals < limits.triesMax) throw error;
      done = await this.#ports.store.transaction((trx) => this.#write(trx, batch, saveEach));
    }
    this.#refusals = 0;
    for (const { view, position, parked } of done) {
      for (const { callId, parked: why } of parked)
        this.#ports.logger.error({ view: viewName(view), callId, ...why }, 'a call is parked in this view');
      this.#ports.onBatch(view, this.#partition, position, parked.length);
    }
  }

  /** In one transaction: what the batch makes of the views, and how far they are. Once is as good as twice. */
  async #write(trx: ViewTransaction, batch: Batch, save: Save): Promise<Written[]> {
    const done: Written[] = [];
    for (const view of this.#views) {
      const at = await trx.position(view, this.#partition);
      if (at.position >= batch.position) {
        this.#ports.onOpen(view, this.#partition, at);
        continue;
      }
      const entries = batch.entries.filter(({ position }) => position > at.position);
      const { hashDelta, parked } = await save(trx, view, entries, this.#ports.clock.now());
      const position = { position: batch.position, time: batch.time, hash: addHash(at.hash, hashDelta) };
      await trx.move(view, this.#partition, position);
      done.push({ view, position, parked });
    }
    return done;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#ports.clock.after(ms, done);
      signal.addEventListener('abort', done);
    });
  }
}

type Written = { view: View; position: Position; parked: Saved['parked'] };
type Saved = { hashDelta: bigint; parked: readonly { callId: string; parked: Parked }[] };
type Save = (trx: ViewTransaction, view: View, entries: readonly Entry[], now: number) => Promise<Saved>;

const saveAll: Save = async (trx, view, entries, now) => {
  const before = await trx.load(view, [...new Set(entries.map(({ callId }) => callId))]);
  const { changes, ...folded } = foldBatch(view.projection, before, entries, now);
  await trx.save(view, changes);
  return folded;
};

/** Call by call: the one whose rows the store refuses is parked, all others go on. */
const saveEach: Save = async (trx, view, entries, now) => {
  const byCall = Map.groupBy(entries, ({ callId }) => callId);
  const before = await trx.load(view, [...byCall.keys()]);
  const parked: { callId: string; parked: Parked }[] = [];
  let hashDelta = 0n;
  const put = async ({ change, hashDelta: delta }: { change: Change; hashDelta: bigint }) => {
    await trx.attempt(() => trx.save(view, [change]));
    hashDelta += delta;
    const { callId, after } = change;
    if (after.parked !== undefined && before.get(callId)?.parked === undefined)
      parked.push({ callId, parked: after.parked });
  };
  for (const [callId, of] of byCall) {
    const old = before.get(callId);
    try {
      await put(foldCall(view.projection, callId, old, of, now));
    } catch (error) {
      if (!(error instanceof UnfitData)) throw error;
      await put(parkWhole(view.projection, callId, old, of, error, now));
    }
  }
  return { hashDelta, parked };
};
