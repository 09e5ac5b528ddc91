import {
  openBuilds,
  PartitionRunner,
  startBuild,
  startPosition,
  switchTo,
  ViewGone,
  viewLimits,
  viewName,
  type Build,
  type Opened,
  type Position,
  type Projection,
  type RunnerPorts,
  type View,
  type ViewStore,
} from '@ringback/projections';
import type { EventLog } from '@ringback/eventlog';
import type { Clock, Logger } from '@ringback/runtime';
import type { Rebuilt } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { ViewsMetrics } from './metrics.ts';

export interface KeeperPorts {
  readonly store: ViewStore;
  readonly log: EventLog;
  /** Last position of a partition; 0 where it is empty. */
  readonly head: (partition: number) => Promise<number>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ViewsMetrics;
}

/** Keeps all views up, and builds new copies of them beside those that are read. */
export class Keeper {
  readonly #ports: KeeperPorts;
  readonly #projections: readonly Projection[];
  readonly #partitions: readonly number[];
  readonly #opened = new Map<string, Opened>();
  readonly #positions = new Map<string, Map<number, Position>>();
  /** The log's heads when we came: a view that is there has all that was. */
  #headsAtStart: readonly number[] | undefined;
  readonly #wanted: View[] = [];
  readonly #rebuilt = new Map<string, Rebuilt>();
  /** Ended where another worker has put a copy in the place of one of ours. */
  #round = new AbortController();

  constructor(ports: KeeperPorts, projections: readonly Projection[], partitions: number) {
    this.#ports = ports;
    this.#projections = projections;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
  }

  /** The copy of a view that is read from and kept up; absent before the first start, and while its successor is built. */
  followed(name: string): View | undefined {
    return this.#opened.get(name)?.followed;
  }

  isFollowed(build: Build): boolean {
    const view = this.#opened.get(build.name)?.followed;
    return view !== undefined && view.projection.version === build.version && view.build === build.build;
  }

  /** Whether there are tables to read from. */
  get isOpen(): boolean {
    return this.#opened.size === this.#projections.length;
  }

  get rebuilt(): Rebuilt[] {
    return [...this.#rebuilt.values()];
  }

  get partitions(): readonly number[] {
    return this.#partitions;
  }

  head(partition: number): Promise<number> {
    return this.#ports.head(partition);
  }

  /** Has it everything that was in the log when this worker came? */
  isCurrent(name: string): boolean {
    const view = this.followed(name);
    const heads = this.#headsAtStart;
    if (view === undefined || heads === undefined) return false;
    return this.#partitions.every(
      (partition) => this.#positionOf(view, partition).position >= heads[partition]!,
    );
  }

  /** Known positions of the copies that are kept up, for metrics. */
  *positions(): Iterable<{ view: View; partition: number; position: Position }> {
    for (const { followed, building } of this.#opened.values())
      for (const view of [followed, building])
        if (view !== undefined)
          for (const partition of this.#partitions)
            yield { view, partition, position: this.#positionOf(view, partition) };
  }

  /** A new copy of a view is made from the first event on, and replaces the one there is. @returns false for a name that is none */
  async rebuild(name: string): Promise<boolean> {
    const projection = this.#projections.find((one) => one.name === name);
    if (projection === undefined || !this.#opened.has(name)) return false;
    const building = await startBuild(this.#ports.store, projection);
    // Looked at only now: meanwhile a build may have taken over, and what was read until then is dropped.
    const opened = this.#opened.get(name)!;
    if (opened.followed !== undefined && viewName(opened.followed) === viewName(building)) return true;
    this.#want(building);
    this.#opened.set(name, { ...opened, building });
    return true;
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#round = new AbortController();
      await this.#keepUp(AbortSignal.any([signal, this.#round.signal]));
      await this.#pause(limits.retryMsMax, signal);
    }
  }

  async #keepUp(signal: AbortSignal): Promise<void> {
    await this.#insist(signal, 'views wait for Postgres and the log', () => this.#open());
    while (!signal.aborted) {
      const pause = new AbortController();
      const live = this.#run(this.#live(), AbortSignal.any([signal, pause.signal]));
      const built = await this.#nextBuilt(signal);
      pause.abort();
      await live;
      if (built !== undefined)
        await this.#insist(signal, 'a view that was built waits for Postgres', () =>
          this.#replace(built, signal),
        );
    }
  }

  #want(building: View): void {
    if (!this.#wanted.some((view) => viewName(view) === viewName(building))) this.#wanted.push(building);
  }

  #live(): View[] {
    return [...this.#opened.values()].flatMap(({ followed }) => followed ?? []);
  }

  async #open(): Promise<void> {
    const { store } = this.#ports;
    await store.prepare();
    this.#wanted.length = 0;
    this.#headsAtStart = await Promise.all(this.#partitions.map((partition) => this.#ports.head(partition)));
    for (const projection of this.#projections) {
      const opened = await openBuilds(store, projection);
      for (const view of [opened.followed, opened.building])
        if (view !== undefined) this.#positions.set(viewName(view), await this.#read(view));
      this.#opened.set(projection.name, opened);
      if (opened.building !== undefined) this.#want(opened.building);
    }
  }

  #read(view: View): Promise<Map<number, Position>> {
    return this.#ports.store.transaction((trx) => trx.positions(view));
  }

