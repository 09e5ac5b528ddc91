import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
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
  const subject = subjects.telemetry(partitionOf(callId));
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const info = await manager.streams.info(streams.telemetry, { subjects_filter: subject });
  const count = info.state.subjects?.[subject] ?? 0;
  const from = Math.max(0, timeOfCallId(callId) - limits.clockSkewMs);
  if (count === 0 || Date.parse(info.state.last_ts) < from) return;
  const consumer = await jetstream(nc).consumers.get(streams.telemetry, {
    filter_subjects: [subject],
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: timeOfMs(from),
  });
  // The count of what is to come is the server's own: a subject filter leaves holes in the sequence.
  let pending = (await consumer.info()).num_pending;
  if (pending === 0) return;
  const messages = await consumer.consume({ max_bytes: limits.readAheadBytes });
  try {
    for await (const message of messages) {
      for (const event of message.json<unknown[]>()) {
        const known = telemetryEvents[0].safeParse(event);
        if (known.success && known.data.subject === callId) yield known.data;
      }
      if (--pending <= 0) return;
    }
  } finally {
    await messages.close();
    await consumer.delete().catch(() => {});
  }
}
