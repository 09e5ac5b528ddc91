import { CallsWorker, makeOwnerMetrics } from '@ringback/calls-worker';
import { Registry } from '@ringback/runtime';
import { Broker, type Connection, type NetworkShape } from './broker.ts';
import { EdgeLife } from './edge.ts';
import { LogServer, ProcessLog } from './log.ts';
import type { Plant } from './plant.ts';
import { Process } from './process.ts';
import type { Truth } from './truth.ts';
import { ViewsServer } from './views-store.ts';
import { Unfoldable, ViewsLife } from './views.ts';
import type { World } from './world.ts';

export interface ClusterShape {
  readonly partitions: number;
  readonly workers: number;
  readonly edges: number;
  readonly network: NetworkShape;
  /** One write of the log. Milliseconds. */
  readonly diskMs: number;
  /** One statement of Postgres. Milliseconds. */
  readonly postgresMs: number;
}

/** One life of one calls worker: all of it. */
export class WorkerLife {
  readonly process: Process;
  readonly connection: Connection;
  readonly worker: CallsWorker;

  constructor(process: Process, connection: Connection, log: ProcessLog, partitions: number) {
    this.process = process;
    this.connection = connection;
    const { clock, logger, ids } = process;
    const metrics = makeOwnerMetrics(new Registry());
    const ports = { log, bus: connection, clock, logger, metrics, codeVersion: 'simulated', tap: false };
    this.worker = new CallsWorker(ports, ids);
    void this.worker.run(partitions);
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.process.world.note(this.process.name, 'is told to stop');
    await this.worker.stop();
    this.process.kill();
  }
}

/** The servers: a broker with the log, workers and gateways. Whoever died is started again, as by a supervisor. */
export class Cluster {
  readonly world: World;
  readonly shape: ClusterShape;
  readonly broker: Broker;
  readonly log: LogServer;
  readonly workers: WorkerLife[] = [];
  readonly edges: EdgeLife[] = [];
  readonly postgres: ViewsServer;
  readonly unfoldable = new Unfoldable();
  /** The one that is started again. */
  views: ViewsLife;
  /** Those in whose place another has come, and which do not know it yet. */
  readonly formerViews = new Set<ViewsLife>();
  readonly connections = new Map<Process, Connection>();
  readonly #plant: Plant;
  #lives = 0;

  constructor(world: World, shape: ClusterShape, truth: Truth, plant: Plant) {
    this.world = world;
    this.shape = shape;
    this.#plant = plant;
    this.broker = new Broker(world, shape.network);
    this.log = new LogServer(world, shape.diskMs, plant, (p, commit) => truth.commit(p, commit));
    this.postgres = new ViewsServer(world, shape.postgresMs, plant);
    this.views = this.#makeViews();
    for (let i = 0; i < shape.workers; i++) this.#startWorker(i);
    for (let i = 0; i < shape.edges; i++) this.#startEdge(i);
  }

  /** Those that live now. */
  processes(): Process[] {
    return [...this.workers, ...this.edges, this.views, ...this.formerViews]
      .map(({ process }) => process)
      .filter((p) => p.alive);
  }

  /** Another one comes, and the former goes on for a while. */
  replaceViews(): ViewsLife {
    const former = this.views;
    this.formerViews.add(former);
    this.views = this.#makeViews();
    return former;
  }

  heads(): number[] {
    return Array.from({ length: this.shape.partitions }, (_, partition) => this.log.head(partition));
  }

  /** Whose owner is there: for each partition, how many workers hold it. */
  holders(partition: number): number {
    return this.workers.filter(({ process, worker }) => process.alive && worker.owned().includes(partition))
      .length;
  }

  #startWorker(index: number): void {
    const process = this.#process(`worker-${index + 1}`, () => this.#startWorker(index));
    const connection = this.#connect(process);
    const log = new ProcessLog(this.log, connection, this.#plant);
    this.workers[index] = new WorkerLife(process, connection, log, this.shape.partitions);
  }

  #startEdge(index: number): void {
    const name = `edge-${index + 1}`;
    const process = this.#process(name, () => this.#startEdge(index));
    const bus = this.#connect(process);
    const log = new ProcessLog(this.log, bus, {});
    const { partitions } = this.shape;
    this.edges[index] = new EdgeLife(process, name, { bus, log, partitions, plant: this.#plant });
  }

  #makeViews(): ViewsLife {
    const process = this.#process('views', () => {
      if (this.views === life) this.views = this.#makeViews();
    });
    const log = new ProcessLog(this.log, this.#connect(process), {});
    const { postgres: server, unfoldable } = this;
    const head = (partition: number) => log.head(partition);
    const { partitions } = this.shape;
    const life: ViewsLife = new ViewsLife(process, { log, head, server, unfoldable, partitions });
    process.onKill(() => this.formerViews.delete(life));
    return life;
  }

  #connect(process: Process): Connection {
    const connection = this.broker.connect(process);
    this.connections.set(process, connection);
    return connection;
  }

  /** The next life of something that is started again once it died. */
  #process(name: string, again: () => void): Process {
    const process = new Process(this.world, `${name}.${++this.#lives}`);
    const { chance } = this.world;
    process.onKill(() => {
      this.connections.delete(process);
      this.world.after(chance.spread(100, 5_000), again);
    });
    return process;
  }
}
