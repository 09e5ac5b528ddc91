import { openAsBlob, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { partVersions } from '@ringback/runtime/native-parts';
import { limits } from '../limits.ts';
import { condemnDataFolder, openDataFolder, thisBoot } from './data-folder.ts';
import { socketName } from './socket-folder.ts';

/** The usual 128 MB are a third of the process, and lists read few pages. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

export interface EmbeddedPostgres {
  /** Why its data are new; absent where they were there. */
  readonly madeBecause: string | undefined;
  /** Ends what is open and closes the database. */
  stop(): Promise<void>;
}

/**
 * PGlite behind a Unix socket: for one process at a time per folder, which its caller sees to.
 *
 * One backend serves all connections, message by message. Only a transaction keeps others out, so clients do
 * everything in transactions; it knows no passwords, no LISTEN, no cancelling and no autovacuum.
 *
 * @param onFault told once when the database itself failed: nothing it says can be believed, end the process.
 */
export async function startEmbeddedPostgres(options: {
  readonly folder: string;
  readonly socketFolder: string;
  readonly template: string;
  readonly onFault: (error: unknown) => void;
}): Promise<EmbeddedPostgres> {
  const { folder } = options;
  const data = join(folder, 'data');
  const now = { version: partVersions.pglite, boot: thisBoot() };
  const madeBecause = await openDataFolder(folder, now, async () => {
    const fresh = await PGlite.create(data, { loadDataDir: await openAsBlob(options.template) });
    await fresh.close();
  });
  const db = await PGlite.create(data, { startParams }).catch((error: unknown) => {
    // Whatever is wrong with it, everything in it can be had again.
    condemnDataFolder(folder);
    throw error;
  });
  endWithFirstFault(db, options.onFault);
  const path = join(options.socketFolder, socketName);
  rmSync(path, { force: true });
  const server = new PGLiteSocketServer({
    db,
    path,
    maxConnections: limits.postgresConnectionsMax,
    idleTimeout: limits.postgresIdleMs,
  });
  await server.start();
  const vacuum = setInterval(() => void tidy(db).catch(options.onFault), limits.postgresVacuumMs);
  return {
    madeBecause,
    async stop() {
      clearInterval(vacuum);
      await server.stop();
      await db.close();
    },
  };
}

/** `VACUUM` as a message of the simple protocol. */
const vacuumMessage = (() => {
  const text = Buffer.from('vacuum\0');
  const head = Buffer.from('Q\0\0\0\0');
  head.writeInt32BE(text.length + 4, 1);
  return new Uint8Array(Buffer.concat([head, text]));
})();

/** What autovacuum does elsewhere. Between two transactions of clients, or not this time. */
async function tidy(db: PGlite): Promise<void> {
  await db.runExclusive(async () => {
    // With a place of its own for the answer: else it goes to whoever asked last.
    if (!db.isInTransaction()) await db.execProtocolRawStream(vacuumMessage, { onRawData: () => {} });
  });
}

/** An SQL error comes back as a message; what is thrown is a trap of the machine that Postgres runs in. */
function endWithFirstFault(db: PGlite, onFault: (error: unknown) => void): void {
  const run = db.execProtocolRawStream.bind(db);
  db.execProtocolRawStream = async (...args) => {
    try {
      await run(...args);
    } catch (error) {
      onFault(error);
      throw error;
    }
  };
}
