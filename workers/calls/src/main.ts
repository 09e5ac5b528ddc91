import { createServer } from 'node:http';
import { JetStreamLog, JetStreamSnapshots, LogNotReady, provisionStreams } from '@ringback/eventlog';
import {
  busFaults,
  codeVersion,
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
import { gatewayIdPattern } from '@ringback/schemas';
import { z } from 'zod';
import { CallsWorker } from './calls-worker.ts';
import { makeOwnerMetrics } from './metrics.ts';

const config = readConfig(
  z.object({
    RINGBACK_NATS_URL: z.string(),
    RINGBACK_NATS_USER: z.string().default('calls'),
    RINGBACK_NATS_PASSWORD: z.string(),
    RINGBACK_PARTITIONS: z.coerce.number().int().min(1).max(100).default(4),
    RINGBACK_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
    RINGBACK_WORKER_ID: z
      .string()
      .regex(gatewayIdPattern, 'must be letters a-z, digits and hyphens')
      .optional(),
    RINGBACK_CALL_ACTIONS_PER_SECOND: z.coerce.number().int().min(1).optional(),
    RINGBACK_TAP: z.enum(['on', 'off']).default('on'),
    METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  }),
);

exitWithParent();
const logger = makeLogger('calls');
const registry = makeMetrics('calls');
const nc = await connectNats({
  url: config.RINGBACK_NATS_URL,
  user: config.RINGBACK_NATS_USER,
  password: config.RINGBACK_NATS_PASSWORD,
  name: 'calls',
});
let stopping = false;
void nc.closed().then((error) => {
  if (stopping) return;
  // The client gives up by itself only where it was refused: an operator has to see that, not a silent process.
  logger.fatal({ err: error }, 'the connection to nats-server is over');
  process.exit(1);
});
const { RINGBACK_PARTITIONS: partitions, RINGBACK_REPLICAS: replicas } = config;
try {
  await provisionStreams(nc, partitions, replicas, ({ message, remedy }) => logger.warn({ remedy }, message));
} catch (error) {
  if (!(error instanceof LogNotReady)) throw error;
  logger.fatal(error.message);
  process.exit(1);
}
// A cache: without it calls are as safe, and a take-over takes longer.
const snapshots = await JetStreamSnapshots.open(nc, replicas).catch((error: unknown) =>
  logger.warn({ err: error }, 'no snapshots: every take-over replays the whole log'),
);
const bus = new NatsBus(nc, busFaults(logger, registry));
const worker = new CallsWorker(
  {
    log: await JetStreamLog.open(nc),
    snapshots: snapshots ?? undefined,
    bus,
    clock: systemClock,
    logger,
    metrics: makeOwnerMetrics(registry),
    codeVersion,
    tap: config.RINGBACK_TAP === 'on',
    ...(config.RINGBACK_CALL_ACTIONS_PER_SECOND === undefined
      ? {}
      : { callActionsPerSecond: config.RINGBACK_CALL_ACTIONS_PER_SECOND }),
  },
  systemIds,
  config.RINGBACK_WORKER_ID,
);

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
  await worker.stop();
  await nc.drain();
});
await worker.run(partitions);
