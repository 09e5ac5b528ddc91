import type { CallEvent } from '@ringback/schemas';
import { partitionName } from '@ringback/schemas';
import { sql } from 'kysely';
import { migrate } from './migrations.ts';
import { sqlStateOf, tableRef, type Database, type Trx } from './postgres.ts';
import { book, listBuilds, positionsOf } from './postgres-reads.ts';
import { createView, deleteRows, dropView, upsertRows } from './view-tables.ts';
import {
  startPosition,
  UnfitData,
  ViewGone,
  viewName,
  viewNameOf,
  type Build,
  type Change,
  type Parked,
  type Position,
  type StoredCall,
  type TableRow,
  type View,
  type ViewStore,
  type ViewTransaction,
} from './view-store.ts';

interface StateRow {
  call_id: string;
  seq: number;
  state: string;
  parked: string | null;
}

/** Views in Postgres: each build of each version in a schema of its own. */
export class PostgresViewStore implements ViewStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  prepare(): Promise<void> {
    return migrate(this.#db);
  }

  async transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute((trx) => work(viewTransaction(trx)));
    } catch (error) {
      // 42P01, 3F000: no such table, no such schema.
      if (!['42P01', '3F000'].includes(sqlStateOf(error) ?? '')) throw error;
      throw new ViewGone(String(error), { cause: error });
    }
  }
}

/** Of an open transaction in Postgres. */
export function viewTransaction(trx: Trx): ViewTransaction {
  return {
    position: (view, partition) => lockPosition(trx, view, partition),
    load: (view, callIds) => load(trx, view, callIds),
    save: (view, changes) => unfit(() => save(trx, view, changes)),
    async attempt(work) {
      await sql`savepoint attempt`.execute(trx);
      try {
        await work();
      } catch (error) {
        await sql`rollback to savepoint attempt`.execute(trx);
        throw error;
      } finally {
        await sql`release savepoint attempt`.execute(trx);
      }
    },
    async move(view, partition, position) {
      const row = { partition, ...position };
      const columns = { partition: 'integer', position: 'bigint', time: 'bigint', hash: 'text' };
      await upsertRows(trx, viewName(view), 'position', columns, ['partition'], [row]);
    },
    reset: (view, partition) => reset(trx, view, partition),
    positions: ({ projection: { name, version }, build }) => positionsOf(trx, { name, version, build }),
    waiting: (view, callId) => waiting(trx, view, callId),
    async forget(view, callId, before) {
      const max = Math.min(before, 2 ** 31 - 1);
      await sql`delete from ${tableRef(viewName(view), 'parked_events')}
        where call_id = ${callId} and seq < ${max}`.execute(trx);
    },
    async builds() {
      await sql`lock table ${book} in share row exclusive mode`.execute(trx);
      return listBuilds(trx);
    },
    async make(view, live) {
      await createView(trx, view);
      const { name, version } = view.projection;
      await sql`insert into ${book} (name, version, build, live)
        values (${name}, ${version}, ${view.build}, ${live})`.execute(trx);
    },
    async drop(build) {
      await dropView(trx, viewNameOf(build));
      await sql`delete from ${book} where ${inBook(build)}`.execute(trx);
    },
    async setLive({ projection: { name, version }, build }) {
      await sql`update ${book} set live = true where ${inBook({ name, version, build })}`.execute(trx);
    },
  };
}

function inBook({ name, version, build }: Omit<Build, 'live'>) {
  return sql`name = ${name} and version = ${version} and build = ${build}`;
}

async function lockPosition(trx: Trx, view: View, partition: number): Promise<Position> {
  const table = tableRef(viewName(view), 'position');
  const look = async () =>
    (
      await sql<Position>`select position, time, hash from ${table} where partition = ${partition} for update`.execute(
        trx,
      )
    ).rows[0];
  const found = await look();
  if (found !== undefined) return found;
  const { position, time, hash } = startPosition;
  // There has to be a row to be locked, also before the first commit.
  await sql`insert into ${table} values (${partition}, ${position}, ${time}, ${hash}) on conflict do nothing`.execute(
    trx,
  );
  return (await look())!;
}

async function load(trx: Trx, view: View, callIds: readonly string[]): Promise<Map<string, StoredCall>> {
  const { rows } = await sql<StateRow>`select call_id, seq, state, parked
    from ${tableRef(viewName(view), 'call_state')} where call_id = any(${callIds})`.execute(trx);
  return new Map(rows.map((row) => [row.call_id, callOf(row)]));
}

function callOf({ seq, state, parked }: Omit<StateRow, 'call_id'>): StoredCall {
  const call = { seq, state: JSON.parse(state) as unknown };
  return parked === null ? call : { ...call, parked: JSON.parse(parked) as Parked };
}

async function save(trx: Trx, view: View, changes: readonly Change[]): Promise<void> {
  const schema = viewName(view);
  for (const { name, columns, key } of view.projection.tables) {
    const types = { call_id: 'text', ...columns };
    const whole = ['call_id', ...key];
    const keyTypes = Object.fromEntries(whole.map((column) => [column, types[column as 'call_id']]));
    await deleteRows(
      trx,
      schema,
      name,
      keyTypes,
      rowsOf(changes, name, ({ deletes }) => deletes),
    );
    await upsertRows(
      trx,
      schema,
      name,
      types,
      whole,
      rowsOf(changes, name, ({ upserts }) => upserts),
    );
  }
  const waiting = changes.flatMap(({ callId, waiting: events }) =>
    events.map((event) => ({ call_id: callId, seq: event.sequence, event: JSON.stringify(event) })),
  );
  const eventColumns = { call_id: 'text', seq: 'integer', event: 'text' };
  await upsertRows(trx, schema, 'parked_events', eventColumns, ['call_id', 'seq'], waiting);
  const states = changes.map(({ callId, after: { seq, state, parked } }) => ({
    call_id: callId,
    seq,
    state: JSON.stringify(state),
    parked: parked === undefined ? null : JSON.stringify(parked),
  }));
  const stateColumns = { call_id: 'text', seq: 'integer', state: 'text', parked: 'text' };
  await upsertRows(trx, schema, 'call_state', stateColumns, ['call_id'], states);
}

function rowsOf(changes: readonly Change[], table: string, pick: (change: Change) => readonly TableRow[]) {
  return changes.flatMap((change) =>
    pick(change)
      .filter((one) => one.table === table)
      .map(({ row }) => ({ call_id: change.callId, ...row })),
  );
}

async function reset(trx: Trx, view: View, partition: number): Promise<void> {
  const schema = viewName(view);
  const names = ['call_state', 'parked_events', ...view.projection.tables.map(({ name }) => name)];
  for (const name of names)
    await sql`delete from ${tableRef(schema, name)} where call_id like ${`${partitionName(partition)}-%`}`.execute(
      trx,
    );
  await sql`delete from ${tableRef(schema, 'position')} where partition = ${partition}`.execute(trx);
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity): the data is at fault, whoever sends it and whenever. */
async function unfit(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!/^2[23]/.test(sqlStateOf(error) ?? '')) throw error;
    throw new UnfitData(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function waiting(trx: Trx, view: View, callId: string): Promise<CallEvent[]> {
  const { rows } = await sql<{ event: string }>`select event from ${tableRef(viewName(view), 'parked_events')}
    where call_id = ${callId} order by seq`.execute(trx);
  return rows.map(({ event }) => JSON.parse(event) as CallEvent);
}
