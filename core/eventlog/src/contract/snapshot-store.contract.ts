import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot, SnapshotStore } from '../snapshot-store.ts';

export interface SnapshotHarness {
  readonly store: SnapshotStore;
  /** What a disk may do to the newest one of a partition. */
  damage(partition: number): Promise<void>;
  close(): Promise<void>;
}

const key = { codeVersion: '1.0.0', stateFormat: 1 };
const at = (position: number, more: Partial<typeof key> = {}) => ({ ...key, ...more, position });

/** Pieces that are neither of one size nor all alike when compressed. */
async function* pieces(seed: number, count = 40): AsyncIterable<Uint8Array> {
  let x = seed;
  for (let i = 0; i < count; i++)
    yield Uint8Array.from({ length: 1_000 * (i % 17) }, () => (x = (Math.imul(x, 1_664_525) + 1) | 0) >>> 24);
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield* pieces(1);
  throw new Error('the source broke');
}

export async function all(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of bytes) found.push(piece);
  return Buffer.concat(found);
}

const contentOf = (snapshot: Snapshot | undefined) => all(snapshot!.bytes);

/** What every store of snapshots must do. Run on JetStream and on its in-memory twin. */
export function describeSnapshotStore(name: string, open: () => Promise<SnapshotHarness>): void {
  describe(`${name}: the contract of a store of snapshots`, () => {
    let harness: SnapshotHarness;
    let store: SnapshotStore;
    let nextPartition = 0;
    /** Each test has a partition to itself. */
    const partition = () => nextPartition++;

    beforeAll(async () => {
      harness = await open();
      ({ store } = harness);
    });
    afterAll(() => harness.close());

    it('has none where none was saved', async () => {
      expect(await store.newest(partition(), key)).toBeUndefined();
    });

    it('gives back what was saved, byte for byte', async () => {
      const p = partition();
      expect(await store.save(p, at(7), pieces(1))).toBeGreaterThan(0);
      const found = await store.newest(p, key);
      expect(found?.meta).toEqual(at(7));
      expect(await contentOf(found)).toEqual(await all(pieces(1)));
      expect(await store.newest(partition(), key)).toBeUndefined();
    });

    it('gives the one that was saved last, though it may stand earlier in a log that began anew', async () => {
      const p = partition();
      for (const position of [10, 20, 30, 5]) await store.save(p, at(position), pieces(position));
      const found = await store.newest(p, key);
      expect(found?.meta.position).toBe(5);
      expect(await contentOf(found)).toEqual(await all(pieces(5)));
    });

    it("never gives another code's, and keeps the one before for it", async () => {
      const p = partition();
      await store.save(p, at(1), pieces(1));
      await store.save(p, at(2, { codeVersion: '1.0.1' }), pieces(2));
      expect((await store.newest(p, key))?.meta.position).toBe(1);
      expect((await store.newest(p, { ...key, codeVersion: '1.0.1' }))?.meta.position).toBe(2);
      expect(await store.newest(p, { ...key, stateFormat: 2 })).toBeUndefined();
      await store.save(p, at(3, { stateFormat: 2 }), pieces(3));
      expect(await store.newest(p, key)).toBeUndefined();
    });

    it('throws while a damaged one is read', async () => {
      const p = partition();
      await store.save(p, at(1), pieces(1));
      await harness.damage(p);
      const found = await store.newest(p, key);
      await expect(contentOf(found)).rejects.toThrow();
    });

    it('keeps what there was where a save fails, and takes the next', async () => {
      const p = partition();
      await store.save(p, at(1), pieces(1));
      await expect(store.save(p, at(2), broken())).rejects.toThrow('the source broke');
      expect(await contentOf(await store.newest(p, key))).toEqual(await all(pieces(1)));
      await store.save(p, at(3), pieces(3));
      expect((await store.newest(p, key))?.meta.position).toBe(3);
    });

    it('saves one at a time', async () => {
      let running = 0;
      let most = 0;
      const watched = async function* (seed: number) {
        most = Math.max(most, ++running);
        yield* pieces(seed, 5);
        running -= 1;
      };
      await Promise.all([1, 2, 3].map((n) => store.save(partition(), at(n), watched(n))));
      expect(most).toBe(1);
    });
  });
}
