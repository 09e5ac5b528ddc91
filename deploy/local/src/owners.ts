// Which calls worker owns which partition, as the owners themselves say.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { partitionName, subjects, workerOf, type HeadMessage } from '@ringback/schemas';
import type { Secrets } from './home.ts';
import { limits } from './limits.ts';

/**
 * Listens for a little longer than a second, within which every owner says once that it is there.
 *
 * @returns partitions by worker, for example `{ 'calls-1': ['00', '02'] }`.
 * @throws where nats-server does not answer or does not know us.
 */
export async function listenForOwners(natsUrl: string, home: string): Promise<Record<string, string[]>> {
  const secrets = JSON.parse(readFileSync(resolve(home, 'secrets.json'), 'utf8')) as Secrets;
  const nc = await connect({
    servers: natsUrl.split(','),
    user: 'viewer',
    pass: secrets.nats.viewer,
    timeout: limits.probeMs,
    reconnect: false,
  });
  const heard = new Map<number, HeadMessage>();
  nc.subscribe(subjects.allHeads, {
    callback: (error, message) => {
      if (error) return;
      const head = message.json<HeadMessage>();
      // Of two that say so, the later claim holds.
      if (head.epoch >= (heard.get(head.partition)?.epoch ?? 0)) heard.set(head.partition, head);
    },
  });
  await new Promise((done) => setTimeout(done, limits.headsHeardMs));
  await nc.close();
  const workers: Record<string, string[]> = {};
  for (const [partition, { owner }] of [...heard].sort(([a], [b]) => a - b))
    (workers[workerOf(owner)] ??= []).push(partitionName(partition));
  return workers;
}
