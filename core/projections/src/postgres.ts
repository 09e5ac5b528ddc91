import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { limits } from './limits.ts';

/** Tables are named at run time, by view: nothing is known of them here. */
export type Tables = Record<string, Record<string, unknown>>;
export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/**
 * A pool of connections that are made when they are needed. Everything runs in a transaction, reads too: the
 * embedded Postgres has one backend for all connections, and only within transactions it keeps their messages apart.
 *
 * @param url `postgres://user:password@host/database`; `?host=/folder` for a Unix socket there.
 * @param onFault told of idle connections that broke; the next one that is needed is made anew.
 */
export function openPostgres(url: string, onFault: (error: unknown) => void): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: limits.connectionsMax,
    connectionTimeoutMillis: limits.connectMs,
    idleTimeoutMillis: limits.idleMs,
    query_timeout: limits.queryMs,
    application_name: 'ringback',
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  // A connection may break in a transaction too, between two statements: whoever uses it hears of it by the next one.
  pool.on('connect', (client) => client.on('error', onFault));
  pool.on('error', () => {});
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** PostgreSQL's number for `bigint`. Ours are times and positions, far below 2^53. */
const bigintOid = 20;

function parserOf(oid: number, format?: 'text' | 'binary') {
  return oid === bigintOid ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** Of a failed statement: PostgreSQL's SQLSTATE; absent where it never answered. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** `"schema"."table"`. */
export function tableRef(schema: string, table: string) {
  return sql.id(schema, table);
}
