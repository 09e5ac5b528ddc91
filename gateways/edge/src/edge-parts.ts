import type { EventLog } from '@ringback/eventlog';
import { OwnerLink } from '@ringback/link';
import type { Bus, Clock, Ids, Logger, Registry } from '@ringback/runtime';
import type { TelemetryEvent } from '@ringback/schemas';
import { Api } from './api.ts';
import { CallReader } from './call-reader.ts';
import { FeedHub } from './feed-hub.ts';
import { makeEdgeMetrics } from './metrics.ts';
import { makePeopleMetrics } from './people/metrics.ts';
import { PeopleApi } from './people/people-api.ts';
import { People } from './people/people.ts';
import { SocketServer } from './socket-server.ts';
import { TelemetryReader, type ReadTelemetry } from './telemetry-reader.ts';
import { TelemetryWriter } from './telemetry-writer.ts';
import type { Tokens } from './tokens.ts';
import { ViewsReader } from './views-reader.ts';

export interface EdgeWiring {
  /** This gateway's name, the same over restarts. */
  readonly gateway: string;
  /** Where it runs, as its operator named it. */
  readonly region: string;
  /** Address of this gateway's WebSocket, where it has one of its own. */
  readonly socketUrl?: string | undefined;
  readonly partitions: number;
  readonly guests: boolean;
  readonly bus: Bus;
  readonly log: EventLog;
  readonly writeTelemetry: (partition: number, events: readonly TelemetryEvent[]) => Promise<void>;
  readonly readTelemetry: ReadTelemetry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Everything of an edge gateway that needs no sockets, ports or files of its own. */
export function wireEdge(
  { gateway, region, socketUrl: url, partitions, guests, bus, log, registry, ...ports }: EdgeWiring,
  tokens: Tokens,
  iceServers: ConstructorParameters<typeof Api>[0]['iceServers'],
) {
  const { clock, ids, logger } = ports;
  const metrics = makeEdgeMetrics(registry, {
    followedCalls: () => feeds.size,
    pendingCommands: () => link.pendingCount,
  });
  const incarnation = ids.uuid();
  const people = new People({
    ...{ bus, clock, logger, gateway, incarnation, region, url },
    metrics: makePeopleMetrics(registry),
  });
  const link: OwnerLink = new OwnerLink({
    ...{ bus, clock, logger, gateway, incarnation, partitions },
    random: ids.random,
    beat: () => ({ region, edge: people.beat() }),
    onEvents: (events) => feeds.ingest(events),
    onHead: (callId, seq) => feeds.hear(callId, seq),
  });
  const reader = new CallReader(link, log, logger);
  const feeds: FeedHub = new FeedHub(reader, link, logger);
  const write = ports.writeTelemetry;
  const telemetry = new TelemetryWriter({ write, gateway, clock, ids, logger, metrics });
  const sockets = new SocketServer({
    ...{ clock, ids, logger, bus, tokens, link, reader, feeds, people, telemetry, metrics, iceServers },
  });
  const api = new Api({
    ...{ clock, ids, tokens, link, reader, partitions, guests, iceServers },
    views: new ViewsReader(bus, logger),
    telemetry: new TelemetryReader(ports.readTelemetry, logger),
  });
  const peopleApi = new PeopleApi({ clock, ids, people, api });
  return { api, feeds, link, metrics, people, peopleApi, reader, sockets, telemetry };
}
