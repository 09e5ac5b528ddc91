import type { Snapshot, SnapshotKey, SnapshotMeta, SnapshotStore } from './snapshot-store.ts';
import { sha256 } from './state-hash.ts';

/** The in-memory twin of the store of snapshots: same contract, damage on demand. For tests and simulation. */
export class MemorySnapshots implements SnapshotStore {
  readonly #kept = new Map<number, { meta: SnapshotMeta; bytes: Buffer; hash: string }[]>();
  #saving: Promise<unknown> = Promise.resolve();

  save(partition: number, meta: SnapshotMeta, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    const saved = this.#saving.then(async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(Uint8Array.from(piece));
      const all = Buffer.concat(pieces);
      const before = this.#kept.get(partition)?.slice(0, 1) ?? [];
      this.#kept.set(partition, [{ meta, bytes: all, hash: sha256(all) }, ...before]);
      return all.length;
    });
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async newest(partition: number, key: SnapshotKey): Promise<Snapshot | undefined> {
    const found = this.#kept
      .get(partition)
      ?.find(({ meta }) => meta.codeVersion === key.codeVersion && meta.stateFormat === key.stateFormat);
    if (found === undefined) return undefined;
    return { meta: found.meta, bytes: checked(found.bytes, found.hash) };
  }

  /** What a disk may do to the newest one. */
  damage(partition: number): void {
    const { bytes } = this.#kept.get(partition)![0]!;
    bytes[bytes.length >> 1]! ^= 1;
  }
}

async function* checked(bytes: Buffer, hash: string): AsyncIterable<Uint8Array> {
  // In two pieces, as from a wire: nobody may take a piece for a line.
  yield bytes.subarray(0, bytes.length >> 1);
  yield bytes.subarray(bytes.length >> 1);
  if (sha256(bytes) !== hash) throw new Error('the snapshot is damaged');
}
