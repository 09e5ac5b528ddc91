import { createServer } from 'node:http';
import { JetStreamLog, logHeads } from '@ringback/eventlog';
import { openPostgres } from '@ringback/projections';
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
} from '@ringback/runtime';
import { z } from 'zod';
import { makeViewsMetrics } from './metrics.ts';
import { ViewsWorker } from './views-worker.ts';

const config = readConfig(
  z.object({
    RINGBACK_NATS_URL: z.string(),
    RINGBACK_NATS_USER: z.string().default('views'),
    RINGBACK_NATS_PASSWORD: z.string(),
    RINGBACK_PARTITIONS: z.coerce.number().int().min(1).max(100).default(4),
    RINGBACK_POSTGRES_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be postgres://…'),
    METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  }),
);

exitWithParent();
const logger = makeLogger('views');
const registry = makeMetrics('views');
const nc = await connectNats({
  url: config.RINGBACK_NATS_URL,
  user: config.RINGBACK_NATS_USER,
  password: config.RINGBACK_NATS_PASSWORD,
  name: 'views',
});
let stopping = false;
void nc.closed().then((error) => {
  if (stopping) return;
  logger.fatal({ err: error }, 'the connection to nats-server is over');
  process.exit(1);
});
const db = openPostgres(config.RINGBACK_POSTGRES_URL, (error) =>
  logger.warn({ err: error }, 'a connection to Postgres is over'),
);
const worker = new ViewsWorker(
  {
    db,
    log: await JetStreamLog.open(nc),
    head: await logHeads(nc),
    bus: new NatsBus(nc, busFaults(logger, registry)),
    clock: systemClock,
    logger,
    metrics: makeViewsMetrics(registry),
  },
  config.RINGBACK_PARTITIONS,
);

if (config.METRICS_PORT !== undefined) {
  createServer(async (request, response) => {
    if (request.url === '/metrics') {
      await worker.measure().catch((error: unknown) => logger.warn({ err: error }, 'the log is away'));
      response.setHeader('content-type', registry.contentType).end(await registry.metrics());
    } else if (request.url === '/healthz') response.end('ok\n');
    else response.writeHead(404).end();
  }).listen(config.METRICS_PORT, '127.0.0.1');
}
onShutdown(logger, async () => {
  stopping = true;
  await worker.stop();
  await db.destroy();
  await nc.drain();
});
await worker.run();
