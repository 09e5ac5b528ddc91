import { describeSnapshotStore } from './contract/snapshot-store.contract.ts';
import { MemorySnapshots } from './memory-snapshots.ts';

describeSnapshotStore('memory', async () => {
  const store = new MemorySnapshots();
  return { store, damage: async (partition) => store.damage(partition), close: async () => {} };
});
