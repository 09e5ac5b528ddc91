// The embedded Postgres, a process of its own: it computes without a pause, and whoever shares one with it waits.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exitWithParent } from '@ringback/runtime/exit-with-parent';
import { cachedPart } from '@ringback/runtime/native-parts';
import { withLock } from '../../bootstrap/lock.mjs';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { socketFolder } from './socket-folder.ts';

const home = process.env.RINGBACK_HOME;
if (!home) throw new Error('RINGBACK_HOME is not set');
exitWithParent();
// Until it serves, there is nothing to close.
let stop: () => void = () => process.exit(0);
process.once('SIGTERM', () => stop());
process.once('SIGINT', () => stop());
const folder = join(home, 'postgres');
mkdirSync(folder, { recursive: true, mode: 0o700 });
// Two on one folder would ruin it: the one that a killed supervisor left behind ends by itself within seconds.
await withLock(join(folder, 'lock'), serve, ({ pid }) => say(`waiting for process ${pid} to end`));
process.exit(0);

async function serve(): Promise<void> {
  const started = performance.now();
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const postgres = await startEmbeddedPostgres({
    folder,
    socketFolder: socketFolder(home!),
    template: cachedPart.postgresTemplate(),
    onFault(error) {
      say(`Postgres failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exit(1);
    },
  });
  const { madeBecause } = postgres;
  const data = madeBecause === undefined ? 'with its data' : `with new data (${madeBecause})`;
  say(`ready after ${Math.round(performance.now() - started)} ms, ${data}`);
  await stopped;
  await postgres.stop();
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}
