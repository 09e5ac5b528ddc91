import {
  DiscardPolicy,
  jetstreamManager,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { streams, subjects } from '@ringback/schemas';
import { limits } from './limits.ts';

/**
 * Makes the streams that are missing; leaves those that are there. Facts have no age limit: they go when
 * they are archived. A full disk refuses new facts (`discard: new`) instead of dropping old ones.
 */
export async function provisionStreams(
  nc: NatsConnection,
  partitions: number,
  replicas: number,
): Promise<void> {
  const manager = await jetstreamManager(nc);
  const names = new Set<string>();
  for await (const name of manager.streams.names()) names.add(name);
  const wanted: (Partial<StreamConfig> & { name: string; subjects: string[] })[] = [
    ...Array.from({ length: partitions }, (_, partition) => ({
      name: streams.events(partition),
      subjects: [subjects.events(partition)],
      discard: DiscardPolicy.New,
      duplicate_window: limits.duplicateWindowNs,
    })),
    {
      name: streams.telemetry,
      subjects: ['tel.*'],
      discard: DiscardPolicy.Old,
      max_age: limits.telemetryAgeNs,
      max_bytes: limits.telemetryBytesMax,
      // Not a fact: kill -9 of a single nats-server may lose its last moments (a cluster has copies instead).
      ...(replicas === 1 ? { persist_mode: PersistMode.Async } : {}),
    },
  ];
  for (const config of wanted) {
    if (names.has(config.name)) continue;
    await manager.streams.add({
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      num_replicas: replicas,
      ...config,
    });
  }
}
