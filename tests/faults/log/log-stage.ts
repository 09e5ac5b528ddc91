import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLog } from '@ringback/eventlog';
import { NatsCluster } from '../../support/nats-cluster.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { Load } from './load.ts';
import { WorkerProcess } from './worker-process.ts';

/** Two are enough to have leaders on two servers, and few enough that each commit is shared by many. */
export const partitions = 2;

/** Commands under way: each call has one. As many as make one commit worth its fsync. */
const links = 4;
const callsPerLink = 32;

/** A log of one or three servers, a calls worker at it, and gateways that keep it busy. */
export interface LogStage {
  readonly cluster: NatsCluster;
  readonly on: Awaited<ReturnType<typeof connectLog>>;
  readonly worker: WorkerProcess;
  /** A second one, which stands by; where it was asked for. */
  readonly standby: WorkerProcess | undefined;
  /** The first worker's only ways to the servers, one each. */
  readonly wires: readonly TcpProxy[];
  readonly load: Load;
  /** What the workers and servers wrote last, for a case that failed. */
  lastWords(): string;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly replicas: 1 | 3;
  readonly standby?: boolean;
  /** Where the servers keep their data; default: temporary folders. */
  readonly folders?: readonly string[];
}

export async function openStage({ replicas, standby, folders }: StageOptions): Promise<LogStage> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-faults-'));
  const cluster = await NatsCluster.start(replicas, folders);
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true }), () => cluster.stop()];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const wires = await Promise.all(cluster.nodes.map(({ port }) => TcpProxy.to(port)));
    closing.push(() => wires.forEach((wire) => wire.close()));
    const logPath = (name: string) => join(folder, `${name}.log`);
    const natsUrl = wires.map(({ port }) => `nats://127.0.0.1:${port}`).join(',');
    const worker = new WorkerProcess({ natsUrl, partitions, replicas, logPath: logPath('worker') });
    closing.push(() => worker.stop());
    const on = await connectLog(cluster.address('judge'));
    closing.push(() => on.close());
    const { name: _, ...address } = { ...cluster.address(''), user: 'edge' };
    const load = new Load({ address, partitions, links, callsPerLink });
    closing.push(() => load.end());
    await load.moreAcks(links * callsPerLink * 4);
    const second = standby
      ? new WorkerProcess({ natsUrl: cluster.url, partitions, replicas, logPath: logPath('standby') })
      : undefined;
    if (second !== undefined) closing.push(() => second.stop());
    const paths = [logPath('worker'), ...cluster.nodes.map((node) => node.logPath)];
    const lastWords = () =>
      paths.map((path) => `${path}:\n${readFileSync(path, 'utf8').slice(-3_000)}`).join('\n');
    return { cluster, on, worker, standby: second, wires, load, lastWords, close };
  } catch (error) {
    await close();
    throw error;
  }
}
