import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedPart } from '@ringback/runtime';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../deploy/local/src/postgres/embedded-postgres.ts';
import { setUpPostgres } from '../../deploy/local/src/setup/postgres.ts';
import { freePort } from './nats-server.ts';
import { waitFor } from './wait-for.ts';

/** A Postgres for one test file. */
export interface TestPostgres {
  readonly url: string;
  /** As one that died; what was committed is there again after `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The embedded one, in this process: behind its socket, as in production. */
export async function startEmbedded(): Promise<TestPostgres> {
  await setUpPostgres(() => {});
  const folder = mkdtempSync(join(tmpdir(), 'ringback-pg-'));
  let running: EmbeddedPostgres | undefined;
  const postgres: TestPostgres = {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async kill() {
      await running?.stop();
      running = undefined;
    },
    async restart() {
      running = await startEmbeddedPostgres({
        folder,
        socketFolder: folder,
        template: cachedPart.postgresTemplate(),
        onFault(error) {
          throw error;
        },
      });
    },
    async stop() {
      await postgres.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.restart();
  return postgres;
}

/** Where Debian keeps the newest PostgreSQL's programs; absent where there is none. */
export function postgresBin(): string | undefined {
  const all = '/usr/lib/postgresql';
  const versions = existsSync(all) ? readdirSync(all).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(all, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'postgres')));
}

/** A real PostgreSQL on a free port. It refuses to run as root, who lends it Debian's own user. */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-pgd-'));
  const asUser = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (asUser.uid !== undefined) chownSync(folder, asUser.uid, asUser.gid!);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const options = { ...asUser, cwd: folder, stdio: 'ignore' } as const;
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'],
    options,
  );
  const port = await freePort();
  let child: ChildProcess | undefined;
  const postgres: TestPostgres = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child!.once('exit', resolve));
      // "Immediate": without a checkpoint, as after a crash, and with its backends.
      child.kill('SIGQUIT');
      await gone;
    },
    async restart() {
      child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-k', folder], options);
      const isUp = () => {
        try {
          execFileSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
          return true;
        } catch {
          return false;
        }
      };
      await waitFor(isUp, 'PostgreSQL to answer');
    },
    async stop() {
      await postgres.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.restart();
  return postgres;
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'postgres']).toString());
}
