import { randomUUID } from 'node:crypto';
import { CallsWorker, makeOwnerMetrics } from '@ringback/calls-worker';
import { Edge, type Tenant } from '@ringback/edge';
import {
  JetStreamLog,
  MemoryLog,
  provisionStreams,
  type Append,
  type AppendResult,
  type EventLog,
  type StoredCommit,
} from '@ringback/eventlog';
import {
  codeVersion,
  connectNats,
  makeLogger,
  makeMetrics,
  MemoryBus,
  NatsBus,
  NoAnswer,
  systemClock,
  systemIds,
  type Bus,
} from '@ringback/runtime';
import type { TelemetryEvent } from '@ringback/schemas';
import { readFromMemory } from './telemetry.ts';
import { NatsServer } from './nats-server.ts';

/**
 * Workers and gateways in one process, on the real log and bus or on their twins, with deaths at chosen
 * moments: what a killed process would have said next is never said.
 */
export interface Stage {
  readonly log: EventLog;
  /** Gateways and workers of one stage meet here. */
  newBus(): Promise<Bus>;
  newLog(): Promise<EventLog>;
  close(): Promise<void>;
}

export const partitions = 1;

export const tenants: readonly Tenant[] = [
  { id: 'default', apiKey: 'rbk_default', apiSecret: 'default-secret-of-32-characters-and-more' },
  { id: 'other', apiKey: 'rbk_other', apiSecret: 'other-secret-of-32-characters-and-more--' },
];

const logger = makeLogger('test', 'silent');

export async function memoryStage(): Promise<Stage> {
  const log = new MemoryLog(() => Date.now());
  const bus = new MemoryBus();
  return { log, newBus: async () => bus, newLog: async () => log, close: async () => {} };
}

export async function natsStage(): Promise<Stage> {
  const server = await NatsServer.start();
  const connections: { close(): Promise<void> }[] = [];
  const connect = async (name: string) => {
    const nc = await connectNats(server.address(name));
    connections.push(nc);
    return nc;
  };
  const nc = await connect('stage');
  await provisionStreams(nc, partitions, 1);
  return {
    log: await JetStreamLog.open(nc),
    newBus: async () => new NatsBus(await connect('bus'), () => {}),
    newLog: async () => JetStreamLog.open(await connect('log')),
    close: async () => {
      await Promise.all(connections.map((c) => c.close()));
      await server.stop();
    },
  };
}

/** A worker that can die as by kill -9: at once, or between the acknowledgement of a commit and its feed. */
export class MortalWorker {
  readonly worker: CallsWorker;
  readonly #bus: MortalBus;
  readonly #log: MortalLog;
  #dead = false;

  private constructor(worker: CallsWorker, bus: MortalBus, log: MortalLog) {
    this.worker = worker;
    this.#bus = bus;
    this.#log = log;
  }

  static async start(stage: Stage): Promise<MortalWorker> {
    const bus = new MortalBus(await stage.newBus());
    const log = new MortalLog(await stage.newLog());
    const metrics = makeOwnerMetrics(makeMetrics('calls'));
    const worker = new CallsWorker(
      { log, bus, clock: systemClock, logger, metrics, codeVersion, tap: true },
      systemIds,
    );
    void worker.run(partitions);
    return new MortalWorker(worker, bus, log);
  }

  /** From this moment nothing of it is heard and it hears nothing. */
  kill(): void {
    this.#dead = true;
    this.#bus.die();
    this.#log.die();
  }

  /** Dies at its next commit: stored, acknowledged, told to nobody. Settles when that has happened. */
  killAfterNextAck(): Promise<void> {
    return new Promise((resolve) => {
      this.#log.afterAck = () => {
        this.kill();
        resolve();
      };
    });
  }

  /** Ends it in good order, unless it is dead. */
  async stop(): Promise<void> {
    if (!this.#dead) await this.worker.stop();
  }
}

class MortalLog implements EventLog {
  readonly #log: EventLog;
  afterAck: (() => void) | undefined;
  #dead = false;

  constructor(log: EventLog) {
    this.#log = log;
  }

  die(): void {
    this.#dead = true;
  }

  /** A dead process neither sends nor learns anything: what it waits for never comes. */
  async append(request: Append): Promise<AppendResult> {
    if (this.#dead) return never();
    const result = await this.#log.append(request);
    if (request.body.events.length > 0) this.afterAck?.();
    return this.#dead ? never() : result;
  }

  async *read(...args: Parameters<EventLog['read']>): AsyncIterable<StoredCommit> {
    if (this.#dead) await never();
    yield* this.#log.read(...args);
  }

  follow: EventLog['follow'] = (...args) => this.#log.follow(...args);
}

const never = () => new Promise<never>(() => {});

class MortalBus implements Bus {
  readonly #bus: Bus;
  readonly #subscriptions = new Set<() => void>();
  #dead = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  die(): void {
    this.#dead = true;
    for (const end of this.#subscriptions) end();
  }

  publish(subject: string, message: unknown): void {
    if (!this.#dead) this.#bus.publish(subject, message);
  }

  subscribe: Bus['subscribe'] = (subject, handler) => {
    const end = this.#bus.subscribe(subject, (message, on, reply) => {
      if (!this.#dead) handler(message, on, (answer) => void (this.#dead || reply(answer)));
    });
    this.#subscriptions.add(end);
    return end;
  };

  request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    if (this.#dead) return Promise.reject(new NoAnswer(subject, true));
    return this.#bus.request(subject, message, timeoutMs);
  }
}

export interface RunningEdge {
  readonly edge: Edge;
  readonly url: string;
  readonly telemetry: TelemetryEvent[];
}

/** Loses single messages on their way out, as core NATS does when a connection breaks. */
export class LossyBus implements Bus {
  readonly #bus: Bus;
  #losing: RegExp | undefined;
  #lost = () => {};

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** The next message on such a subject never leaves; settles when it was lost. */
  loseNext(subject: RegExp): Promise<void> {
    this.#losing = subject;
    return new Promise((resolve) => (this.#lost = resolve));
  }

  publish(subject: string, message: unknown): void {
    if (this.#losing?.test(subject) !== true) return this.#bus.publish(subject, message);
    this.#losing = undefined;
    this.#lost();
  }

  subscribe: Bus['subscribe'] = (subject, handler) => this.#bus.subscribe(subject, handler);
  request: Bus['request'] = (subject, message, timeoutMs) => this.#bus.request(subject, message, timeoutMs);
}

export async function startEdge(stage: Stage, gateway = 'edge-1', bus?: Bus): Promise<RunningEdge> {
  const telemetry: TelemetryEvent[] = [];
  const edge = new Edge({
    gateway,
    region: 'local',
    partitions,
    tenants,
    guests: true,
    turn: undefined,
    webDist: `/nonexistent/${randomUUID()}`,
    bus: bus ?? (await stage.newBus()),
    log: await stage.newLog(),
    writeTelemetry: async (_, events) => void telemetry.push(...events),
    readTelemetry: readFromMemory(telemetry),
    natsConnectedAt: () => 0,
    clock: systemClock,
    ids: systemIds,
    logger,
    registry: makeMetrics('edge'),
  });
  const port = await edge.listen('127.0.0.1', 0);
  return { edge, url: `http://127.0.0.1:${port}`, telemetry };
}
