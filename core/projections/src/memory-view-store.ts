import type { CallEvent } from '@ringback/schemas';
import type { Row } from './projection.ts';
import {
  startPosition,
  UnfitData,
  ViewGone,
  viewName,
  viewNameOf,
  type Build,
  type Change,
  type Position,
  type StoredCall,
  type TableRow,
  type View,
  type ViewStore,
  type ViewTransaction,
} from './view-store.ts';

/** State and events are JSON, as in Postgres: what is read is nobody else's. */
interface Copy {
  readonly build: Build;
  readonly positions: ReadonlyMap<number, Position>;
  readonly calls: ReadonlyMap<string, string>;
  /** By call: by sequence. */
  readonly waiting: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** By table, call and key. */
  readonly rows: ReadonlyMap<string, StoredRow>;
}
type StoredRow = { readonly table: string; readonly callId: string; readonly row: Row };
/** Never changed: who changes something puts another one in its place. */
type Copies = ReadonlyMap<string, Copy>;

/** The in-memory twin of the views in Postgres: same contract, one transaction after another. For tests and simulation. */
export class MemoryViewStore implements ViewStore {
  #copies: Copies;
  #last: Promise<unknown> = Promise.resolve();
  /** Called before a transaction's changes count; what it throws loses them. */
  beforeCommit: () => void | Promise<void> = () => {};

  /** @param views are there, and read from, without having been made. */
  constructor(views: readonly View[] = []) {
    this.#copies = new Map(views.map((view) => [viewName(view), emptyCopy(view, true)]));
  }

  async prepare(): Promise<void> {}

  transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(async () => {
      const trx = new MemoryTransaction(this.#copies);
      const done = await work(trx);
      await this.beforeCommit();
      this.#copies = trx.copies;
      return done;
    });
    this.#last = run.catch(() => {});
    return run;
  }

  /** All rows of a view, in the order of their keys. */
  rows(view: View): StoredRow[] {
    const copy = this.#copies.get(viewName(view));
    return [...(copy?.rows ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  positionOf(view: View, partition: number): Position {
    return this.#copies.get(viewName(view))?.positions.get(partition) ?? startPosition;
  }

  /** The calls that are parked in a view. */
  parked(view: View): string[] {
    const calls = [...(this.#copies.get(viewName(view))?.calls ?? [])];
    return calls.flatMap(([id, text]) => (callOf(text).parked === undefined ? [] : [id]));
  }
}

class MemoryTransaction implements ViewTransaction {
  copies: Copies;

  constructor(copies: Copies) {
    this.copies = copies;
  }

  async position(view: View, partition: number): Promise<Position> {
    return this.#of(view).positions.get(partition) ?? startPosition;
  }

  async positions(view: View): Promise<Map<number, Position>> {
    return new Map(this.#of(view).positions);
  }

  async load(view: View, callIds: readonly string[]): Promise<Map<string, StoredCall>> {
    const { calls } = this.#of(view);
    return new Map(callIds.flatMap((id) => (calls.has(id) ? [[id, callOf(calls.get(id)!)] as const] : [])));
  }

  async save(view: View, changes: readonly Change[]): Promise<void> {
    const copy = this.#of(view);
    const [calls, rows, waiting] = [new Map(copy.calls), new Map(copy.rows), new Map(copy.waiting)];
    for (const { callId, after, upserts, deletes, waiting: events } of changes) {
      for (const one of deletes) rows.delete(keyOf(view, callId, one));
      for (const { table, row } of upserts)
        rows.set(keyOf(view, callId, { table, row }), { table, callId, row: fit(row) });
      calls.set(callId, JSON.stringify(after));
      const texts = events.map((event) => [event.sequence, JSON.stringify(event)] as const);
      if (texts.length > 0) waiting.set(callId, new Map([...(waiting.get(callId) ?? []), ...texts]));
    }
    this.#put(view, { ...copy, calls, rows, waiting });
  }

  async attempt(work: () => Promise<void>): Promise<void> {
    const before = this.copies;
    try {
      await work();
    } catch (error) {
      this.copies = before;
      throw error;
    }
  }

  async move(view: View, partition: number, position: Position): Promise<void> {
    const copy = this.#of(view);
    this.#put(view, { ...copy, positions: new Map(copy.positions).set(partition, position) });
  }

  async reset(view: View, partition: number): Promise<void> {
    const { build, positions, calls, waiting, rows } = this.#of(view);
    const isElsewhere = (callId: string) => Number(callId.slice(0, 2)) !== partition;
    this.#put(view, {
      build,
      positions: filtered(positions, (of) => of !== partition),
      calls: filtered(calls, isElsewhere),
      waiting: filtered(waiting, isElsewhere),
      rows: filtered(rows, (_, { callId }) => isElsewhere(callId)),
    });
  }

  async waiting(view: View, callId: string): Promise<CallEvent[]> {
    const texts = [...(this.#of(view).waiting.get(callId) ?? [])].sort(([a], [b]) => a - b);
    return texts.map(([, text]) => JSON.parse(text) as CallEvent);
  }

  async forget(view: View, callId: string, before: number): Promise<void> {
    const copy = this.#of(view);
    const left = filtered(copy.waiting.get(callId) ?? new Map<number, string>(), (seq) => seq >= before);
    this.#put(view, { ...copy, waiting: new Map(copy.waiting).set(callId, left) });
  }

  async builds(): Promise<Build[]> {
    const order = (a: Build, b: Build) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version || a.build - b.build;
    return [...this.copies.values()].map(({ build }) => build).sort(order);
  }

  async make(view: View, live: boolean): Promise<void> {
    this.#put(view, emptyCopy(view, live));
  }

  async drop(build: Build): Promise<void> {
    this.copies = filtered(this.copies, (name) => name !== viewNameOf(build));
  }

  async setLive(view: View): Promise<void> {
    const copy = this.#of(view);
    this.#put(view, { ...copy, build: { ...copy.build, live: true } });
  }

  #of(view: View): Copy {
    const copy = this.copies.get(viewName(view));
    if (copy === undefined) throw new ViewGone(`${viewName(view)} is not there`);
    return copy;
  }

  #put(view: View, copy: Copy): void {
    this.copies = new Map(this.copies).set(viewName(view), copy);
  }
}

function emptyCopy({ projection: { name, version }, build }: View, live: boolean): Copy {
  const nothing = { positions: new Map(), calls: new Map(), waiting: new Map(), rows: new Map() };
  return { build: { name, version, build, live }, ...nothing };
}

function callOf(text: string): StoredCall {
  return JSON.parse(text) as StoredCall;
}

function keyOf({ projection }: View, callId: string, { table, row }: TableRow): string {
  const { key } = projection.tables.find(({ name }) => name === table)!;
  return JSON.stringify([table, callId, ...key.map((column) => row[column])]);
}

/** What PostgreSQL's `text` can not hold. @throws UnfitData */
function fit(row: Row): Row {
  for (const cell of Object.values(row))
    if (typeof cell === 'string' && cell.includes('\u0000')) throw new UnfitData('a zero byte in text');
  return row;
}

function filtered<K, V>(map: ReadonlyMap<K, V>, keep: (key: K, value: V) => boolean): Map<K, V> {
  return new Map([...map].filter(([key, value]) => keep(key, value)));
}
