import { pipeline, Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { jetstreamManager, type JetStreamManager, type StreamState } from '@nats-io/jetstream';
import { Objm, setSha256Backend, StorageType, type ObjectInfo, type ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { buckets, partitionName, streams, subjects } from '@ringback/schemas';
import { limits } from './limits.ts';
import type { Snapshot, SnapshotKey, SnapshotMeta, SnapshotStore } from './snapshot-store.ts';

/**
 * Snapshots in an object store of JetStream, compressed by zstd; the object store keeps and checks a sha256. Each
 * partition has two names, and the one that was written longer ago is written next. Its old parts go only when the
 * new ones are complete.
 */
export class JetStreamSnapshots implements SnapshotStore {
  readonly #objects: ObjectStore;
  readonly #jsm: JetStreamManager;
  #saving: Promise<unknown> = Promise.resolve();

  private constructor(objects: ObjectStore, jsm: JetStreamManager) {
    this.#objects = objects;
    this.#jsm = jsm;
  }

  /** Makes the object store where there is none. */
  static async open(nc: NatsConnection, replicas: number): Promise<JetStreamSnapshots> {
    // Of the whole process; the other one is JavaScript and takes ten times as long.
    setSha256Backend('native');
    const objects = await new Objm(nc).create(buckets.snapshots, {
      description: 'Snapshots of partitions: a cache that may be deleted at any time.',
      storage: StorageType.File,
      replicas,
      max_bytes: limits.snapshotsBytesMax,
    });
    return new JetStreamSnapshots(objects, await jetstreamManager(nc, { checkAPI: false }));
  }

  save(partition: number, meta: SnapshotMeta, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    const saved = this.#saving.then(() => this.#save(partition, meta, bytes));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #save(partition: number, meta: SnapshotMeta, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    await this.#sweep();
    const [oldest] = (await this.#slots(partition)).sort((a, b) => revisionOf(a) - revisionOf(b));
    const metadata = Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)]));
    const packed = pipeline(Readable.from(bytes), createZstdCompress(), () => {});
    const info = await this.#objects.put({ name: oldest!.name, metadata }, webStream(bounded(packed)));
    return info.size;
  }

  async newest(partition: number, key: SnapshotKey): Promise<Snapshot | undefined> {
    const [newest] = (await this.#slots(partition))
      .filter(({ info }) => {
        const meta = info && metaOf(info);
        return meta?.codeVersion === key.codeVersion && meta.stateFormat === key.stateFormat;
      })
      .sort((a, b) => revisionOf(b) - revisionOf(a));
    if (newest === undefined) return undefined;
    const found = await this.#objects.get(newest.name);
    const meta = found === null ? undefined : metaOf(found.info);
    if (found === null || meta === undefined) return undefined;
    // Its end, good or bad, is that of the data.
    found.error.catch(() => {});
    return { meta, bytes: unpacked(found.data) };
  }

  #slots(partition: number): Promise<Slot[]> {
    return Promise.all(
      ['a', 'b'].map(async (slot) => {
        const name = `${partitionName(partition)}-${slot}`;
        const info = await this.#objects.info(name);
        return { name, info: info === null || info.deleted ? undefined : info };
      }),
    );
  }

  /** A save that a death cut short leaves parts that nothing points at; in time they would fill the store. */
  async #sweep(): Promise<void> {
    const { last_ts, subjects: parts = {} } = await this.#state(subjects.snapshotParts('*'));
    // Asked for after the parts, so that what was completed meanwhile is among them.
    const { subjects: names = {} } = await this.#state(subjects.snapshotNames);
    const known = new Set<string>();
    for (const name of Object.keys(names)) {
      const info = await this.#jsm.streams.getMessage(streams.snapshots, { last_by_subj: name });
      if (info !== null) known.add(subjects.snapshotParts(info.json<ObjectInfo>().nuid));
    }
    for (const filter of Object.keys(parts)) {
      if (known.has(filter)) continue;
      const last = await this.#jsm.streams.getMessage(streams.snapshots, { last_by_subj: filter });
      // Young ones, by the server's own clock, may be of another worker's save.
      if (last === null || Date.parse(last_ts) - last.time.getTime() < limits.snapshotOrphanMs) continue;
      await this.#jsm.streams.purge(streams.snapshots, { filter });
    }
  }

  async #state(filter: string): Promise<StreamState> {
    return (await this.#jsm.streams.info(streams.snapshots, { subjects_filter: filter })).state;
  }
}

interface Slot {
  readonly name: string;
  readonly info: ObjectInfo | undefined;
}

/** The server's own count: later is larger, whatever clocks and positions say. */
function revisionOf({ info }: Slot): number {
  return info?.revision ?? 0;
}

function metaOf({ metadata }: ObjectInfo): SnapshotMeta | undefined {
  const position = Number(metadata?.['position']);
  const stateFormat = Number(metadata?.['stateFormat']);
  const codeVersion = metadata?.['codeVersion'];
  if (!Number.isInteger(position) || !Number.isInteger(stateFormat) || codeVersion === undefined)
    return undefined;
  return { position, stateFormat, codeVersion };
}

async function* bounded(packed: Readable): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const piece of packed as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > limits.snapshotBytesMax)
      throw new RangeError(`a snapshot of more than ${limits.snapshotBytesMax} bytes is not kept`);
    yield piece;
  }
}

/** What `ReadableStream.from` does; the types of browsers do not have that. */
function webStream(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function* unpacked(data: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* pipeline(Readable.from(whole(data)), createZstdDecompress(), () => {}) as AsyncIterable<Uint8Array>;
}

/** The object store waits for ever for parts that are gone. */
async function* whole(data: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = data.getReader();
  try {
    for (;;) {
      const { promise: stalled, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(new Error(`nothing of the snapshot for ${limits.snapshotStallMs} ms`)),
        limits.snapshotStallMs,
      );
      const { done, value } = await Promise.race([reader.read(), stalled]).finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
