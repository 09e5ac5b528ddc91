import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats, type NatsAddress } from '@ringback/runtime';
import { JetStreamLog } from './jetstream-log.ts';

/** A log with a connection of its own, for those that do nothing else. */
export async function connectLog(
  address: NatsAddress,
): Promise<{ log: JetStreamLog; nc: NatsConnection; close(): Promise<void> }> {
  const nc = await connectNats(address);
  return { log: await JetStreamLog.open(nc), nc, close: () => nc.close() };
}
