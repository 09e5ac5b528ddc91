import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgres, type Database } from '@ringback/projections';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresUrl } from '../../deploy/local/src/postgres/socket-folder.ts';
import { setUpPostgres } from '../../deploy/local/src/setup/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

const main = fileURLToPath(new URL('../../deploy/local/src/postgres/main.ts', import.meta.url));

/** The process as the supervisor starts it. */
describe('the embedded Postgres', () => {
  const home = mkdtempSync(join(tmpdir(), 'ringback-home-'));
  const processes: { child: ChildProcess; output: string }[] = [];
  let db: Database;
  beforeAll(async () => {
    await setUpPostgres(() => {});
    db = openPostgres(postgresUrl(home), () => {});
  });
  afterAll(async () => {
    await db.destroy();
    for (const { child } of processes) await kill(child);
    rmSync(home, { recursive: true, force: true });
  });

  function start() {
    const child = spawn(process.execPath, [main], { env: { ...process.env, RINGBACK_HOME: home } });
    const started = { child, output: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (started.output += String(text)));
    processes.push(started);
    return started;
  }

  async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  const numbers = () =>
    db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ n: number }>`select n from kept order by n`.execute(trx);
      return rows.map(({ n }) => n);
    });

  it('has what was committed after kill -9, and nothing of what was not', async () => {
    const first = start();
    await waitFor(() => first.output.includes('ready'), 'the first to be ready');
    expect(first.output).toContain('it is the first');
    await db.transaction().execute((trx) => sql`create table kept (n integer)`.execute(trx));
    for (let n = 0; n < 20; n++)
      await db.transaction().execute((trx) => sql`insert into kept values (${n})`.execute(trx));
    const open = db.transaction().execute(async (trx) => {
      await sql`insert into kept values (99)`.execute(trx);
      await kill(first.child);
      await sql`select 1`.execute(trx);
    });
    await expect(open).rejects.toThrow();
    const second = start();
    await waitFor(() => second.output.includes('ready'), 'the second to be ready');
    expect(second.output).toContain('with its data');
    expect(await numbers()).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('waits while another one is on the same folder, and can be told to end meanwhile', async () => {
    const holder = processes.at(-1)!;
    const [waiting, other] = [start(), start()];
    await waitFor(
      () => waiting.output.includes('waiting') && other.output.includes('waiting'),
      'both to wait',
    );
    await kill(other.child, 'SIGTERM');
    expect(waiting.output).not.toContain('ready');
    await kill(holder.child, 'SIGTERM');
    await waitFor(() => waiting.output.includes('ready'), 'the next one to be ready');
    expect(await numbers()).toHaveLength(20);
  });
});
