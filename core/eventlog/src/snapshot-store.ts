/** Whose code can go on from a snapshot: the very one that wrote it. */
export interface SnapshotKey {
  readonly codeVersion: string;
  /** Number of the form that states are folded to and written in, for changes within one version of the code. */
  readonly stateFormat: number;
}

export interface SnapshotMeta extends SnapshotKey {
  /** Of the last commit that is in it. */
  readonly position: number;
}

export interface Snapshot {
  readonly meta: SnapshotMeta;
  /** As they were saved, in other pieces. Throws where they are damaged or incomplete, at the latest at the end. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Snapshots of partitions: a cache, and never the truth. Whatever is missing, damaged or made by other code is as if
 * there were none, and all of it may be thrown away at any time.
 */
export interface SnapshotStore {
  /**
   * Keeps it and the one saved before it of this partition. One at a time: another save waits, and takes no bytes
   * until then.
   *
   * @returns its size as stored, in bytes.
   * @throws what `bytes` throws, or where the store can not take it; what was there before is still there then.
   */
  save(partition: number, meta: SnapshotMeta, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** The one saved last by this code, if any. */
  newest(partition: number, key: SnapshotKey): Promise<Snapshot | undefined>;
}