  /** Waits until a copy is wanted, and brings it near the head of the log. @returns nothing where the signal came first */
  async #nextBuilt(signal: AbortSignal): Promise<View | undefined> {
    while (!signal.aborted) {
      const view = this.#wanted[0];
      if (view === undefined) {
        await this.#pause(limits.buildPollMs, signal);
        continue;
      }
      const enough = new AbortController();
      const building = this.#run([view], AbortSignal.any([signal, enough.signal]));
      while (!signal.aborted && !(await this.#isClose(view))) await this.#pause(limits.buildPollMs, signal);
      enough.abort();
      await building;
      if (!signal.aborted) return view;
    }
    return undefined;
  }

  async #isClose(view: View): Promise<boolean> {
    try {
      const heads = await Promise.all(this.#partitions.map((partition) => this.#ports.head(partition)));
      const behind = heads.map((head, partition) => head - this.#positionOf(view, partition).position);
      return behind.every((commits) => commits <= viewLimits.closeCommits);
    } catch {
      return false; // the log is away: later
    }
  }

  /** Both copies stand still at one place, are compared there, and the new one takes over. */
  async #replace(building: View, signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#ports;
    const { projection, build } = building;
    const { name, version } = projection;
    // As Postgres has it: it may have taken over already, in a try whose answer was lost.
    const { followed } = await openBuilds(store, projection);
    const former = followed?.build === build ? undefined : followed;
    const both = former === undefined ? [building] : [former, building];
    await Promise.all(
      this.#partitions.map((partition) => {
        const to = Math.max(...both.map((view) => this.#positionOf(view, partition).position));
        return this.#runOne(partition, both, signal, to);
      }),
    );
    if (signal.aborted) return;
    const [old, now] = await Promise.all([former && this.#read(former), this.#read(building)]);
    const same = old && haveSameRows(this.#partitions, old, now);
    await switchTo(store, building);
    this.#opened.set(name, {
      live: { name, version, build, live: true },
      followed: building,
      building: undefined,
    });
    if (former !== undefined) this.#positions.delete(viewName(former));
    this.#wanted.shift();
    this.#rebuilt.set(name, { view: viewName(building), ...(same === undefined ? {} : { same }) });
    const view = viewName(building);
    logger.info({ view, same }, 'a view was built anew and is read from now on');
    if (same === false)
      logger.error(
        { view },
        'the rows of the former copy were others: it was damaged, or calls were parked in it',
      );
  }

  #positionOf(view: View, partition: number): Position {
    return this.#positions.get(viewName(view))?.get(partition) ?? startPosition;
  }

  /** All partitions, until the signal. */
  async #run(views: readonly View[], signal: AbortSignal): Promise<void> {
    if (views.length === 0) return;
    await Promise.all(this.#partitions.map((partition) => this.#runOne(partition, views, signal)));
  }

  async #runOne(partition: number, views: readonly View[], signal: AbortSignal, to?: number): Promise<void> {
    try {
      await this.#runner(partition, views).run(signal, to);
    } catch (error) {
      this.#lookAgain(error);
    }
  }

  /** @throws what is anything else. */
  #lookAgain(error: unknown): void {
    if (!(error instanceof ViewGone)) throw error;
    this.#ports.logger.warn({ err: error }, 'another views worker has replaced a view: it is opened anew');
    this.#round.abort();
  }

  #runner(partition: number, views: readonly View[]): PartitionRunner {
    const { log, store, clock, logger, metrics } = this.#ports;
    const know = (view: View, at: number, position: Position) => {
      const name = viewName(view);
      if (!this.#positions.has(name)) this.#positions.set(name, new Map());
      this.#positions.get(name)!.set(at, position);
    };
    const ports: RunnerPorts = {
      ...{ log, store, clock, logger },
      onOpen: know,
      onBatch: (view, at, position, parked) => {
        know(view, at, position);
        metrics.batches.inc({ view: view.projection.name });
        if (parked > 0) metrics.parked.inc({ view: view.projection.name }, parked);
      },
    };
    return new PartitionRunner(ports, partition, views);
  }

  async #insist(signal: AbortSignal, what: string, work: () => Promise<void>): Promise<void> {
    for (
      let wait: number = limits.retryMsMin;
      !signal.aborted;
      wait = Math.min(wait * 2, limits.retryMsMax)
    ) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof ViewGone) return this.#lookAgain(error);
        this.#ports.logger.warn({ err: error }, what);
        await this.#pause(wait, signal);
      }
    }
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
      if (signal.aborted) done();
    });
  }
}

/** Undefined where another worker has moved one of them on meanwhile. */
function haveSameRows(
  partitions: readonly number[],
  a: ReadonlyMap<number, Position>,
  b: ReadonlyMap<number, Position>,
): boolean | undefined {
  const both = partitions.map((p) => [a.get(p) ?? startPosition, b.get(p) ?? startPosition] as const);
  if (both.some(([one, other]) => one.position !== other.position)) return undefined;
  return both.every(([one, other]) => one.hash === other.hash);
}
