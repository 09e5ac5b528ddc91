import type { TelemetryBatch } from '@ringback/eventlog';
import type { Logger } from '@ringback/runtime';
import { reject, type Rejection, type TelemetryEvent, type TelemetryPage } from '@ringback/schemas';
import { Gate } from './gate.ts';
import { limits } from './limits.ts';

export type ReadTelemetry = (callId: string, from?: number) => AsyncIterable<TelemetryBatch>;

export interface TelemetryRange {
  /** Whose call it is. What people of another tenant tried on it names them, and is for operators alone. */
  readonly tenantId: string;
  /** `next` of a page. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly samples: boolean;
}

/** A call's telemetry, a page at a time: one reads so much of the stream and no more. */
export class TelemetryReader {
  readonly #read: ReadTelemetry;
  readonly #logger: Logger;
  readonly #gate = new Gate(limits.telemetryReadsMax, limits.telemetryReadsWaitingMax);

  constructor(read: ReadTelemetry, logger: Logger) {
    this.#read = read;
    this.#logger = logger;
  }

  /** The caller has checked who asks. Never throws. */
  async page(callId: string, range: TelemetryRange): Promise<TelemetryPage | Rejection> {
    try {
      return (await this.#gate.run(() => this.#page(callId, range))) ?? reject('overloaded');
    } catch (error) {
      this.#logger.error({ callId, err: error }, 'telemetry can not be read');
      return reject('overloaded');
    }
  }

  async #page(callId: string, { tenantId, after, limit, samples }: TelemetryRange): Promise<TelemetryPage> {
    const telemetry: TelemetryEvent[] = [];
    // Of the message named by the cursor, so many are known already.
    const [from, known = 0] = after?.split('.').map(Number) ?? [];
    let next = after;
    let scanned = 0;
    for await (const { position, bytes, events } of this.#read(callId, from)) {
      for (let index = position === from ? known : 0; index < events.length; index++) {
        const event = events[index]!;
        if (event.tenantid !== tenantId || (!samples && isSample(event))) continue;
        if (telemetry.length >= limit) return { callId, telemetry, more: true, next: `${position}.${index}` };
        telemetry.push(event);
      }
      next = `${position + 1}.0`;
      scanned += bytes + limits.telemetryMessageCost;
      if (scanned >= limits.telemetryScanBytesMax) return { callId, telemetry, more: true, next };
    }
    return { callId, telemetry, more: false, ...(next === undefined ? {} : { next }) };
  }
}

/** Measured again and again, as opposed to what happened. */
function isSample(event: TelemetryEvent): boolean {
  return (
    event.type === 'call.transport.sampled' ||
    (event.type === 'call.client.reported' && event.data.report.kind === 'quality')
  );
}
