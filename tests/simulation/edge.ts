import { OwnerLink } from '@ringback/link';
import { Registry, type Bus } from '@ringback/runtime';
import type { EventLog } from '@ringback/eventlog';
import type { CallEvent } from '@ringback/schemas';
import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { Api } from '../../gateways/edge/src/api.ts';
import { CallReader } from '../../gateways/edge/src/call-reader.ts';
import { FeedHub } from '../../gateways/edge/src/feed-hub.ts';
import { makeEdgeMetrics } from '../../gateways/edge/src/metrics.ts';
import { SocketServer } from '../../gateways/edge/src/socket-server.ts';
import { TelemetryReader } from '../../gateways/edge/src/telemetry-reader.ts';
import { ViewsReader } from '../../gateways/edge/src/views-reader.ts';
import { TelemetryWriter } from '../../gateways/edge/src/telemetry-writer.ts';
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
    const { bus, log, partitions } = of;
    const { clock, ids, logger } = process;
    const deaf = of.plant.deafGateway === true ? new Deafness(process) : undefined;
    const metrics = makeEdgeMetrics(new Registry(), { followedCalls: () => 0, pendingCommands: () => 0 });
    const link: OwnerLink = new OwnerLink({
      bus,
      clock,
      logger,
      gateway,
      incarnation: ids.uuid(),
      partitions,
      random: ids.random,
      beat: () => ({ region: 'local' }),
      onEvents: (events) => feeds.ingest(deaf === undefined ? events : events.filter((e) => !deaf.to(e))),
      onHead: (callId, seq) => {
        if (deaf?.callId !== callId) feeds.hear(callId, seq);
      },
    });
    const reader = new CallReader(link, log, logger);
    const feeds: FeedHub = new FeedHub(reader, link, logger);
    const tokens = new PlainTokens();
    const iceServers = () => [];
    const telemetry = new TelemetryWriter({ write: async () => {}, gateway, clock, ids, logger, metrics });
    this.#sockets = new SocketServer({
      ...{ clock, ids, logger, bus, tokens, link, reader, feeds, telemetry, metrics, iceServers },
    });
    const app = { ws: (_: string, behavior: WebSocketBehavior<unknown>) => (this.app = behavior) };
    this.#sockets.attachTo(app as unknown as TemplatedApp);
    const nothing = new TelemetryReader(async function* () {}, logger);
    this.api = new Api({
      clock,
      ids,
      tokens,
      link,
      reader,
      telemetry: nothing,
      views: new ViewsReader(bus, logger),
      partitions,
      guests: true,
      iceServers,
    });
    this.link = link;
    this.reader = reader;
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
    this.link.stop();
    await this.#telemetry.flush();
    this.process.kill();
  }
}

/** The planted bug: from its tenth event on, one call is not heard of any more. */
class Deafness {
  callId: string | undefined;
  #heard = 0;
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  to(event: CallEvent): boolean {
    if (++this.#heard === 10) {
      this.callId = event.subject;
      this.#process.world.note(this.#process.name, `is deaf to ${event.subject} from now on`);
    }
    return event.subject === this.callId;
  }
}
