import { created, joined, left, type Fact } from '@ringback/domain/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBuilds, startBuild, switchTo } from '../builds.ts';
import { addHash, foldBatch, type Entry } from '../fold-batch.ts';
import { retryParked, showParked } from '../parked.ts';
import type { Row } from '../projection.ts';
import { callNumber, eventsOf, named, partition, peopleView } from '../testing.ts';
import {
  startPosition,
  UnfitData,
  ViewGone,
  type Change,
  type Position,
  type View,
  type ViewStore,
} from '../view-store.ts';

export interface ViewStoreHarness {
  readonly store: ViewStore;
  /** All rows of a view, in the order of their keys. */
  rows(view: View): Promise<{ table: string; callId: string; row: Row }[]>;
}

const at = (position: number, hash = startPosition.hash): Position => ({ position, time: 1_000, hash });

/** What every place for views must do. Run on Postgres and on its in-memory twin. */
export function describeViewStore(open: () => Promise<ViewStoreHarness>): void {
  describe("the view store's contract", () => {
    let store: ViewStore;
    let rows: ViewStoreHarness['rows'];
    let view: View;
    beforeEach(async () => {
      ({ store, rows } = await open());
      await store.prepare();
      view = (await openBuilds(store, peopleView())).followed!;
    });

    /** What the first fold of a call's events is in a view. */
    const changeOf = (n: number, ...facts: Fact[]): Change =>
      foldBatch(view.projection, new Map(), entriesOf(n, ...facts), 1_000).changes[0]!;
    const entriesOf = (n: number, ...facts: Fact[]): Entry[] =>
      eventsOf(callNumber(n), created(), ...facts).map((event) => ({
        ...{ position: 1, callId: callNumber(n), seq: event.sequence, event },
      }));
    const put = (change: Change) => store.transaction((trx) => trx.save(view, [change]));
    const load = async (n: number) =>
      (await store.transaction((trx) => trx.load(view, [callNumber(n)]))).get(callNumber(n));

    it('rows, state and position change together', async () => {
      await store.transaction(async (trx) => {
        expect(await trx.position(view, partition)).toEqual(startPosition);
        await trx.save(view, [changeOf(0, joined(named(1, 'A')))]);
        await trx.move(view, partition, at(7));
      });
      expect(await store.transaction((trx) => trx.position(view, partition))).toEqual(at(7));
      expect((await store.transaction((trx) => trx.positions(view))).get(partition)).toEqual(at(7));
      expect(await load(0)).toMatchObject({ seq: 2 });
      expect((await rows(view)).map(({ table }) => table)).toEqual(['call', 'person']);
    });

    it('or not at all', async () => {
      const broken = store.transaction(async (trx) => {
        await trx.position(view, partition);
        await trx.save(view, [changeOf(0)]);
        await trx.move(view, partition, at(7));
        throw new Error('enough');
      });
      await expect(broken).rejects.toThrow('enough');
      expect(await store.transaction((trx) => trx.position(view, partition))).toEqual(startPosition);
      expect(await load(0)).toBeUndefined();
      expect(await rows(view)).toEqual([]);
    });

    it('who asks for a position that another holds waits, and finds what that one wrote', async () => {
      const holds = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const first = store.transaction(async (trx) => {
        const { position } = await trx.position(view, partition);
        holds.resolve();
        await goOn.promise;
        await trx.move(view, partition, at(position + 1));
      });
      await holds.promise;
      const second = store.transaction(async (trx) => {
        const { position } = await trx.position(view, partition);
        await trx.move(view, partition, at(position + 1));
      });
      goOn.resolve();
      await Promise.all([first, second]);
      expect(await store.transaction((trx) => trx.position(view, partition))).toEqual(at(2));
    });

    it('what is written is bytes: changing it afterwards changes nothing', async () => {
      const change = changeOf(0, joined(named(1, 'A')));
      await put(change);
      (change.after.state as Record<string, unknown>).more = 1;
      const found = (await load(0))!.state as Record<string, unknown>;
      expect(found).not.toHaveProperty('more');
      found.less = 1;
      expect((await load(0))!.state).not.toHaveProperty('less');
    });

    it('data that can not be stored is told from other failures, and an attempt undoes no more than itself', async () => {
      await expect(put(changeOf(0, joined(named(1, 'nul \u0000'))))).rejects.toBeInstanceOf(UnfitData);
      expect(await load(0)).toBeUndefined();
      await store.transaction(async (trx) => {
        await trx.attempt(() => trx.save(view, [changeOf(1)]));
        const bad = trx.attempt(() => trx.save(view, [changeOf(2), changeOf(0, joined(named(1, '\u0000')))]));
        await expect(bad).rejects.toBeInstanceOf(UnfitData);
        await trx.attempt(() => trx.save(view, [changeOf(3)]));
      });
      expect((await rows(view)).map(({ callId }) => callId)).toEqual([callNumber(1), callNumber(3)]);
      expect(await load(2)).toBeUndefined();
    });

    it('what waits beside a view is kept once, in order, and forgotten up to where it is told', async () => {
      const events = eventsOf(callNumber(0), created(), joined(named(1, 'A')), left(named(1, '')));
      const parked = { seq: 1, reason: 'as we like', since: 1_000, kept: 3 };
      const change = {
        callId: callNumber(0),
        after: { seq: 3, state: null, parked },
        upserts: [],
        deletes: [],
      };
      await put({ ...change, waiting: events.slice(1) });
      await put({ ...change, waiting: events.slice(0, 2) });
      const shown = () => store.transaction((trx) => showParked(trx, view, callNumber(0)));
      expect(await shown()).toEqual({ call: change.after, events });
      await store.transaction((trx) => trx.forget(view, callNumber(0), 3));
      expect((await shown())!.events).toEqual(events.slice(2));
      await store.transaction((trx) => trx.forget(view, callNumber(0), Infinity));
      expect((await shown())!.events).toEqual([]);
    });

    it('a parked call is back as if it had never been away, once it can be folded', async () => {
      const bad = new Set(['A']);
      const projection = peopleView((name) => bad.has(name));
      const facts = [joined(named(1, 'B')), joined(named(2, 'A')), left(named(1, ''))];
      const folded = foldBatch(projection, new Map(), entriesOf(0, ...facts), 1_000);
      await store.transaction(async (trx) => {
        await trx.save(view, folded.changes);
        await trx.move(view, partition, at(1, addHash(startPosition.hash, folded.hashDelta)));
      });
      const again = { ...view, projection };
      expect(await retryParked(store, again, callNumber(0))).toMatchObject({ seq: 3 });
      bad.clear();
      expect(await retryParked(store, again, callNumber(0))).toBeUndefined();
      expect(await retryParked(store, again, callNumber(0))).toBe('unknown');
      const whole = foldBatch(projection, new Map(), entriesOf(0, ...facts), 1_000);
      const { hash } = await store.transaction((trx) => trx.position(view, partition));
      expect(hash).toBe(addHash(startPosition.hash, whole.hashDelta));
      expect(await load(0)).toEqual(whole.changes[0]!.after);
      expect((await rows(view)).map(({ row }) => row)).toEqual([
        { people: 1, seq: 4, version: 1 },
        { participant_id: named(2, 'A').participantId, name: 'A', host: false },
      ]);
    });

    it('of a partition whose log is another one everything is forgotten, of all others nothing', async () => {
      const other = changeOf(0);
      const elsewhere = callNumber(0).replace(/^03/, '05');
      await put(other);
      await put({ ...other, callId: elsewhere });
      await store.transaction(async (trx) => {
        await trx.move(view, partition, at(7));
        await trx.move(view, 5, at(9));
        await trx.reset(view, partition);
      });
      expect((await rows(view)).map(({ callId }) => callId)).toEqual([elsewhere]);
      const positions = await store.transaction((trx) => trx.positions(view));
      expect([...positions]).toEqual([[5, at(9)]]);
      expect(await load(0)).toBeUndefined();
    });

    it('a copy takes the place of another from one moment to the next, which is gone then', async () => {
      const next = await startBuild(store, view.projection);
      expect(await startBuild(store, view.projection)).toEqual(next);
      expect((await openBuilds(store, view.projection)).building).toEqual(next);
      await switchTo(store, next);
      const [one, ...more] = await store.transaction((trx) => trx.builds());
      expect(one).toEqual({ name: 'people', version: 1, build: 2, live: true });
      expect(more).toEqual([]);
      const gone = (
        work: (trx: Parameters<Parameters<ViewStore['transaction']>[0]>[0]) => Promise<unknown>,
      ) => expect(store.transaction(work)).rejects.toBeInstanceOf(ViewGone);
      await gone((trx) => trx.position(view, partition));
      await gone((trx) => trx.load(view, [callNumber(0)]));
      await gone((trx) => trx.save(view, [changeOf(0)]));
      await expect(switchTo(store, view)).rejects.toBeInstanceOf(ViewGone);
      expect(await store.transaction((trx) => trx.builds())).toEqual([one]);
    });
  });
}
