import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
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
  untilNeeded,
} from '@ringback/runtime';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import { gatewayIdPattern, regionSchema } from '@ringback/schemas';
import { z } from 'zod';
import { startMedia } from './media.ts';

const config = readConfig(
  z.object({
    RINGBACK_NATS_URL: z.string(),
    RINGBACK_NATS_USER: z.string().default('media'),
    RINGBACK_NATS_PASSWORD: z.string(),
    RINGBACK_PARTITIONS: z.coerce.number().int().min(1).max(100).default(4),
    RINGBACK_GATEWAY_ID: z.string().regex(gatewayIdPattern).default('media-1'),
    RINGBACK_REGION: regionSchema.default('local'),
    RINGBACK_MEDIA_WORKERS: z.coerce.number().int().min(1).max(256).default(availableParallelism()),
    RINGBACK_MEDIA_PORT: z.coerce.number().int().min(1024).max(65_000).default(30_000),
    RINGBACK_MEDIA_ANNOUNCED_ADDRESS: z.string().optional(),
    METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  }),
);

exitWithParent();
const needed = untilNeeded();
const logger = makeLogger('media');
const workerBin = mediasoupWorkerPath();
if (workerBin === undefined) {
  logger.fatal('there is no mediasoup worker: run npm run setup');
  process.exit(1);
}
const registry = makeMetrics('media');
const nc = await connectNats({
  url: config.RINGBACK_NATS_URL,
  user: config.RINGBACK_NATS_USER,
  password: config.RINGBACK_NATS_PASSWORD,
  name: config.RINGBACK_GATEWAY_ID,
});
let stopping = false;
// It never gives up by itself: what ends it is our own stop, or an error that no reconnect mends.
void nc.closed().then((error) => {
  if (stopping) return;
  logger.fatal({ err: error }, 'the connection to nats-server is over');
  process.exit(1);
});
// One that stands by has loaded everything and has its connection; ports and workers are the one's that serves.
await needed;
const media = await startMedia({
  gateway: config.RINGBACK_GATEWAY_ID,
  region: config.RINGBACK_REGION,
  partitions: config.RINGBACK_PARTITIONS,
  workers: config.RINGBACK_MEDIA_WORKERS,
  workerBin,
  port: config.RINGBACK_MEDIA_PORT,
  announcedAddress: config.RINGBACK_MEDIA_ANNOUNCED_ADDRESS,
  bus: new NatsBus(nc, busFaults(logger, registry)),
  clock: systemClock,
  ids: systemIds,
  logger,
  registry,
});
logger.info({ server: media.server, workers: media.workerPids() }, 'taking calls');

if (config.METRICS_PORT !== undefined) {
  createServer(async (request, response) => {
    if (request.url === '/metrics')
      response.setHeader('content-type', registry.contentType).end(await registry.metrics());
    else if (request.url === '/healthz') response.end('ok\n');
    else response.writeHead(404).end();
  }).listen(config.METRICS_PORT, '127.0.0.1');
}
onShutdown(logger, async () => {
  stopping = true;
  await media.stop();
  await nc.drain();
});
