import { created, joined, left } from '@ringback/domain/testing';
import { MemoryLog } from '@ringback/eventlog';
import { systemClock } from '@ringback/runtime';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  postgresBin,
  startEmbedded,
  startPostgres,
  type TestPostgres,
} from '../../../tests/support/postgres.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { openBuilds, startBuild, switchTo } from './builds.ts';
import { describeViewStore } from './contract/view-store.contract.ts';
import { hashOf, rowText } from './fold-batch.ts';
import { MemoryViewStore } from './memory-view-store.ts';
import { dropParked, retryParked, showParked } from './parked.ts';
import { PartitionRunner } from './partition-runner.ts';
import { openPostgres, tableRef, type Database } from './postgres.ts';
import { listBuilds, listParked, liveBuild, positionsOf } from './postgres-reads.ts';
import { PostgresViewStore } from './postgres-view-store.ts';
import { append, callNumber, eventsOf, histories, named, partition, peopleView, silent } from './testing.ts';
import type { Row } from './projection.ts';
import { viewName, viewNameOf, type View, type ViewStore } from './view-store.ts';

const bin = postgresBin();

/** The same on the embedded Postgres and on a real one, where Debian's postgresql package is installed. */
describe.each([
  ['embedded Postgres', true, startEmbedded],
  [
    `PostgreSQL (${bin ?? 'skipped: its programs are not in /usr/lib/postgresql'})`,
    bin !== undefined,
    () => startPostgres(bin!),
  ],
])('views in %s', (_, isThere, start: () => Promise<TestPostgres>) => {
  describe.runIf(isThere)('of this machine', () => {
    let postgres: TestPostgres;
    let db: Database;
    let store: PostgresViewStore;
    beforeAll(async () => {
      postgres = await start();
      db = openPostgres(postgres.url, () => {});
      store = new PostgresViewStore(db);
      await Promise.all([store.prepare(), store.prepare()]);
    });
    afterAll(async () => {
      await db?.destroy();
      await postgres?.stop();
    });
    beforeEach(() => empty());
    const empty = async () => {
      await db.transaction().execute(async (trx) => {
        for (const build of await listBuilds(trx))
          await sql`drop schema ${sql.id(viewNameOf(build))} cascade`.execute(trx);
        await sql`delete from ringback.build`.execute(trx);
      });
    };

    const run = (log: MemoryLog, views: View[], to: number, into: ViewStore = store) =>
      new PartitionRunner(
        { log, store: into, clock: systemClock, logger: silent, onOpen: () => {}, onBatch: () => {} },
        partition,
        views,
      ).run(new AbortController().signal, to);
    const logOf = async (...commits: CallEvent[][]) => {
      const log = new MemoryLog(() => 1_000);
      await append(log, commits);
      return log;
    };
    const opened = async (projection = peopleView()) => (await openBuilds(store, projection)).followed!;
    const rows = (view: View) => rowsIn(db, view);
    const position = async (view: View) => {
      const build = {
        name: view.projection.name,
        version: view.projection.version,
        build: view.build,
        live: true,
      };
      return (await db.transaction().execute((trx) => positionsOf(trx, build))).get(partition);
    };

    describeViewStore(async () => {
      await empty();
      return { store, rows };
    });

    it('hold what a fresh fold holds, with its hash, and taking a batch twice changes nothing', async () => {
      await fc.assert(
        fc.asyncProperty(histories, async (commits) => {
          const projection = peopleView(undefined, 1);
          const view = await startBuild(store, projection);
          const log = await logOf(...commits);
          await run(log, [view], Math.ceil(commits.length / 2));
          await Promise.all([run(log, [view], commits.length), run(log, [view], commits.length)]);
          const memory = new MemoryViewStore([view]);
          await run(log, [view], commits.length, memory);
          const found = await rows(view);
          expect(found).toEqual(memory.rows(view));
          const sum = found.reduce(
            (all, { table, callId, row }) => all + hashOf(callId, rowText(table, row)),
            0n,
          );
          expect(await position(view)).toEqual(
            await memory.transaction((trx) => trx.position(view, partition)),
          );
          expect((await position(view))!.hash).toBe(BigInt.asUintN(256, sum).toString(16).padStart(64, '0'));
          await switchTo(store, view);
        }),
        { numRuns: 8 },
      );
    });

    it('lose nothing and double nothing where Postgres dies between and within batches', async () => {
      const view = await opened();
      const commits = Array.from({ length: 60 }, (_none, n) =>
        eventsOf(callNumber(n), created(), joined(named(1, 'A'))),
      );
      const log = await logOf(...commits);
      const stop = new AbortController();
      let batches = 0;
      const ports = {
        log,
        store: slow(store),
        clock: systemClock,
        logger: silent,
        onOpen: () => {},
        onBatch: () => void batches++,
      };
      const running = new PartitionRunner(ports, partition, [view]).run(stop.signal);
      await waitFor(() => begun > 0, 'a transaction');
      await postgres.kill();
      await postgres.restart();
      await waitFor(async () => (await position(view))?.position === 60, 'all commits');
      stop.abort();
      await running;
      const memory = new MemoryViewStore([view]);
      await run(log, [view], 60, memory);
      expect(await rows(view)).toEqual(memory.rows(view));
    });
    let begun = 0;
    /** Every transaction stays open for a moment, so that what happens meanwhile happens within it. */
    function slow(of: ViewStore): ViewStore {
      return {
        prepare: () => of.prepare(),
        transaction: (work) =>
          of.transaction(async (trx) => {
            const done = await work(trx);
            begun += 1;
            await new Promise((resolve) => setTimeout(resolve, 50));
            return done;
          }),
      };
    }

    it('park a call with a hole, or with events that come twice, until they are built anew', async () => {
      const view = await opened();
      const [first, second, third] = eventsOf(
        callNumber(0),
        ...[created(), joined(named(1, 'A')), joined(named(2, 'B'))],
      );
      const twice = eventsOf(callNumber(1), created(), joined(named(1, 'A')));
      const log = await logOf([first!, third!], [...twice, twice[1]!, twice[1]!, twice[1]!]);
      await run(log, [view], 2);
      expect(await retryParked(store, view, callNumber(0))).toMatchObject({ seq: 2, over: 'gap' });
      expect(await retryParked(store, view, callNumber(1))).toMatchObject({ seq: 3, over: 'gap' });
      expect((await rows(view)).filter(({ callId }) => callId === callNumber(0))).toHaveLength(1);
      const anew = await startBuild(store, view.projection);
      await run(await logOf([first!, second!, third!]), [anew], 1);
      expect(await retryParked(store, anew, callNumber(0))).toBe('unknown');
    });

    it('park a call whose rows Postgres refuses, and put it back with what came after', async () => {
      const view = await opened();
      const facts = [created(), joined(named(1, 'nul \u0000')), left(named(1, '')), joined(named(2, 'B'))];
      const events = eventsOf(callNumber(0), ...facts);
      const other = eventsOf(callNumber(1), created(), joined(named(1, 'A')));
      const log = await logOf([...events.slice(0, 2), ...other], events.slice(2));
      await run(log, [view], 1);
      expect(await retryParked(store, view, callNumber(0))).toMatchObject({ seq: 1, kept: 2 });
      await run(log, [view], 2);
      expect((await rows(view)).map(({ callId }) => callId)).toEqual([callNumber(1), callNumber(1)]);
      const schema = viewName(view);
      const list = await db.transaction().execute((trx) => listParked(trx, schema, 10));
      expect(list).toMatchObject([{ callId: callNumber(0), seq: 1, kept: 4 }]);
      expect(await retryParked(store, view, callNumber(1))).toBe('unknown');
      // Who left has no row: by now there is nothing that Postgres would refuse.
      expect(await retryParked(store, view, callNumber(0))).toBeUndefined();
      expect(await db.transaction().execute((trx) => listParked(trx, schema, 10))).toEqual([]);
      const memory = new MemoryViewStore([view]);
      await run(log, [view], 2, memory);
      expect(await rows(view)).toEqual(memory.rows(view));
      expect((await position(view))?.hash).toBe(
        (await memory.transaction((trx) => trx.position(view, partition))).hash,
      );
    });

    it('keep a parked call parked until code can fold it, as far as it gets', async () => {
      const bad = new Set(['bad', 'worse']);
      const view = await opened(peopleView((name) => bad.has(name)));
      const facts = ['A', 'bad', 'C', 'worse', 'E'].map((name, n) => joined(named(n + 1, name)));
      const log = await logOf(eventsOf(callNumber(0), created(), ...facts));
      await run(log, [view], 1);
      const read = () => store.transaction((trx) => showParked(trx, view, callNumber(0)));
      expect((await read())?.events.map((event) => event.sequence)).toEqual([3, 4, 5, 6]);
      bad.delete('bad');
      expect(await retryParked(store, view, callNumber(0))).toMatchObject({
        seq: 5,
        reason: '"worse" is no name',
      });
      expect((await read())?.events.map((event) => event.sequence)).toEqual([5, 6]);
      expect(await rows(view)).toHaveLength(4);
      await append(log, [eventsOf(callNumber(0), created(), ...facts, left(named(1, ''))).slice(-1)], 1);
      await run(log, [view], 2);
      bad.clear();
      expect(await retryParked(store, view, callNumber(0))).toBeUndefined();
      const memory = new MemoryViewStore([view]);
      await run(log, [view], 2, memory);
      expect(await rows(view)).toEqual(memory.rows(view));
      expect((await position(view))?.hash).toBe(
        (await memory.transaction((trx) => trx.position(view, partition))).hash,
      );
    });

    it('give a parked call up where they are told to', async () => {
      const view = await opened(peopleView((name) => name === 'bad'));
      const events = eventsOf(callNumber(0), created(), joined(named(1, 'bad')), joined(named(2, 'B')));
      const log = await logOf(events.slice(0, 2), events.slice(2));
      await run(log, [view], 1);
      expect(await dropParked(store, view, callNumber(0))).toBe(true);
      expect(await dropParked(store, view, callNumber(1))).toBe(false);
      await run(log, [view], 2);
      const found = await store.transaction((trx) => showParked(trx, view, callNumber(0)));
      expect(found).toMatchObject({ call: { seq: 3, parked: { over: 'dropped', kept: 0 } }, events: [] });
      expect(await retryParked(store, view, callNumber(0))).toMatchObject({ over: 'dropped' });
    });

    it('are built beside the live one and replace it at once; a new version by itself', async () => {
      const first = await opened();
      const log = await logOf(eventsOf(callNumber(0), created(), joined(named(1, 'A'))));
      await run(log, [first], 1);
      const again = await startBuild(store, first.projection);
      expect(await startBuild(store, first.projection)).toEqual(again);
      expect((await openBuilds(store, first.projection)).building).toEqual(again);
      await run(log, [again], 1);
      expect((await position(again))?.hash).toBe((await position(first))?.hash);
      await switchTo(store, again);
      expect(await db.transaction().execute((trx) => liveBuild(trx, 'people'))).toMatchObject({ build: 2 });
      await expect(rows(first)).rejects.toMatchObject({ code: '42P01' });

      const next = await openBuilds(store, peopleView(undefined, 2));
      expect(next).toMatchObject({
        live: { version: 1, build: 2 },
        followed: undefined,
        building: { build: 1 },
      });
      await run(log, [next.building!], 1);
      expect((await position(next.building!))?.hash).not.toBe((await position(again))?.hash);
      await switchTo(store, next.building!);
      const builds = await db.transaction().execute((trx) => listBuilds(trx));
      expect(builds).toEqual([{ name: 'people', version: 2, build: 1, live: true }]);
    });

    it('say by name that newer code was there before, and change nothing', async () => {
      const write = (text: string) => db.transaction().execute((trx) => sql.raw(text).execute(trx));
      await write(`insert into ringback.kysely_migration values ('0099-later', '2026-01-01')`);
      await expect(store.prepare()).rejects.toThrow(
        /of a newer version \(0099-later\).*RINGBACK_POSTGRES_URL/,
      );
      await write(`delete from ringback.kysely_migration where name = '0099-later'`);
      await store.prepare();
    });

    it('keep the transactions of many connections apart', async () => {
      const others = Array.from({ length: 3 }, () => openPostgres(postgres.url, () => {}));
      const ask = (one: Database, i: number) =>
        one.transaction().execute(async (trx) => {
          const { rows: a } = await sql<{ x: number }>`select ${i}::integer as x`.execute(trx);
          const { rows: b } = await sql<{ x: string }>`select ${`text ${i}`}::text as x`.execute(trx);
          return [a[0]!.x, b[0]!.x];
        });
      const asked = Array.from({ length: 90 }, (_none, i) => ask(others[i % 3]!, i));
      expect(await Promise.all(asked)).toEqual(Array.from({ length: 90 }, (_none, i) => [i, `text ${i}`]));
      for (const one of others) await one.destroy();
    });
  });
});

/** All rows of a view, in the order of their keys, as its twin in memory gives them. */
async function rowsIn(db: Database, view: View): Promise<{ table: string; callId: string; row: Row }[]> {
  return db.transaction().execute(async (trx) => {
    const found: { table: string; callId: string; row: Row }[] = [];
    for (const { name, key } of view.projection.tables) {
      const order = sql.join(['call_id', ...key].map((column) => sql`${sql.id(column)} collate "C"`));
      const { rows } =
        await sql<Row>`select * from ${tableRef(viewName(view), name)} order by ${order}`.execute(trx);
      for (const { call_id, ...row } of rows) found.push({ table: name, callId: String(call_id), row });
    }
    return found;
  });
}
