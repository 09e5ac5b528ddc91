import type { OwnerLink } from '@ringback/link';
import type { Bus, Clock, Ids, Logger } from '@ringback/runtime';
import type { closeCodes, CommandOf, IceServer } from '@ringback/schemas';
import type { CallReader } from './call-reader.ts';
import type { FeedHub } from './feed-hub.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { People } from './people/people.ts';
import type { TelemetryWriter } from './telemetry-writer.ts';
import type { Tokens } from './tokens.ts';

export type DisconnectReason = CommandOf<'call.disconnect'>['data']['reason'];

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** The socket as the session needs it. */
export interface SessionSocket {
  send(message: string): void;
  close(code: CloseCode): void;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly bus: Pick<Bus, 'publish'>;
  readonly tokens: Tokens;
  readonly link: OwnerLink;
  readonly reader: CallReader;
  readonly feeds: FeedHub;
  readonly people: People;
  readonly telemetry: TelemetryWriter;
  readonly metrics: EdgeMetrics;
  readonly iceServers: (host: string, userId: string) => IceServer[];
}
