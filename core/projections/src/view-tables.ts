import { sql } from 'kysely';
import type { Table } from './projection.ts';
import { tableRef, type Trx } from './postgres.ts';
import { viewName, type View } from './view-store.ts';

/**
 * A view's tables, in a schema of its own: those of its projection, and what the runner keeps beside them. State
 * and events are text and not jsonb: jsonb refuses U+0000, and nobody looks inside.
 */
export async function createView(trx: Trx, view: View): Promise<void> {
  const schema = viewName(view);
  await sql`create schema ${sql.id(schema)}`.execute(trx);
  await sql`create table ${tableRef(schema, 'position')} (
    partition integer primary key, position bigint not null, time bigint not null, hash text not null
  )`.execute(trx);
  await sql`create table ${tableRef(schema, 'call_state')} (
    call_id text primary key, seq integer not null, state text not null, parked text
  )`.execute(trx);
  await sql`create index on ${tableRef(schema, 'call_state')} (call_id) where parked is not null`.execute(
    trx,
  );
  await sql`create table ${tableRef(schema, 'parked_events')} (
    call_id text not null, seq integer not null, event text not null, primary key (call_id, seq)
  )`.execute(trx);
  for (const table of view.projection.tables) await createTable(trx, schema, table);
}

async function createTable(trx: Trx, schema: string, { name, columns, key, indexes }: Table): Promise<void> {
  const list = (names: readonly string[]) => sql.join(names.map((column) => sql.id(column)));
  const typed = Object.entries(columns).map(([column, type]) => sql`${sql.id(column)} ${sql.raw(type)}`);
  await sql`create table ${tableRef(schema, name)} (
    call_id text not null, ${sql.join(typed)}, primary key (${list(['call_id', ...key])})
  )`.execute(trx);
  for (const index of indexes)
    await sql`create index on ${tableRef(schema, name)} (${list(index)})`.execute(trx);
}

export async function dropView(trx: Trx, name: string): Promise<void> {
  await sql`drop schema if exists ${sql.id(name)} cascade`.execute(trx);
}

/** Rows as columns: one statement with one parameter a column, however many rows there are. */
export async function upsertRows(
  trx: Trx,
  schema: string,
  table: string,
  columns: Readonly<Record<string, string>>,
  key: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  const others = names.filter((name) => !key.includes(name));
  const arrays = names.map(
    (name) => sql`${rows.map((row) => row[name] ?? null)}::${sql.raw(columns[name]!)}[]`,
  );
  const ids = (list: readonly string[]) => sql.join(list.map((name) => sql.id(name)));
  const set =
    others.length === 0
      ? sql`nothing`
      : sql`update set ${sql.join(others.map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`))}`;
  await sql`insert into ${tableRef(schema, table)} (${ids(names)}) select * from unnest(${sql.join(arrays)})
    on conflict (${ids(key)}) do ${set}`.execute(trx);
}

export async function deleteRows(
  trx: Trx,
  schema: string,
  table: string,
  key: Readonly<Record<string, string>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(key);
  const arrays = names.map((name) => sql`${rows.map((row) => row[name] ?? null)}::${sql.raw(key[name]!)}[]`);
  await sql`delete from ${tableRef(schema, table)} where (${sql.join(names.map((name) => sql.id(name)))})
    in (select * from unnest(${sql.join(arrays)}))`.execute(trx);
}
