import type { OwnerLink } from '@ringback/link';
import type { Clock } from '@ringback/runtime';
import type { us_listen_socket } from 'uWebSockets.js';
import { CallServers } from './call-servers.ts';
import { wireEdge, type EdgeWiring } from './edge-parts.ts';
import { handIn } from './hand-in.ts';
import { serveHttp } from './http-server.ts';
import { iceServers, type TurnSettings } from './ice-servers.ts';
import { Origins } from './origins.ts';
import type { People } from './people/people.ts';
import { readReadiness } from './readiness.ts';
import type { SocketServer } from './socket-server.ts';
import { StaticFiles } from './static-files.ts';
import type { TelemetryWriter } from './telemetry-writer.ts';
import { Tokens, type Tenant } from './tokens.ts';
import { TrustedProxies, type ProxyNetwork } from './trusted-proxies.ts';
import { TurnServers, type TurnServer } from './turn-servers.ts';
import uws from './uws.ts';

export interface EdgeOptions extends EdgeWiring {
  /** The first one is the tenant of guests. */
  readonly tenants: readonly Tenant[];
  readonly turn: (TurnSettings & { readonly servers: readonly TurnServer[] }) | undefined;
  readonly webDist: string;
  /** Of pages elsewhere that may use this gateway; `*` for all. Default: none. */
  readonly origins?: readonly string[] | undefined;
  /** Whose X-Forwarded-For is believed. Default: nobody's. */
  readonly trustedProxies?: readonly ProxyNetwork[] | undefined;
  /** When the present connection was made, in monotonic milliseconds; absent while there is none. */
  readonly natsConnectedAt: () => number | undefined;
}

/** The address is not free, or not ours. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** One edge gateway: everything wired, not yet listening. */
export class Edge {
  readonly #link: OwnerLink;
  readonly #people: People;
  readonly #sockets: SocketServer;
  /** Requests over HTTP. */
  readonly #unanswered: () => number;
  readonly #telemetry: TelemetryWriter;
  readonly #turnServers: TurnServers | undefined;
  readonly #callServers: CallServers;
  readonly #clock: Clock;
  readonly #app = uws.App();
  readonly #listening: us_listen_socket[] = [];

  constructor(options: EdgeOptions) {
    const { bus, clock, logger, registry, turn } = options;
    const turnServers = turn === undefined ? undefined : new TurnServers(turn.servers, clock);
    const ice = (host: string, userId: string) =>
      turn === undefined || turnServers === undefined
        ? []
        : iceServers(turn, turnServers.usable, host, userId, clock.now());
    const parts = wireEdge(options, new Tokens(options.tenants), ice);
    const { api, link, metrics, people, peopleApi, sockets, telemetry } = parts;
    this.#turnServers = turnServers;
    this.#callServers = new CallServers(bus, clock);
    this.#clock = clock;
    this.#link = link;
    this.#people = people;
    this.#telemetry = telemetry;
    this.#sockets = sockets;
    const files = new StaticFiles(options.webDist);
    const origins = new Origins(options.origins);
    this.#sockets.attachTo(this.#app, origins);
    this.#unanswered = serveHttp(this.#app, {
      api,
      peopleApi,
      files,
      origins,
      proxies: new TrustedProxies(options.trustedProxies),
      registry,
      metrics,
      logger,
      readiness: async () =>
        readReadiness({
          natsConnectedAt: options.natsConnectedAt,
          owned: (connectedAt) => link.owned(connectedAt),
          webReady: () => files.ready,
          callServers: () => this.#callServers.heard(),
          gateways: () => people.gateways(),
          turn: turnServers,
        }),
    });
  }

  /**
   * Once for each address that it is to be reached at. Where the kernel can (SO_REUSEPORT), several processes of one user that
   * listen on the same port share what comes in.
   *
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
        this.#listening.push(socket);
        if (this.#listening.length === 1) this.#turnServers?.start();
        resolve(uws.us_socket_local_port(socket));
      });
    });
  }

  /** Takes nothing new, tells clients to come back elsewhere, hands in what waits. Within `limits.closeAllMs` and `handInMs`. */
  async close(): Promise<void> {
    for (const socket of this.#listening.splice(0)) uws.us_listen_socket_close(socket);
    this.#turnServers?.stop();
    this.#callServers.stop();
    this.#people.drain();
    await this.#sockets.close();
    await handIn(() => this.#link.pendingCount + this.#unanswered(), this.#clock);
    this.#people.stop();
    this.#link.stop();
    await this.#telemetry.flush();
    // Who asked over HTTP has the answer, or hears that it is not known, before the connection goes.
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    this.#app.close();
  }
}
