import type { Clock, Ids, Logger } from '@ringback/runtime';
import {
  partitionOf,
  timeOfMs,
  type Actor,
  type ClientReported,
  type CommandRejected,
  type Rejection,
  type Report,
  type TelemetryEvent,
} from '@ringback/schemas';
import { limits } from './limits.ts';
import type { EdgeMetrics } from './metrics.ts';

export interface RefusedCommand {
  readonly id: string;
  readonly type: string;
  readonly callId: string;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly correlationId: string;
}

export interface ClientReport {
  readonly callId: string;
  readonly tenantId: string;
  readonly participantId: string;
  readonly report: Report;
}

/** Writes refusals and reports to the telemetry of their call, in batches. Losing one loses a hint, never a fact. */
export class TelemetryWriter {
  readonly #write: (partition: number, events: readonly TelemetryEvent[]) => Promise<void>;
  readonly #gateway: string;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #logger: Logger;
  readonly #metrics: EdgeMetrics;
  #queue: TelemetryEvent[] = [];
  /** Taken out of the queue, not written yet. */
  #inFlight = 0;
  #writing: Promise<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(ports: {
    write: (partition: number, events: readonly TelemetryEvent[]) => Promise<void>;
    gateway: string;
    clock: Clock;
    ids: Ids;
    logger: Logger;
    metrics: EdgeMetrics;
  }) {
    this.#write = ports.write;
    this.#gateway = ports.gateway;
    this.#clock = ports.clock;
    this.#ids = ports.ids;
    this.#logger = ports.logger;
    this.#metrics = ports.metrics;
  }

  refused(command: RefusedCommand, rejection: Rejection): void {
    this.#put({
      ...this.#envelope(command.callId, command.tenantId),
      type: 'call.command.rejected',
      causationid: command.id,
      correlationid: command.correlationId,
      data: { command: command.type, actor: command.actor, rejection },
    } satisfies CommandRejected);
  }

  reported({ callId, tenantId, participantId, report }: ClientReport): void {
    this.#put({
      ...this.#envelope(callId, tenantId),
      type: 'call.client.reported',
      data: { participantId, report },
    } satisfies ClientReported);
  }

  #envelope(callId: string, tenantId: string) {
    return {
      specversion: '1.0',
      id: this.#ids.uuid(),
      source: `/gateways/${this.#gateway}`,
      subject: callId,
      time: timeOfMs(this.#clock.now()),
      tenantid: tenantId,
      schemaversion: 1,
    } as const;
  }

  #put(event: TelemetryEvent): void {
    if (this.#queue.length + this.#inFlight >= limits.telemetryQueueMax) {
      this.#metrics.telemetryDropped.inc();
      return;
    }
    this.#queue.push(event);
    this.#cancel ??= this.#clock.after(limits.telemetryFlushMs, () => void this.flush());
  }

  /** Writes what waits, and what comes to wait meanwhile. Never throws. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const taken = this.#queue;
      this.#queue = [];
      this.#inFlight = taken.length;
      const byPartition = Map.groupBy(taken, (event) => partitionOf(event.subject));
      for (const [partition, events] of byPartition)
        for (const batch of batchesOf(events)) await this.#writeOne(partition, batch);
    }
  }

  async #writeOne(partition: number, batch: readonly TelemetryEvent[]): Promise<void> {
    try {
      await this.#write(partition, batch);
    } catch (error) {
      this.#metrics.telemetryDropped.inc(batch.length);
      this.#logger.warn({ partition, events: batch.length, err: error }, 'telemetry lost');
    } finally {
      this.#inFlight -= batch.length;
    }
  }
}

/** In the same order, none longer than one message may be. */
function batchesOf(events: readonly TelemetryEvent[]): TelemetryEvent[][] {
  const batches: TelemetryEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const bytes = Buffer.byteLength(JSON.stringify(event)) + 1;
    if (bytes > room) {
      batches.push([]);
      room = limits.telemetryBatchBytesMax;
    }
    batches.at(-1)!.push(event);
    room -= bytes;
  }
  return batches;
}
