import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Database, Tables } from './postgres.ts';

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

/** Brings the runner's own tables to this version, in one transaction. @throws what Postgres says. */
export async function migrate(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Two that start at once, on a Postgres with nothing in it: the second waits here.
    await sql`select pg_advisory_xact_lock(hashtext(${bookSchema}))`.execute(trx);
    const migrator = new Migrator({
      db: trx,
      provider: { getMigrations: async () => migrations },
      migrationTableSchema: bookSchema,
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}
