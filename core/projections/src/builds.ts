import { sql } from 'kysely';
import { bookSchema } from './migrations.ts';
import { tableRef, type Database, type Trx } from './postgres.ts';
import type { Projection } from './projection.ts';
import { createView, dropView } from './view-tables.ts';
import { viewName, type Position, type View } from './view-store.ts';

export interface Build {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  /** The one that is read from; all others are on their way to that. */
  readonly live: boolean;
}

/** A projection's builds as this code can use them. */
export interface Opened {
  /** Read from; its version may be another than this code's, and then it stands still. */
  readonly live: Build;
  /** To be kept up, where it is of this code's version. */
  readonly followed: View | undefined;
  /** To be brought level, and switched to. */
  readonly building: View | undefined;
}

const book = tableRef(bookSchema, 'build');

export async function listBuilds(trx: Trx): Promise<Build[]> {
  const { rows } = await sql<Build>`select name, version, build, live from ${book}
    order by name, version, build`.execute(trx);
  return rows;
}

/** What there is of this projection; made where there is nothing, or nothing of this version. */
export function openBuilds(db: Database, projection: Projection): Promise<Opened> {
  return db.transaction().execute(async (trx) => {
    await lockBook(trx);
    const { name, version } = projection;
    const all = (await listBuilds(trx)).filter((build) => build.name === name);
    for (const other of all.filter((build) => !build.live && build.version !== version))
      await drop(trx, other);
    let live = all.find((build) => build.live);
    if (live === undefined) {
      live = { name, version, build: 1, live: true };
      await make(trx, projection, live);
    }
    const followed = live.version === version ? { projection, build: live.build } : undefined;
    const begun = all.find((build) => !build.live && build.version === version);
    if (begun !== undefined) return { live, followed, building: { projection, build: begun.build } };
    if (followed !== undefined) return { live, followed, building: undefined };
    await make(trx, projection, { name, version, build: 1, live: false });
    return { live, followed, building: { projection, build: 1 } };
  });
}

/** One more beside those that are there; the one that is being built, where there is one. */
export function startBuild(db: Database, projection: Projection): Promise<View> {
  return db.transaction().execute(async (trx) => {
    await lockBook(trx);
    const { name, version } = projection;
    const all = (await listBuilds(trx)).filter((build) => build.name === name && build.version === version);
    const begun = all.find((build) => !build.live);
    if (begun !== undefined) return { projection, build: begun.build };
    const build = Math.max(0, ...all.map((one) => one.build)) + 1;
    await make(trx, projection, { name, version, build, live: false });
    return { projection, build };
  });
}

/** From one moment to the next everybody reads from this one; what it replaces is gone. */
export function switchTo(db: Database, view: View): Promise<void> {
  return db.transaction().execute(async (trx) => {
    await lockBook(trx);
    const { name, version } = view.projection;
    const all = (await listBuilds(trx)).filter((build) => build.name === name);
    for (const old of all) if (old.live && viewNameOf(old) !== viewName(view)) await drop(trx, old);
    await sql`update ${book} set live = true
      where name = ${name} and version = ${version} and build = ${view.build}`.execute(trx);
  });
}

/** By partition. */
export async function positionsOf(trx: Trx, build: Build): Promise<Map<number, Position>> {
  const { rows } = await sql<Position & { partition: number }>`select partition, position, time, hash
    from ${tableRef(viewNameOf(build), 'position')} order by partition`.execute(trx);
  return new Map(rows.map(({ partition, ...position }) => [partition, position]));
}

/** The one to read from; absent before the first start of this view. */
export async function liveBuild(trx: Trx, name: string): Promise<Build | undefined> {
  return (await listBuilds(trx)).find((build) => build.live && build.name === name);
}

export function viewNameOf({ name, version, build }: Build): string {
  return `${name}@${version}.${build}`;
}

async function make(trx: Trx, projection: Projection, { name, version, build, live }: Build): Promise<void> {
  await createView(trx, { projection, build });
  await sql`insert into ${book} (name, version, build, live)
    values (${name}, ${version}, ${build}, ${live})`.execute(trx);
}

async function drop(trx: Trx, build: Build): Promise<void> {
  await dropView(trx, viewNameOf(build));
  await sql`delete from ${book}
    where name = ${build.name} and version = ${build.version} and build = ${build.build}`.execute(trx);
}

async function lockBook(trx: Trx): Promise<void> {
  await sql`lock table ${book} in share row exclusive mode`.execute(trx);
}
