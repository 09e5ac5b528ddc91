import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats, type NatsAddress } from '@ringback/runtime';
import { streams } from '@ringback/schemas';
import { JetStreamLog } from './jetstream-log.ts';

/** A log with a connection of its own, for those that do nothing else. */
export async function connectLog(
  address: NatsAddress,
): Promise<{ log: JetStreamLog; nc: NatsConnection; close(): Promise<void> }> {
  const nc = await connectNats(address);
  return { log: await JetStreamLog.open(nc), nc, close: () => nc.close() };
}

/** Asks for the last position of a partition; 0 where it is empty. */
export async function logHeads(nc: NatsConnection): Promise<(partition: number) => Promise<number>> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  return async (partition) => (await manager.streams.info(streams.events(partition))).state.last_seq;
}
