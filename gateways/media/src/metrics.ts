import { Counter, Gauge, type Registry } from '@ringback/runtime';
import type { WorkerPool } from './worker-pool.ts';

/** Figures of one Call Server; those that are kept elsewhere are read there whenever somebody asks. */
export function makeMediaMetrics(registry: Registry, pool: () => WorkerPool, calls: () => number) {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const sum = (kind: 'routers' | 'transports' | 'producers' | 'consumers') =>
    pool().workers.reduce((total, { counts }) => total + counts[kind], 0);
  gauge('ringback_media_calls', 'Calls that run through this Call Server.', calls);
  gauge('ringback_media_workers', 'mediasoup workers that live.', () => pool().workers.length);
  gauge('ringback_media_transports', 'Transports.', () => sum('transports'));
  gauge('ringback_media_producers', 'Producers.', () => sum('producers'));
  gauge('ringback_media_consumers', 'Consumers.', () => sum('consumers'));
  gauge('ringback_media_load', 'Share of the capacity in use, 0 to 1.', () => pool().load() ?? 1);
  return {
    workerDeaths: new Counter({
      name: 'ringback_media_worker_deaths_total',
      help: 'mediasoup workers that died.',
      registers,
    }),
    refused: new Counter({
      name: 'ringback_media_refused_producers_total',
      help: 'Tracks that mediasoup did not take.',
      registers,
    }),
  };
}
export type MediaMetrics = ReturnType<typeof makeMediaMetrics>;
