import type { Bus, Clock } from '@ringback/runtime';
import {
  reject,
  subjects,
  type ClientMessage,
  type MediaSignal,
  type Rejection,
  type Report,
} from '@ringback/schemas';
import { limits } from './limits.ts';
import { RateLimit } from './rate-limit.ts';
import type { TelemetryWriter } from './telemetry-writer.ts';

export type SignalMessage = Extract<ClientMessage, { type: 'tiles' | 'report' }>;

export interface SignalPorts {
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'publish'>;
  readonly telemetry: Pick<TelemetryWriter, 'reported'>;
}

/** Who says it: checked by the session. */
export interface Signaller {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly participantId: string;
}

/** What one session says beside the log: how large it shows things, and what it measures. At most once. */
export class Signals {
  readonly #ports: SignalPorts;
  readonly #rates: Record<'tiles' | Report['kind'], RateLimit>;

  constructor(ports: SignalPorts) {
    this.#ports = ports;
    const now = ports.clock.monotonic();
    const reports = () => new RateLimit(limits.reportsPerSecond, limits.reportsBurst, now);
    this.#rates = {
      tiles: new RateLimit(limits.tilesPerSecond, limits.tilesBurst, now),
      quality: reports(),
      join: reports(),
    };
  }

  /** @returns a refusal where it comes too often. */
  take(message: SignalMessage, from: Signaller): Rejection | undefined {
    const rate = this.#rates[message.type === 'tiles' ? 'tiles' : message.report.kind];
    if (!rate.take(this.#ports.clock.monotonic())) return reject('rate_limited');
    if (message.type === 'tiles') this.#tell(message.callId, from, { tiles: message.tiles });
    else this.#report(message.callId, from, message.report);
    return undefined;
  }

  #report(callId: string, from: Signaller, report: Report): void {
    const { tenantId, participantId } = from;
    this.#ports.telemetry.reported({ callId, tenantId, participantId, report });
    if (report.kind === 'quality') this.#tell(callId, from, { samples: report.samples });
  }

  #tell(callId: string, from: Signaller, said: Pick<MediaSignal, 'tiles' | 'samples'>): void {
    const { participantId, sessionId } = from;
    this.#ports.bus.publish(subjects.media(callId), {
      callId,
      participantId,
      sessionId,
      ...said,
    } satisfies MediaSignal);
  }
}
