// The processes of one machine: which, with what, in which order.

import { join } from 'node:path';
import { mediasoupWorkerPath, natsServerPath } from '@ringback/runtime/native-parts';
import { SetupError } from '../bootstrap/remedies.mjs';
import { writePrivate, type RunFile, type Secrets } from './home.ts';
import { limits } from './limits.ts';
import { mediaGatewayId, natsConfig, natsPidFile } from './nats-config.ts';
import { countFromEnv, freePort, holdPort, portFromEnv, requireFreePort } from './ports.ts';
import { postgresUrl } from './postgres/socket-folder.ts';
import { webDist } from './setup/web-app.ts';
import type { ChildSpec } from './supervise/child.ts';
import { endLeftOver } from './supervise/left-over.ts';
import { planTurn } from './plan-turn.ts';

export interface Platform {
  url: string;
  natsUrl: string;
  ports: RunFile['ports'];
  /** nats-server, where it is ours; it has to answer before the others start, and ends after them. */
  bus: ChildSpec | undefined;
  /** Started together, in any order. */
  others: ChildSpec[];
  /** The Call Server, where its mediasoup worker is still being made: started once it is there. */
  media: ChildSpec | undefined;
}

/** Views: nothing that a call needs, so they do not hold up the start. */
export interface ViewsPlan {
  /** The embedded Postgres, where there is no other. */
  postgres: ChildSpec | undefined;
  worker: ChildSpec;
}

const local = '127.0.0.1';

/** @param watch whether the web app is built again as it is edited */
export async function planPlatform(
  root: string,
  home: string,
  secrets: Secrets,
  { watch }: { watch: boolean },
): Promise<Platform & { views: ViewsPlan }> {
  const edgePort = portFromEnv('PORT', 8080);
  const edgesCount = edgesFromEnv();
  const bus = await planBus(home, secrets);
  const turn = await planTurn(home, secrets);
  const ownPorts = await planEdgePorts(edgePort, edgesCount);
  const ports = {
    edge: edgePort,
    ...(ownPorts.length > 0 && { edges: ownPorts }),
    ...bus.ports,
    ...(turn.ports && { turn: turn.ports }),
  };
  const log = (name: string) => join(home, 'logs', `${name}.log`);
  const common = {
    ...process.env,
    RINGBACK_HOME: home,
    RINGBACK_NATS_URL: bus.natsUrl,
    // A process that died is back sooner: its modules load in about half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(root, 'node_modules/.cache/node-compile'),
  };
  const partitions = String(countFromEnv('RINGBACK_PARTITIONS', 4, 100));
  const replicas = String(countFromEnv('RINGBACK_REPLICAS', 1, 5));
  const callsWorkers = countFromEnv('RINGBACK_CALLS_WORKERS', 1, limits.callsWorkersMax);
  const calls = Array.from({ length: callsWorkers }, (_, i): ChildSpec => {
    const nth = i === 0 ? '' : String(i + 1);
    return {
      name: `calls worker ${nth}`.trimEnd(),
      command: process.execPath,
      args: [join(root, 'workers/calls/src/main.ts')],
      logPath: log(nth === '' ? 'calls' : `calls-${nth}`),
      env: {
        ...common,
        RINGBACK_NATS_USER: 'calls',
        RINGBACK_NATS_PASSWORD: secrets.nats.calls,
        RINGBACK_WORKER_ID: `calls-${i + 1}`,
        // One nats-server works through a stream's messages one after another; four streams is where more stop helping.
        RINGBACK_PARTITIONS: partitions,
        RINGBACK_REPLICAS: replicas,
        METRICS_PORT: '0',
      },
    };
  });
  const edges = Array.from({ length: edgesCount }, (_, i): ChildSpec => {
    const nth = i === 0 ? '' : String(i + 1);
    return {
      name: `edge ${nth}`.trimEnd(),
      command: process.execPath,
      args: [join(root, 'gateways/edge/src/main.ts')],
      logPath: log(nth === '' ? 'edge' : `edge-${nth}`),
      env: {
        ...common,
        ...turn.edgeEnv,
        PORT: String(edgePort),
        RINGBACK_OWN_PORT: String(ownPorts[i] ?? ''),
        RINGBACK_NATS_USER: 'edge',
        RINGBACK_NATS_PASSWORD: secrets.nats.edge,
        RINGBACK_PARTITIONS: partitions,
        RINGBACK_TENANTS: JSON.stringify(secrets.tenants),
        RINGBACK_GATEWAY_ID: `edge-${i + 1}`,
        RINGBACK_WEB_DIST: webDist(root),
      },
    };
  });
  const media: ChildSpec = {
    name: 'media gateway',
    command: process.execPath,
    args: [join(root, 'gateways/media/src/main.ts')],
    logPath: log('media'),
    standBy: true,
    env: {
      ...common,
      RINGBACK_NATS_USER: 'media',
      RINGBACK_NATS_PASSWORD: secrets.nats.media,
      RINGBACK_PARTITIONS: partitions,
      RINGBACK_GATEWAY_ID: mediaGatewayId,
      METRICS_PORT: '0',
    },
  };
  const outside = process.env.RINGBACK_POSTGRES_URL;
  const postgres: ChildSpec = {
    name: 'postgres',
    command: process.execPath,
    args: [join(import.meta.dirname, 'postgres/main.ts')],
    logPath: log('postgres'),
    env: common,
  };
  const views: ChildSpec = {
    name: 'views worker',
    command: process.execPath,
    args: [join(root, 'workers/views/src/main.ts')],
    logPath: log('views'),
    env: {
      ...common,
      RINGBACK_NATS_USER: 'views',
      RINGBACK_NATS_PASSWORD: secrets.nats.views,
      RINGBACK_PARTITIONS: partitions,
      RINGBACK_POSTGRES_URL: outside || postgresUrl(home),
      METRICS_PORT: '0',
    },
  };
  const hasWorker = mediasoupWorkerPath() !== undefined;
  const webWatch: ChildSpec = {
    name: 'web app',
    command: process.execPath,
    args: [join(import.meta.dirname, 'web-watch.ts')],
    env: process.env,
    logPath: log('web'),
  };
  return {
    url: `http://localhost:${edgePort}`,
    natsUrl: bus.natsUrl,
    ports,
    bus: bus.spec,
    others: [...calls, ...edges, ...(hasWorker ? [media] : []), ...turn.specs, ...(watch ? [webWatch] : [])],
    views: { postgres: outside ? undefined : postgres, worker: views },
    media: hasWorker ? undefined : media,
  };
}

