import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Objm, type ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats } from '@ringback/runtime';
import { buckets, partitionName, streams, subjects } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { all, describeSnapshotStore } from './contract/snapshot-store.contract.ts';
import { JetStreamSnapshots } from './jetstream-snapshots.ts';
import { limits } from './limits.ts';

const key = { codeVersion: '1.0.0', stateFormat: 1 };
const at = (position: number) => ({ ...key, position });
async function* bytes(count: number): AsyncIterable<Uint8Array> {
  for (let i = 0; i < count; i++) yield crypto.getRandomValues(new Uint8Array(64 * 1024));
}

/** Parts of the object that was written last for this partition, by subject. */
async function newestParts(objects: ObjectStore, partition: number): Promise<string> {
  const infos = await Promise.all(['a', 'b'].map((s) => objects.info(`${partitionName(partition)}-${s}`)));
  const [newest] = infos.filter((info) => info !== null).sort((a, b) => b.revision - a.revision);
  return subjects.snapshotParts(newest!.nuid);
}

describe.each([1, 3] as const)('R%i', (replicas) => {
  describeSnapshotStore(`JetStream R${replicas}`, async () => {
    const cluster = await NatsCluster.start(replicas);
    const nc = await connectNats(cluster.address('snapshots'));
    const store = await JetStreamSnapshots.open(nc, replicas);
    const objects = await new Objm(nc).open(buckets.snapshots);
    const manager = await jetstreamManager(nc);
    return {
      store,
      damage: async (partition) => {
        const parts = await newestParts(objects, partition);
        const last = await manager.streams.getMessage(streams.snapshots, { last_by_subj: parts });
        await manager.streams.deleteMessage(streams.snapshots, last!.seq);
      },
      close: async () => {
        await nc.close();
        await cluster.stop();
      },
    };
  });
});

describe('JetStream: what only a real object store can do', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let manager: JetStreamManager;
  let store: JetStreamSnapshots;
  const parts = async () => {
    const { state } = await manager.streams.info(streams.snapshots, {
      subjects_filter: subjects.snapshotParts('*'),
    });
    return Object.keys(state.subjects ?? {}).sort();
  };

  beforeAll(async () => {
    server = await NatsServer.start();
    nc = await connectNats(server.address('snapshots'));
    store = await JetStreamSnapshots.open(nc, 1);
    manager = await jetstreamManager(nc);
  });
  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  it('holds two of a partition, within a bound, and is opened as it is', async () => {
    for (let n = 1; n <= 5; n++) await store.save(0, at(n), bytes(3));
    expect(await parts()).toHaveLength(2);
    const again = await JetStreamSnapshots.open(nc, 1);
    expect((await again.newest(0, key))?.meta).toEqual(at(5));
    const { config } = await manager.streams.info(streams.snapshots);
    expect(config).toMatchObject({ storage: 'file', max_bytes: limits.snapshotsBytesMax, num_replicas: 1 });
  });

  it('reads none for ever whose parts are all gone', async () => {
    await store.save(1, at(1), bytes(3));
    const objects = await new Objm(nc).open(buckets.snapshots);
    await manager.streams.purge(streams.snapshots, { filter: await newestParts(objects, 1) });
    const found = await store.newest(1, key);
    await expect(all(found!.bytes)).rejects.toThrow(/nothing of the snapshot/);
  });

  it('is kept over kill -9 of nats-server', async () => {
    await store.save(2, at(2), bytes(3));
    await server.kill();
    await server.restart();
    await waitFor(() => nc.rtt().catch(() => false as const), 'the connection to be back');
    expect((await all((await store.newest(2, key))!.bytes)).length).toBe(3 * 64 * 1024);
  });

  it('refuses what is too large and leaves nothing of it behind', async () => {
    const before = await parts();
    const tooMany = Math.ceil(limits.snapshotBytesMax / (64 * 1024)) + 1;
    await expect(store.save(3, at(3), bytes(tooMany))).rejects.toThrow(RangeError);
    expect(await store.newest(3, key)).toBeUndefined();
    expect(await parts()).toEqual(before);
  });

  it("does away with what a death left behind, and not with another worker's save", async () => {
    const left = subjects.snapshotParts('LEFT');
    await nc.request(left, 'part');
    await store.save(4, at(1), bytes(1));
    expect(await parts()).toContain(left);
    // A server's clock can not be moved on; the limit can be moved back.
    const movable = limits as { snapshotOrphanMs: number };
    const { snapshotOrphanMs } = limits;
    movable.snapshotOrphanMs = 0;
    try {
      await store.save(4, at(2), bytes(1));
    } finally {
      movable.snapshotOrphanMs = snapshotOrphanMs;
    }
    expect(await parts()).not.toContain(left);
    expect((await all((await store.newest(4, key))!.bytes)).length).toBe(64 * 1024);
  });
});
