import type { Bus, Clock } from '@ringback/runtime';
import { subjects } from '@ringback/schemas';
import { PostgresViewStore, viewName, type Database } from '@ringback/projections';
import { Answers } from './answers.ts';
import { Keeper, type KeeperPorts } from './keeper.ts';
import { calls } from './projections/calls.ts';
import { routes } from './projections/routes.ts';
import { sessions } from './projections/sessions.ts';

export const projections = [calls, sessions, routes] as const;

export interface ViewsWorkerPorts extends Omit<KeeperPorts, 'store'> {
  readonly db: Database;
  readonly bus: Bus;
}

/** The views of one platform: kept up, and asked. */
export class ViewsWorker {
  readonly #ports: ViewsWorkerPorts;
  readonly #keeper: Keeper;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(ports: ViewsWorkerPorts, partitions: number) {
    this.#ports = ports;
    this.#keeper = new Keeper({ ...ports, store: new PostgresViewStore(ports.db) }, projections, partitions);
  }

  /** Answers at once, also that it can not answer yet; returns when it was stopped. */
  run(): Promise<void> {
    const { bus, db, clock, logger } = this.#ports;
    const answers = new Answers(db, this.#keeper, clock, logger);
    this.#unsubscribe = [
      bus.subscribe(
        subjects.viewQuestions,
        (message, _, reply) => void answers.toQuestion(message).then(reply),
      ),
      bus.subscribe(subjects.viewOrders, (message, _, reply) => void answers.toOrder(message).then(reply)),
    ];
    this.#running = this.#keeper.run(this.#stop.signal);
    return this.#running;
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#stop.abort();
    await this.#running;
  }

  /** Sets the gauges of how far the views are behind. @throws where the log is away */
  async measure(): Promise<void> {
    const { metrics } = this.#ports;
    const heads = await Promise.all(this.#keeper.partitions.map((partition) => this.#keeper.head(partition)));
    metrics.commitsBehind.reset();
    metrics.secondsBehind.reset();
    for (const { view, partition, position } of this.#keeper.positions()) {
      const labels = { view: viewName(view), partition };
      const behind = Math.max(0, heads[partition]! - position.position);
      metrics.commitsBehind.set(labels, behind);
      metrics.secondsBehind.set(labels, secondsBehind(behind, position.time, this.#ports.clock));
    }
  }
}

function secondsBehind(commits: number, time: number, clock: Clock): number {
  return commits === 0 || time === 0 ? 0 : Math.max(0, clock.now() - time) / 1000;
}
