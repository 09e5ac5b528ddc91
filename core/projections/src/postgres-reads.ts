import { sql } from 'kysely';
import { bookSchema } from './migrations.ts';
import { tableRef, type Trx } from './postgres.ts';
import { viewNameOf, type Build, type Parked, type Position } from './view-store.ts';

/** What is only asked of views, and only in Postgres. */
export const book = tableRef(bookSchema, 'build');

export interface ParkedCall extends Parked {
  readonly callId: string;
}

export async function listBuilds(trx: Trx): Promise<Build[]> {
  const { rows } = await sql<Build>`select name, version, build, live from ${book}
    order by name, version, build`.execute(trx);
  return rows;
}

/** The one to read from; absent before the first start of this view. */
export async function liveBuild(trx: Trx, name: string): Promise<Build | undefined> {
  return (await listBuilds(trx)).find((build) => build.live && build.name === name);
}

/** By partition. */
export async function positionsOf(trx: Trx, build: Omit<Build, 'live'>): Promise<Map<number, Position>> {
  const { rows } = await sql<Position & { partition: number }>`select partition, position, time, hash
    from ${tableRef(viewNameOf(build), 'position')} order by partition`.execute(trx);
  return new Map(rows.map(({ partition, ...position }) => [partition, position]));
}

/** @param max the newest are given. */
export async function listParked(trx: Trx, schema: string, max: number): Promise<ParkedCall[]> {
  const { rows } = await sql<{ call_id: string; parked: string }>`select call_id, parked
    from ${tableRef(schema, 'call_state')} where parked is not null order by call_id desc limit ${max}`.execute(
    trx,
  );
  return rows.map(({ call_id: callId, parked }) => ({ callId, ...(JSON.parse(parked) as Parked) }));
}
