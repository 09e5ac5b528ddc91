import type { CallEvent } from '@ringback/schemas';
import {
  startPosition,
  viewName,
  type Change,
  type Position,
  type StoredCall,
  type View,
  type ViewStore,
  type ViewTransaction,
} from './view-store.ts';
import type { Row } from './projection.ts';

interface Copy {
  positions: Map<number, Position>;
  calls: Map<string, StoredCall>;
  waiting: Map<string, CallEvent[]>;
  /** By table, call and key. */
  rows: Map<string, { table: string; callId: string; row: Row }>;
}

/** The in-memory twin of the views in Postgres: same contract, one transaction after another. For tests and simulation. */
export class MemoryViewStore implements ViewStore {
  #copies = new Map<string, Copy>();
  #last: Promise<unknown> = Promise.resolve();
  /** Called before a transaction's changes count; what it throws loses them. */
  beforeCommit: () => void | Promise<void> = () => {};

  transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(async () => {
      const copies = structuredClone(this.#copies);
      const done = await work(transactionOn(copies));
      await this.beforeCommit();
      this.#copies = copies;
      return done;
    });
    this.#last = run.catch(() => {});
    return run;
  }

  /** All rows of a view, in the order of their keys. */
  rows(view: View): { table: string; callId: string; row: Row }[] {
    const copy = this.#copies.get(viewName(view));
    return [...(copy?.rows ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}

function transactionOn(copies: Map<string, Copy>): ViewTransaction {
  const of = (view: View): Copy => {
    const name = viewName(view);
    let copy = copies.get(name);
    if (copy === undefined)
      copies.set(
        name,
        (copy = { positions: new Map(), calls: new Map(), waiting: new Map(), rows: new Map() }),
      );
    return copy;
  };
  const keyOf = (view: View, table: string, callId: string, row: Row) => {
    const { key } = view.projection.tables.find(({ name }) => name === table)!;
    return JSON.stringify([table, callId, ...key.map((column) => row[column])]);
  };
  const save = (view: View, { callId, after, upserts, deletes, waiting }: Change) => {
    const { calls, rows, waiting: beside } = of(view);
    for (const { table, row } of deletes) rows.delete(keyOf(view, table, callId, row));
    for (const { table, row } of upserts) rows.set(keyOf(view, table, callId, row), { table, callId, row });
    calls.set(callId, after);
    if (waiting.length > 0) beside.set(callId, [...(beside.get(callId) ?? []), ...waiting]);
  };
  return {
    position: async (view, partition) => of(view).positions.get(partition) ?? startPosition,
    async load(view, callIds) {
      const { calls } = of(view);
      return new Map(callIds.flatMap((id) => (calls.has(id) ? [[id, calls.get(id)!] as const] : [])));
    },
    async save(view, changes) {
      for (const change of changes) save(view, change);
    },
    // Nothing is unfit for memory, so nothing is ever undone.
    attempt: (work) => work(),
    async move(view, partition, position) {
      of(view).positions.set(partition, position);
    },
    async reset(view, partition) {
      const { positions, calls, waiting, rows } = of(view);
      const isHere = (callId: string) => Number(callId.slice(0, 2)) === partition;
      positions.delete(partition);
      for (const id of [...calls.keys()].filter(isHere)) calls.delete(id);
      for (const id of [...waiting.keys()].filter(isHere)) waiting.delete(id);
      for (const [key, { callId }] of [...rows]) if (isHere(callId)) rows.delete(key);
    },
  };
}
