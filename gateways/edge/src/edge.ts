import type { EventLog } from '@ringback/eventlog';
import { OwnerLink } from '@ringback/link';
import type { Bus, Clock, Ids, Logger, Registry } from '@ringback/runtime';
import type { TelemetryEvent } from '@ringback/schemas';
import type { us_listen_socket } from 'uWebSockets.js';
import { Api } from './api.ts';
import { CallReader } from './call-reader.ts';
import { CallServers } from './call-servers.ts';
import { FeedHub } from './feed-hub.ts';
import { serveHttp } from './http-server.ts';
import { iceServers, type TurnSettings } from './ice-servers.ts';
import { makeEdgeMetrics } from './metrics.ts';
import { Origins } from './origins.ts';
import { readReadiness } from './readiness.ts';
import { SocketServer } from './socket-server.ts';
import { StaticFiles } from './static-files.ts';
import { TelemetryReader, type ReadTelemetry } from './telemetry-reader.ts';
import { TelemetryWriter } from './telemetry-writer.ts';
import { Tokens, type Tenant } from './tokens.ts';
import { TurnServers, type TurnServer } from './turn-servers.ts';
import uws from './uws.ts';
import { ViewsReader } from './views-reader.ts';

export interface EdgeOptions {
  /** This gateway's name, the same over restarts. */
  readonly gateway: string;
  /** Where it runs, as its operator named it. */
  readonly region: string;
  readonly partitions: number;
  /** The first one is the tenant of guests. */
  readonly tenants: readonly Tenant[];
  readonly guests: boolean;
  readonly turn: (TurnSettings & { readonly servers: readonly TurnServer[] }) | undefined;
  readonly webDist: string;
  /** Of pages elsewhere that may use this gateway; `*` for all. Default: none. */
  readonly origins?: readonly string[] | undefined;
  readonly bus: Bus;
  readonly log: EventLog;
  readonly writeTelemetry: (partition: number, events: readonly TelemetryEvent[]) => Promise<void>;
  readonly readTelemetry: ReadTelemetry;
  /** When the present connection was made, in monotonic milliseconds; absent while there is none. */
  readonly natsConnectedAt: () => number | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** The address is not free, or not ours. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** One edge gateway: everything wired, not yet listening. */
export class Edge {
  readonly #link: OwnerLink;
  readonly #sockets: SocketServer;
  readonly #telemetry: TelemetryWriter;
  readonly #turnServers: TurnServers | undefined;
  readonly #callServers: CallServers;
  readonly #app = uws.App();
  #listening: us_listen_socket | undefined;

  constructor(options: EdgeOptions) {
    const { bus, clock, ids, logger, registry, partitions, gateway } = options;
    const metrics = makeEdgeMetrics(registry, {
      followedCalls: () => feeds.size,
      pendingCommands: () => link.pendingCount,
    });
    const link: OwnerLink = new OwnerLink({
      bus,
      clock,
      logger,
      gateway,
      incarnation: ids.uuid(),
      partitions,
      random: ids.random,
      beat: () => ({ region: options.region }),
      onEvents: (events) => feeds.ingest(events),
      onHead: (callId, seq) => feeds.hear(callId, seq),
    });
    const reader = new CallReader(link, options.log, logger);
    const feeds: FeedHub = new FeedHub(reader, link, logger);
    const tokens = new Tokens(options.tenants);
    const { turn } = options;
    const turnServers = turn === undefined ? undefined : new TurnServers(turn.servers, clock);
    const ice = (host: string, userId: string) =>
      turn === undefined || turnServers === undefined
        ? []
        : iceServers(turn, turnServers.usable, host, userId, clock.now());
    this.#turnServers = turnServers;
    this.#callServers = new CallServers(bus, clock);
    this.#link = link;
    this.#telemetry = new TelemetryWriter({
      write: options.writeTelemetry,
      gateway,
      clock,
      ids,
      logger,
      metrics,
    });
    const origins = new Origins(options.origins);
    this.#sockets = new SocketServer(
      {
        clock,
        ids,
        logger,
        bus,
        tokens,
        link,
        reader,
        feeds,
        telemetry: this.#telemetry,
        metrics,
        iceServers: ice,
      },
      origins,
    );
    const files = new StaticFiles(options.webDist);
    this.#sockets.attachTo(this.#app);
    serveHttp(this.#app, {
      api: new Api({
        clock,
        ids,
        tokens,
        link,
        reader,
        views: new ViewsReader(bus, logger),
        telemetry: new TelemetryReader(options.readTelemetry, logger),
        partitions,
        guests: options.guests,
        iceServers: ice,
      }),
      files,
      origins,
      registry,
      metrics,
      logger,
      readiness: async () =>
        readReadiness({
          natsConnectedAt: options.natsConnectedAt,
          owned: (connectedAt) => link.owned(connectedAt),
          webReady: () => files.ready,
          callServers: () => this.#callServers.heard(),
          turn: turnServers,
        }),
    });
  }

  /**
   * @param port 0: any free one.
   * @returns the port.
   * @throws ListenError
   */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, (socket) => {
        if (!socket)
          return reject(
            new ListenError(
              `port ${port} on ${host} can not be had: something else listens there. Set PORT to another.`,
            ),
          );
        this.#listening = socket;
        this.#turnServers?.start();
        resolve(uws.us_socket_local_port(socket));
      });
    });
  }

  /** Takes nothing new, tells clients to come back elsewhere, hands in what waits. */
  async close(): Promise<void> {
    if (this.#listening !== undefined) uws.us_listen_socket_close(this.#listening);
    this.#turnServers?.stop();
    this.#callServers.stop();
    await this.#sockets.close();
    this.#link.stop();
    await this.#telemetry.flush();
    this.#app.close();
  }
}
