import { JetStreamApiError } from '@nats-io/jetstream';
import { logLimits, ReadStalled, readTelemetry, readTelemetryBatches } from '@ringback/eventlog';
import { partitionOf, timeOfCallId, type CallEvent, type TelemetryEvent } from '@ringback/schemas';
import { Failure } from './failure.ts';
import type { Platform } from './platform.ts';

/** A call's facts as they are now, and where in the log to go on from. */
export interface CallLog {
  readonly facts: CallEvent[];
  /** Position of the commit after those that were read. */
  readonly next: number;
}

/**
 * Reads a call's facts up to the head of its partition.
 *
 * @throws Failure where there is no such call.
 */
export async function readCallLog(platform: Platform, callId: string): Promise<CallLog> {
  const facts: CallEvent[] = [];
  let next = 1;
  const fromTime = Math.max(0, timeOfCallId(callId) - logLimits.clockSkewMs);
  await orNothing(async () => {
    for await (const { position, body } of platform.log.read(partitionOf(callId), { fromTime })) {
      next = position + 1;
      facts.push(...body.events.filter((event) => event.subject === callId));
      if (facts.at(-1)?.type === 'call.ended') return;
    }
  });
  if (facts.length > 0) return { facts, next };
  throw new Failure(
    'call_unknown',
    `There is no call ${callId}.`,
    'See ringback calls --all for those that there are.',
  );
}

/** A call's facts from a position of the log on, until it ends or the signal comes. */
export async function* followCallLog(
  platform: Platform,
  callId: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<CallEvent> {
  let next = from;
  while (!signal.aborted)
    try {
      for await (const { position, body } of platform.log.follow(partitionOf(callId), next, signal)) {
        next = position + 1;
        for (const event of body.events) {
          if (event.subject !== callId) continue;
          yield event;
          if (event.type === 'call.ended') return;
        }
      }
    } catch (error) {
      if (!(error instanceof ReadStalled)) throw error;
    }
}

/** What is kept of a call's telemetry: it lives shorter than facts. */
export async function telemetryOf(platform: Platform, callId: string): Promise<TelemetryEvent[]> {
  const telemetry: TelemetryEvent[] = [];
  await orNothing(async () => {
    for await (const event of readTelemetry(platform.nc, callId)) telemetry.push(event);
  });
  return telemetry;
}

/** Reads a call's telemetry piece by piece: each look starts where the one before ended. */
export class TelemetryTail {
  readonly #platform: Platform;
  readonly #callId: string;
  #from: number | undefined;

  constructor(platform: Platform, callId: string) {
    this.#platform = platform;
    this.#callId = callId;
  }

  async read(): Promise<TelemetryEvent[]> {
    const telemetry: TelemetryEvent[] = [];
    await orNothing(async () => {
      for await (const { position, events } of readTelemetryBatches(
        this.#platform.nc,
        this.#callId,
        this.#from,
      )) {
        telemetry.push(...events);
        this.#from = position + 1;
      }
    });
    return telemetry;
  }
}

/** JetStream's error code for a stream that does not exist: a partition that this platform does not have. */
const streamNotFound = 10059;

async function orNothing(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === streamNotFound)) throw error;
  }
}
