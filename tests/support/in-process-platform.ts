import { createHmac, randomUUID } from 'node:crypto';
import { CallsWorker, makeOwnerMetrics } from '@ringback/calls-worker';
import { Edge, tokenAudience, type Tenant } from '@ringback/edge';
import { MemoryLog } from '@ringback/eventlog';
import {
  codeVersion,
  makeLogger,
  makeMetrics,
  MemoryBus,
  systemClock,
  systemIds,
  type Bus,
} from '@ringback/runtime';
import type { CallEvent, TelemetryEvent } from '@ringback/schemas';
import { readFromMemory } from './telemetry.ts';
import { waitFor } from './wait-for.ts';
import { post, WsClient } from './ws-client.ts';

export interface Grants {
  readonly roomJoin?: boolean;
  readonly room?: string;
  readonly roomCreate?: boolean;
  readonly roomList?: boolean;
  readonly roomAdmin?: boolean;
}

const tenants: readonly Tenant[] = [
  { id: 'default', apiKey: 'rbk_default', apiSecret: 'default-secret-of-32-characters-and-more' },
  { id: 'other', apiKey: 'rbk_other', apiSecret: 'other-secret-of-32-characters-and-more--' },
];

/** The whole platform in this process: a worker and a real edge on a free port, with the twins of log and bus between. */
export class InProcessPlatform {
  readonly url: string;
  readonly log: MemoryLog;
  readonly bus: MemoryBus;
  /** What the gateway wrote to telemetry, in order. */
  readonly telemetry: readonly TelemetryEvent[];
  readonly #edge: Edge;
  readonly #worker: CallsWorker;
  readonly #clients = new Set<WsClient>();

  private constructor(
    url: string,
    parts: { log: MemoryLog; bus: MemoryBus; telemetry: TelemetryEvent[]; edge: Edge; worker: CallsWorker },
  ) {
    this.url = url;
    this.log = parts.log;
    this.bus = parts.bus;
    this.telemetry = parts.telemetry;
    this.#edge = parts.edge;
    this.#worker = parts.worker;
  }

  static async start(
    options: {
      partitions?: number;
      webDist?: string;
      origins?: readonly string[];
      /** What the gateway is given for a bus: one that lies, where a test wants to see that it sees. */
      edgeBus?: (bus: Bus) => Bus;
    } = {},
  ): Promise<InProcessPlatform> {
    const { partitions = 1, webDist = '/nowhere', origins, edgeBus = (real) => real } = options;
    const log = new MemoryLog(() => systemClock.now());
    const bus = new MemoryBus();
    const telemetry: TelemetryEvent[] = [];
    const logger = makeLogger('test', 'silent');
    const worker = new CallsWorker(
      {
        log,
        bus,
        clock: systemClock,
        logger,
        metrics: makeOwnerMetrics(makeMetrics('calls')),
        codeVersion,
        tap: false,
      },
      systemIds,
    );
    void worker.run(partitions);
    const edge = new Edge({
      gateway: 'edge-1',
      region: 'local',
      partitions,
      tenants,
      guests: true,
      turn: undefined,
      webDist,
      origins,
      bus: edgeBus(bus),
      log,
      writeTelemetry: async (_, events) => void telemetry.push(...events),
      readTelemetry: readFromMemory(telemetry),
      natsConnectedAt: () => 0,
      clock: systemClock,
      ids: systemIds,
      logger,
      registry: makeMetrics('edge'),
    });
    const url = `http://127.0.0.1:${await edge.listen('127.0.0.1', 0)}`;
    await waitFor(async () => (await fetch(`${url}/readyz`)).ok, 'the platform to be ready');
    return new InProcessPlatform(url, { log, bus, telemetry, edge, worker });
  }

  /** A join token of this user, good for an hour. */
  token(userId: string, tenant: 'default' | 'other' = 'default', grants: Grants = everything): string {
    return this.sign({ sub: userId, video: grants }, tenant);
  }

  /** Any token: claims and header over those of a good one; `undefined` leaves a claim out. */
  sign(
    claims: Record<string, unknown>,
    tenant: 'default' | 'other' = 'default',
    options: { secret?: string; header?: Record<string, unknown> } = {},
  ): string {
    const { apiKey, apiSecret } = tenants.find((t) => t.id === tenant)!;
    const now = Math.floor(Date.now() / 1_000);
    const payload = { iss: apiKey, aud: tokenAudience, exp: now + 3_600, iat: now, ...claims };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...options.header })}.${encode(payload)}`;
    const secret = options.secret ?? apiSecret;
    return `${signed}.${createHmac(options.header?.alg === 'HS512' ? 'sha512' : 'sha256', secret)
      .update(signed)
      .digest('base64url')}`;
  }

  /** A socket; connected where a token is given. */
  async client(token?: string): Promise<WsClient> {
    const client = await WsClient.open(this.url, token);
    this.#clients.add(client);
    return client;
  }

  async createCall(token: string, settings: Record<string, unknown> = {}): Promise<string> {
    const { callId } = await post<{ callId: string }>(`${this.url}/v1/calls`, settings, token);
    return callId;
  }

  /** A client that is in the call, with its participant id. */
  async join(
    callId: string,
    userId: string,
    tenant?: 'default' | 'other',
  ): Promise<{ client: WsClient; participantId: string }> {
    const client = await this.client(this.token(userId, tenant));
    const participantId = randomUUID();
    const reply = await client.ask({
      type: 'call.join',
      callId,
      data: { participantId, instanceId: participantId, displayName: userId },
    });
    if (!reply.ok) throw new Error(`${userId} could not join: ${reply.error.code}`);
    await waitFor(() => client.of('snapshot')[0], 'the snapshot');
    return { client, participantId };
  }

  /** Everything in the log, all partitions of it. */
  async events(partitions = 1): Promise<CallEvent[]> {
    const events: CallEvent[] = [];
    for (let partition = 0; partition < partitions; partition++)
      for await (const commit of this.log.read(partition)) events.push(...commit.body.events);
    return events;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#edge.close();
    await this.#worker.stop();
  }
}

const everything: Grants = { roomJoin: true, roomCreate: true, roomList: true };
