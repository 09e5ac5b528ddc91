import {
  liveBuild,
  migrate,
  openBuilds,
  PartitionRunner,
  positionsOf,
  PostgresViewStore,
  startBuild,
  startPosition,
  switchTo,
  viewLimits,
  viewName,
  viewNameOf,
  type Build,
  type Database,
  type Opened,
  type Position,
  type Projection,
  type RunnerPorts,
  type View,
} from '@ringback/projections';
import type { EventLog } from '@ringback/eventlog';
import type { Clock, Logger } from '@ringback/runtime';
import type { Rebuilt } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { ViewsMetrics } from './metrics.ts';

export interface KeeperPorts {
  readonly db: Database;
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
    const building = await startBuild(this.#ports.db, projection);
    // Looked at only now: meanwhile a build may have taken over, and what was read until then is dropped.
    const opened = this.#opened.get(name)!;
    if (opened.followed !== undefined && viewName(opened.followed) === viewName(building)) return true;
    if (!this.#wanted.some((view) => viewName(view) === viewName(building))) this.#wanted.push(building);
    this.#opened.set(name, { ...opened, building });
    return true;
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
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

  #live(): View[] {
    return [...this.#opened.values()].flatMap(({ followed }) => followed ?? []);
  }

  async #open(): Promise<void> {
    const { db } = this.#ports;
    await migrate(db);
    this.#headsAtStart = await Promise.all(this.#partitions.map((partition) => this.#ports.head(partition)));
    for (const projection of this.#projections) {
      const opened = await openBuilds(db, projection);
      for (const view of [opened.followed, opened.building])
        if (view !== undefined) this.#positions.set(viewName(view), await this.#read(view));
      this.#opened.set(projection.name, opened);
      if (opened.building !== undefined) this.#wanted.push(opened.building);
    }
  }

  #read({ projection: { name, version }, build }: View): Promise<Map<number, Position>> {
    return this.#ports.db
      .transaction()
      .execute((trx) => positionsOf(trx, { name, version, build, live: false }));
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
    const { name } = building.projection;
    const opened = this.#opened.get(name)!;
    // Postgres may have died between the switch and its answer: the former copy is gone then.
    const read = await this.#ports.db.transaction().execute((trx) => liveBuild(trx, name));
    const isSwitched = read !== undefined && viewNameOf(read) === viewName(building);
    const former = isSwitched ? undefined : opened.followed;
    const both = former === undefined ? [building] : [former, building];
    await Promise.all(
      this.#partitions.map((partition) => {
        const to = Math.max(...both.map((view) => this.#positionOf(view, partition).position));
        return this.#runner(partition, both).run(signal, to);
      }),
    );
    if (signal.aborted) return;
    const [old, now] = await Promise.all([former && this.#read(former), this.#read(building)]);
    const same =
      old &&
      this.#partitions.every(
        (p) => (old.get(p) ?? startPosition).hash === (now.get(p) ?? startPosition).hash,
      );
    await switchTo(this.#ports.db, building);
    const { projection, build } = building;
    const live = { name, version: projection.version, build, live: true };
    this.#opened.set(name, { live, followed: building, building: undefined });
    if (opened.followed !== undefined) this.#positions.delete(viewName(opened.followed));
    this.#wanted.shift();
    this.#rebuilt.set(name, { view: viewName(building), ...(same === undefined ? {} : { same }) });
    this.#ports.logger.info(
      { view: viewName(building), same },
      'a view was built anew and is read from now on',
    );
    if (same === false)
      this.#ports.logger.error(
        { view: viewName(building) },
        'the rows of the former copy were others: it was damaged',
      );
  }

  #positionOf(view: View, partition: number): Position {
    return this.#positions.get(viewName(view))?.get(partition) ?? startPosition;
  }

  /** All partitions, until the signal. */
  async #run(views: readonly View[], signal: AbortSignal): Promise<void> {
    if (views.length === 0) return;
    await Promise.all(this.#partitions.map((partition) => this.#runner(partition, views).run(signal)));
  }

  #runner(partition: number, views: readonly View[]): PartitionRunner {
    const { log, db, clock, logger, metrics } = this.#ports;
    const ports: RunnerPorts = {
      log,
      store: new PostgresViewStore(db),
      clock,
      logger,
      onBatch: (view, at, position, parked) => {
        const name = viewName(view);
        if (!this.#positions.has(name)) this.#positions.set(name, new Map());
        this.#positions.get(name)!.set(at, position);
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
