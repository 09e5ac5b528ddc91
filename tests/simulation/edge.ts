import type { OwnerLink } from '@ringback/link';
import { Registry, type Bus } from '@ringback/runtime';
import type { EventLog } from '@ringback/eventlog';
import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import type { Api } from '../../gateways/edge/src/api.ts';
import type { CallReader } from '../../gateways/edge/src/call-reader.ts';
import type { FeedHub } from '../../gateways/edge/src/feed-hub.ts';
import { wireEdge } from '../../gateways/edge/src/edge-parts.ts';
import { handIn } from '../../gateways/edge/src/hand-in.ts';
import { Origins } from '../../gateways/edge/src/origins.ts';
import type { SocketServer } from '../../gateways/edge/src/socket-server.ts';
import type { TelemetryWriter } from '../../gateways/edge/src/telemetry-writer.ts';
import { Tokens, type Identity } from '../../gateways/edge/src/tokens.ts';
import type { Plant } from './plant.ts';
import type { Process } from './process.ts';

export const tenantId = 'default';

/** Who somebody is stands in the token; signatures are no part of what is simulated, and their checking has a time of its own. */
class PlainTokens extends Tokens {
  constructor() {
    super([{ id: tenantId, apiKey: 'simulated', apiSecret: 'a secret that nothing is signed with' }]);
  }

  override async verify(token: string): Promise<Identity> {
    return {
      userId: token,
      tenantId,
      guest: false,
      expiresAt: Infinity,
      roomJoin: true,
      room: undefined,
      roomCreate: true,
      roomList: true,
      roomAdmin: token.startsWith('admin'),
    };
  }
}

/** One life of one edge gateway: all of it but uWebSockets.js, which the sockets of this simulation stand for. */
export class EdgeLife {
  readonly process: Process;
  readonly api: Api;
  readonly link: OwnerLink;
  readonly reader: CallReader;
  app!: WebSocketBehavior<unknown>;
  readonly #sockets: SocketServer;
  readonly #telemetry: TelemetryWriter;
  #stopping = false;

  constructor(
    process: Process,
    gateway: string,
    of: { bus: Bus; log: EventLog; partitions: number; plant: Plant },
  ) {
    this.process = process;
    const { clock, ids, logger } = process;
    const parts = wireEdge(
      {
        ...{ clock, ids, logger, gateway, registry: new Registry(), region: 'local', guests: true },
        ...{ bus: of.bus, log: of.log, partitions: of.partitions },
        writeTelemetry: async () => {},
        readTelemetry: async function* () {},
      },
      new PlainTokens(),
      () => [],
    );
    const { api, feeds, link, reader, sockets, telemetry } = parts;
    if (of.plant.deafGateway === true) makeDeaf(process, feeds);
    const app = { ws: (_: string, behavior: WebSocketBehavior<unknown>) => (this.app = behavior) };
    sockets.attachTo(app as unknown as TemplatedApp, new Origins());
    this.api = api;
    this.link = link;
    this.reader = reader;
    this.#sockets = sockets;
    this.#telemetry = telemetry;
  }

  get isListening(): boolean {
    return this.process.alive && !this.#stopping;
  }

  /** SIGTERM, as Edge.close. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.process.world.note(this.process.name, 'is told to stop');
    await this.#sockets.close();
    await handIn(() => this.link.pendingCount, this.process.clock);
    this.link.stop();
    await this.#telemetry.flush();
    this.process.kill();
  }
}

/** The planted bug: from its tenth event on, one call is not heard of any more. */
function makeDeaf(process: Process, feeds: FeedHub): void {
  const [ingest, hear] = [feeds.ingest.bind(feeds), feeds.hear.bind(feeds)];
  let heard = 0;
  let deafTo: string | undefined;
  feeds.ingest = (events) => {
    for (const { subject } of events)
      if (++heard === 10) {
        deafTo = subject;
        process.world.note(process.name, `is deaf to ${subject} from now on`);
      }
    ingest(events.filter(({ subject }) => subject !== deafTo));
  };
  feeds.hear = (callId, seq) => {
    if (callId !== deafTo) hear(callId, seq);
  };
}
