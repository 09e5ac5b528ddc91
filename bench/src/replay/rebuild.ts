import { logHeads, type JetStreamLog } from '@ringback/eventlog';
import {
  migrate,
  openBuilds,
  openPostgres,
  PartitionRunner,
  PostgresViewStore,
  startBuild,
  switchTo,
  type Database,
  type Projection,
} from '@ringback/projections';
import { makeLogger, systemClock, type connectNats } from '@ringback/runtime';
import { projections } from '@ringback/views-worker';
import { postgresUrl } from '../../../deploy/local/src/postgres/socket-folder.ts';
import { setUpPostgres } from '../../../deploy/local/src/setup/postgres.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { BenchLog } from '../platform.ts';
import type { Server } from '../processes.ts';
import { medians } from '../stats.ts';
import { limits } from './limits.ts';
import { consumeAll, timed } from './ways.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** Medians. A ratio is of rates: how much of what a bare consumer with JSON.parse does in the same time. */
export interface Rebuilds {
  readonly events: number;
  readonly bareMs: number;
  readonly ms: Readonly<Record<string, number>>;
  readonly ratio: Readonly<Record<string, number>>;
}

/**
 * Every view built anew from the whole log, beside the live copy, by the runner of the views worker, on the embedded
 * Postgres in a process of its own as `npm start` has it.
 *
 * @param rounds of everything, interleaved.
 * @throws where a view comes out otherwise than the round before.
 */
export async function rebuildViews(
  bench: BenchLog,
  nc: Connection,
  log: JetStreamLog,
  { root, rounds, progress }: { root: string; rounds: number; progress: (text: string) => void },
): Promise<Rebuilds> {
  await setUpPostgres(progress);
  const postgres = bench.startProcess(root, 'deploy/local/src/postgres/main.ts', 'postgres', {});
  const db = openPostgres(postgresUrl(bench.home), () => {});
  try {
    await untilThere(db, postgres);
    return await measure(bench.options.partitions, db, nc, log, rounds, progress);
  } finally {
    await db.destroy();
    await postgres.stop();
  }
}

async function untilThere(db: Database, postgres: Server): Promise<void> {
  const answers = () =>
    migrate(db).then(
      () => true,
      () => false,
    );
  await waitFor(
    () => {
      postgres.mustRun();
      return answers();
    },
    'Postgres to answer',
    limits.postgresMs,
  );
}

async function measure(
  count: number,
  db: Database,
  nc: Connection,
  log: JetStreamLog,
  rounds: number,
  progress: (text: string) => void,
): Promise<Rebuilds> {
  const partitions = Array.from({ length: count }, (_, partition) => partition);
  const headOf = await logHeads(nc);
  const heads = await Promise.all(partitions.map(headOf));
  const hashes = new Map<string, string>();
  const times: Record<string, number>[] = [];
  let events = 0;
  // The first one is not counted: everything is compiled and cached in it.
  for (let round = 0; round <= rounds; round++) {
    const bare = await timed(() => Promise.all(partitions.map((p) => consumeAll(nc, p))));
    events = bare.result.reduce((sum, n) => sum + n, 0);
    const ms: Record<string, number> = { bare: bare.ms };
    for (const projection of projections) {
      const built = await timed(() => rebuild(db, log, projection, heads));
      if ((hashes.get(projection.name) ?? built.result) !== built.result)
        throw new Error(`${projection.name} came out otherwise than before`);
      hashes.set(projection.name, built.result);
      ms[projection.name] = built.ms;
    }
    progress(
      `rebuilt: ${Object.entries(ms)
        .map(([name, n]) => `${name} ${Math.round(n)} ms`)
        .join(', ')}`,
    );
    if (round > 0) times.push(ms);
  }
  const { bare: bareMs, ...ms } = medians(times) as Record<string, number> & { bare: number };
  const ratios = times.map((t) =>
    Object.fromEntries(projections.map(({ name }) => [name, t['bare']! / t[name]!])),
  );
  return { events, bareMs, ms, ratio: medians(ratios) };
}

/** @returns the hashes of its rows. */
async function rebuild(
  db: Database,
  log: JetStreamLog,
  projection: Projection,
  heads: readonly number[],
): Promise<string> {
  const store = new PostgresViewStore(db);
  await openBuilds(store, projection);
  const view = await startBuild(store, projection);
  const ports = {
    ...{ log, store, clock: systemClock, logger: makeLogger('bench', 'silent') },
    onOpen: () => {},
    onBatch: (_view: unknown, _partition: number, _position: unknown, parked: number) => {
      if (parked > 0) throw new Error(`${parked} calls were parked in ${projection.name}`);
    },
  };
  const signal = new AbortController().signal;
  await Promise.all(
    heads.map((to, partition) => new PartitionRunner(ports, partition, [view]).run(signal, to)),
  );
  // What it replaces is gone with that, so that each is built beside one other.
  await switchTo(store, view);
  const positions = await store.transaction((trx) => trx.positions(view));
  return [...positions.values()].map(({ hash }) => hash).join(' ');
}
