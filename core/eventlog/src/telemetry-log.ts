import { DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  partitionOf,
  streams,
  subjects,
  telemetryEvents,
  timeOfCallId,
  timeOfMs,
  type TelemetryEvent,
} from '@ringback/schemas';
import { limits } from './limits.ts';

/** Writes one batch, as one message. Telemetry is not fenced; who loses it loses a hint, not a fact. */
export async function writeTelemetry(
  nc: NatsConnection,
  partition: number,
  events: readonly TelemetryEvent[],
): Promise<void> {
  await jetstream(nc).publish(subjects.telemetry(partition), JSON.stringify(events));
}

/** A call's telemetry in order of writing, up to the head as it is now. What is not of a known form is left out. */
export async function* readTelemetry(nc: NatsConnection, callId: string): AsyncIterable<TelemetryEvent> {
  for await (const { events } of readTelemetryBatches(nc, callId)) yield* events;
}

/** One message of telemetry, with what it holds of one call. */
export interface TelemetryBatch {
  /** In the stream: what a reader goes on from. */
  readonly position: number;
  readonly bytes: number;
  /** Of one call; none where the message is about others. */
  readonly events: readonly TelemetryEvent[];
}

/**
 * Every message of the call's partition, up to the head as it is now: whoever reads decides how far.
 *
 * @param from first position; absent: when the call was made.
 */
export async function* readTelemetryBatches(
  nc: NatsConnection,
  callId: string,
  from?: number,
): AsyncIterable<TelemetryBatch> {
  const subject = subjects.telemetry(partitionOf(callId));
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const info = await manager.streams.info(streams.telemetry, { subjects_filter: subject });
  const count = info.state.subjects?.[subject] ?? 0;
  const fromTime = Math.max(0, timeOfCallId(callId) - limits.clockSkewMs);
  if (count === 0 || Date.parse(info.state.last_ts) < fromTime || (from ?? 0) > info.state.last_seq) return;
  const consumer = await jetstream(nc).consumers.get(streams.telemetry, {
    filter_subjects: [subject],
    ...(from === undefined
      ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: timeOfMs(fromTime) }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }),
  });
  // The count of what is to come is the server's own: a subject filter leaves holes in the sequence.
  let pending = (await consumer.info()).num_pending;
  if (pending === 0) return;
  const messages = await consumer.consume({
    max_bytes: limits.readAheadBytes,
    idle_heartbeat: limits.readHeartbeatMs,
  });
  // Old telemetry makes room for new: what was counted may be gone before it is read.
  const stalled = setTimeout(() => messages.stop(), limits.readStallMs);
  try {
    for await (const message of messages) {
      stalled.refresh();
      yield {
        position: message.seq,
        bytes: message.data.length,
        events: eventsIn(message).flatMap((event) => knownOf(event, callId) ?? []),
      };
      if (--pending <= 0) return;
    }
  } finally {
    clearTimeout(stalled);
    await messages.close();
    await consumer.delete().catch(() => {});
  }
}

/** None in what is no list: one message that somebody wrote wrong must not hide the others. */
function eventsIn(message: JsMsg): unknown[] {
  try {
    const events = message.json<unknown>();
    return Array.isArray(events) ? events : [];
  } catch {
    return [];
  }
}

function knownOf(event: unknown, callId: string): TelemetryEvent | undefined {
  const { subject, type } = (event ?? {}) as { subject?: unknown; type?: unknown };
  // Checked first, as most are of other calls.
  if (subject !== callId) return undefined;
  return telemetryEvents.find((schema) => schema.shape.type.value === type)?.safeParse(event).data;
}
