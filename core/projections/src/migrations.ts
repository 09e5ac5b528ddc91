import { sql, type Kysely } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator, type Migration } from 'kysely/migration';
import type { Database, Tables, Trx } from './postgres.ts';

/** The runner's own tables. A view's are made with the view, and a new version has its own. */
export const bookSchema = 'ringback';

/** In order, for ever: what was released is not changed any more, the next change is one more. */
const migrations: Record<string, Migration> = {
  '0001-builds': {
    async up(db: Kysely<Tables>) {
      await sql`create table ringback.build (
        name text not null,
        version integer not null,
        build integer not null,
        live boolean not null,
        started_at timestamptz not null default now(),
        primary key (name, version, build)
      )`.execute(db);
      // At most one of a name is read from.
      await sql`create unique index build_live on ringback.build (name) where live`.execute(db);
    },
  },
};

/** Postgres was brought further than this code knows. The message says what to do. */
export class NewerTables extends Error {
  override readonly name = 'NewerTables';
}

/** Brings the runner's own tables to this version, in one transaction. @throws NewerTables, and what Postgres says. */
export async function migrate(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Two that start at once, on a Postgres with nothing in it: the second waits here.
    await sql`select pg_advisory_xact_lock(hashtext(${bookSchema}))`.execute(trx);
    const migrator = new Migrator({
      db: trx,
      provider: { getMigrations: async () => migrations },
      migrationTableSchema: bookSchema,
    });
    await refuseNewer(trx);
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}

async function refuseNewer(trx: Trx): Promise<void> {
  const { rows: tables } = await sql<{
    found: string | null;
  }>`select to_regclass(${migrationTable}) as found`.execute(trx);
  if (tables[0]!.found === null) return;
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(migrationTable)} order by name`.execute(trx);
  const newer = rows.filter(({ name }) => !(name in migrations)).map(({ name }) => name);
  if (newer.length > 0)
    throw new NewerTables(
      `the tables in Postgres are of a newer version (${newer.join(', ')}). Run that version or a newer one, or give this ` +
        'one an empty database: another RINGBACK_POSTGRES_URL, or without one RINGBACK_HOME/postgres removed while nothing ' +
        'runs. All lists are made again from the log.',
    );
}

const migrationTable = `${bookSchema}.${DEFAULT_MIGRATION_TABLE}`;
