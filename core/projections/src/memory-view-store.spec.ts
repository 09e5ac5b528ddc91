import { describeViewStore } from './contract/view-store.contract.ts';
import { MemoryViewStore } from './memory-view-store.ts';

describeViewStore(async () => {
  const store = new MemoryViewStore();
  return { store, rows: async (view) => store.rows(view) };
});