/** @throws SetupError where more are asked for than can share a port here. */
function edgesFromEnv(): number {
  const count = countFromEnv('RINGBACK_EDGES', 1, limits.edgesMax);
  if (count === 1 || process.platform === 'linux') return count;
  throw new SetupError(
    `RINGBACK_EDGES is "${count}", and only Linux shares one port out among several processes.`,
    'Leave it out. One gateway serves thousands of people.',
  );
}

/** The port that all gateways share, and where there are several each one's own: those that follow it, so that a proxy's settings can name them. */
async function planEdgePorts(shared: number, count: number): Promise<number[]> {
  await holdPort(shared, 'PORT');
  await requireFreePort(shared, undefined, 'PORT');
  if (count === 1) return [];
  if (shared + count > 65_535)
    throw new SetupError(
      `RINGBACK_EDGES=${count} needs the ${count} ports after PORT, and there are none after 65535.`,
      'Choose a lower one: PORT=8080 npm start.',
    );
  const own = Array.from({ length: count }, (_, i) => shared + 1 + i);
  for (const port of own) {
    await holdPort(port, 'PORT');
    await requireFreePort(port, local, 'PORT');
  }
  return own;
}

async function planBus(home: string, secrets: Secrets) {
  const outside = process.env.RINGBACK_NATS_URL;
  if (outside) return { natsUrl: outside, ports: {}, spec: undefined };
  const command = natsServerPath();
  if (command === undefined) throw new SetupError('nats-server is not there.', 'Run npm run setup.');
  const configPath = join(home, 'nats-server.conf');
  await endLeftOver(natsPidFile(home), configPath);
  const chosen = process.env.RINGBACK_NATS_PORT;
  const wanted = portFromEnv('RINGBACK_NATS_PORT', 4222);
  if (chosen) await requireFreePort(wanted, local, 'RINGBACK_NATS_PORT');
  const nats = chosen ? wanted : await freePort(wanted, local);
  const natsMonitoring = await freePort(8222, local);
  writePrivate(
    configPath,
    natsConfig({ home, port: nats, monitoringPort: natsMonitoring, passwords: secrets.nats }),
  );
  const spec: ChildSpec = {
    name: 'nats-server',
    command,
    args: ['-c', configPath],
    logPath: join(home, 'logs', 'nats-server.log'),
    env: process.env,
  };
  return { natsUrl: `nats://${local}:${nats}`, ports: { nats, natsMonitoring }, spec };
}

/** Whether the address answers 200; undefined where it does not answer. */
export async function healthOf(url: string): Promise<boolean | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limits.probeMs) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return undefined;
  }
}

/** Polls until the address answers 200; false when it did not within the bound. */
export async function answers(
  url: string,
  isOver: () => boolean,
  msMax: number = limits.readyMsMax,
): Promise<boolean> {
  const deadline = performance.now() + msMax;
  while (performance.now() < deadline && !isOver()) {
    if (await healthOf(url)) return true;
    await new Promise((resolve) => setTimeout(resolve, limits.readyPollMs));
  }
  return false;
}
