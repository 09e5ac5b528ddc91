import type { TelemetryBatch } from '@ringback/eventlog';
import type { TelemetryEvent } from '@ringback/schemas';

/** The twin of the telemetry stream: one message each, its position from 1. */
export function readFromMemory(telemetry: readonly TelemetryEvent[]) {
  return async function* (callId: string, from = 1): AsyncIterable<TelemetryBatch> {
    for (let position = from; position <= telemetry.length; position++)
      yield {
        position,
        bytes: 100,
        events: telemetry.slice(position - 1, position).filter(({ subject }) => subject === callId),
      };
  };
}
