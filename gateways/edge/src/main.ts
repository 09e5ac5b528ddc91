import {
  busFaults,
  connectNats,
  exitWithParent,
  makeLogger,
  makeMetrics,
  NatsBus,
  onShutdown,
  readConfig,
  systemClock,
  systemIds,
} from '@ringback/runtime';
import { JetStreamLog, readTelemetryBatches, writeTelemetry } from '@ringback/eventlog';
import { gatewayIdPattern, regionSchema } from '@ringback/schemas';
import { z } from 'zod';
import { Edge } from './edge.ts';
import { publicUrlSetting } from './public-url.ts';
import { originsSetting } from './origins.ts';
import { tenantsSetting } from './tokens.ts';
import { trustedProxiesSetting } from './trusted-proxies.ts';
import { turnServersSetting } from './turn-servers.ts';

const config = readConfig(
  z
    .object({
      PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
      RINGBACK_HOST: z.string().default('0.0.0.0'),
      RINGBACK_OWN_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
      RINGBACK_NATS_URL: z.string(),
      RINGBACK_NATS_USER: z.string().default('edge'),
      RINGBACK_NATS_PASSWORD: z.string(),
      RINGBACK_PARTITIONS: z.coerce.number().int().min(1).max(100).default(4),
      RINGBACK_GATEWAY_ID: z.string().regex(gatewayIdPattern).default('edge-1'),
      RINGBACK_REGION: regionSchema.default('local'),
      RINGBACK_TENANTS: tenantsSetting,
      RINGBACK_GUESTS: z.enum(['on', 'off']).default('on'),
      RINGBACK_ORIGINS: originsSetting.optional(),
      RINGBACK_TRUSTED_PROXIES: trustedProxiesSetting.optional(),
      RINGBACK_PUBLIC_URL: publicUrlSetting.optional(),
      RINGBACK_TURN_SERVERS: turnServersSetting.optional(),
      RINGBACK_TURN_SECRET: z.string().optional(),
      RINGBACK_TURN_HOST: z.string().optional(),
      RINGBACK_WEB_DIST: z.string(),
    })
    .refine((c) => c.RINGBACK_TURN_SERVERS === undefined || c.RINGBACK_TURN_SECRET !== undefined, {
      path: ['RINGBACK_TURN_SECRET'],
      message: 'RINGBACK_TURN_SERVERS needs it, the static-auth-secret of those servers',
    }),
);

exitWithParent();
const logger = makeLogger('edge');
const nc = await connectNats({
  url: config.RINGBACK_NATS_URL,
  user: config.RINGBACK_NATS_USER,
  password: config.RINGBACK_NATS_PASSWORD,
  name: config.RINGBACK_GATEWAY_ID,
});
let connectedAt: number | undefined = systemClock.monotonic();
void (async () => {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') connectedAt = undefined;
    if (status.type === 'reconnect') connectedAt = systemClock.monotonic();
    if (status.type === 'disconnect' || status.type === 'reconnect')
      logger.warn({ status: status.type }, 'nats-server');
  }
})();

let stopping = false;
// It never gives up by itself: what ends it is our own stop, or an error that no reconnect mends.
void nc.closed().then((error) => {
  if (stopping) return;
  logger.fatal({ err: error }, 'the connection to nats-server is over');
  process.exit(1);
});

const registry = makeMetrics('edge');
const { RINGBACK_TURN_SECRET: secret, RINGBACK_TURN_SERVERS: servers } = config;
const edge = new Edge({
  gateway: config.RINGBACK_GATEWAY_ID,
  region: config.RINGBACK_REGION,
  socketUrl: config.RINGBACK_PUBLIC_URL,
  partitions: config.RINGBACK_PARTITIONS,
  tenants: config.RINGBACK_TENANTS,
  origins: config.RINGBACK_ORIGINS,
  trustedProxies: config.RINGBACK_TRUSTED_PROXIES,
  guests: config.RINGBACK_GUESTS === 'on',
  turn:
    secret === undefined || servers === undefined
      ? undefined
      : { secret, servers, host: config.RINGBACK_TURN_HOST },
  webDist: config.RINGBACK_WEB_DIST,
  bus: new NatsBus(nc, busFaults(logger, registry)),
  log: await JetStreamLog.open(nc),
  writeTelemetry: (partition, events) => writeTelemetry(nc, partition, events),
  readTelemetry: (callId, from) => readTelemetryBatches(nc, callId, from),
  natsConnectedAt: () => connectedAt,
  clock: systemClock,
  ids: systemIds,
  logger,
  registry,
});
const port = await edge.listen(config.RINGBACK_HOST, config.PORT);
const ownPort = config.RINGBACK_OWN_PORT;
// Where several share the port, nobody can choose on it whom they ask: this one is asked here, and a proxy on this machine sends here.
if (ownPort !== undefined) await edge.listen('127.0.0.1', ownPort);
logger.info({ port, ownPort, gateway: config.RINGBACK_GATEWAY_ID }, 'listening');
onShutdown(logger, async () => {
  stopping = true;
  await edge.close();
  await nc.drain();
});
