import { foldCall, summarize } from '@ringback/domain';
import { created, ended, history, joined, left, locked, person, type Fact } from '@ringback/domain/testing';
import { JetStreamLog, logHeads, provisionStreams } from '@ringback/eventlog';
import { listBuilds, openPostgres, type Database } from '@ringback/projections';
import { connectNats, makeLogger, makeMetrics, NatsBus, systemClock, type Registry } from '@ringback/runtime';
import { partitionOf, subjects, type CallEvent, type CallsPlace, type ViewAnswer } from '@ringback/schemas';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { startEmbedded, type TestPostgres } from '../../../tests/support/postgres.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { CallsQuestion } from './list-calls.ts';
import { makeViewsMetrics } from './metrics.ts';
import { ViewsWorker } from './views-worker.ts';

const partitions = 2;
const host = person(1, 'host');
const guest = person(2, 'guest');

/** The worker as it runs, on a real nats-server and the embedded Postgres. */
describe('ViewsWorker', () => {
  let server: NatsServer;
  let postgres: TestPostgres;
  let db: Database;
  let nc: Awaited<ReturnType<typeof connectNats>>;
  let log: JetStreamLog;
  let bus: NatsBus;
  let worker: ViewsWorker;
  let registry: Registry;
  /** Runs when a transaction of the worker was committed, before the worker hears of that. */
  let committed: (() => Promise<void>) | undefined;
  const heads = [0, 0];
  const all: CallEvent[] = [];

  beforeAll(async () => {
    [server, postgres] = await Promise.all([NatsServer.start(), startEmbedded()]);
    nc = await connectNats(server.address('views'));
    await provisionStreams(nc, partitions, 1);
    log = await JetStreamLog.open(nc);
    bus = new NatsBus(nc, () => {});
    db = openPostgres(postgres.url, () => {});
    registry = makeMetrics('views');
    await start();
  });
  afterAll(async () => {
    await worker?.stop();
    await db?.destroy();
    await nc?.close();
    await Promise.all([server?.stop(), postgres?.stop()]);
  });

  async function start(): Promise<void> {
    registry.clear();
    const metrics = makeViewsMetrics(registry);
    const logger = makeLogger('views', 'silent');
    const ports = { db: heard(db), log, head: await logHeads(nc), bus, clock: systemClock, logger, metrics };
    worker = new ViewsWorker(ports, partitions);
    void worker.run();
    await waitFor(async () => (await list({})).ok, 'the views to answer');
  }

  function heard(real: Database): Database {
    const execute: ReturnType<Database['transaction']>['execute'] = async (work) => {
      const result = await real.transaction().execute(work);
      await committed?.();
      return result;
    };
    const transaction = () => ({ execute });
    return new Proxy(real, {
      get: (of, key) => (key === 'transaction' ? transaction : Reflect.get(of, key)),
    });
  }

  const builds = async () => {
    const all = await db.transaction().execute(listBuilds);
    const of = all.filter(({ name }) => name === 'calls');
    return { live: of.find(({ live }) => live)!.build, next: of.find(({ live }) => !live)?.build };
  };

  async function append(events: readonly CallEvent[]): Promise<void> {
    const partition = partitionOf(events[0]!.subject);
    const body = { kind: 'commit' as const, owner: 'test', events: [...events] };
    const id = `${events[0]!.id}+${events.length}`;
    const done = await log.append({ partition, body, id, expected: heads[partition]! });
    expect(done.kind).toBe('stored');
    heads[partition]! += 1;
    all.push(...events);
  }

  /** Events of call number `n`, made `n` seconds after the first. */
  function call(n: number, tenantid: string, ...facts: readonly Fact[]): CallEvent[] {
    const subject = `0${n % partitions}-019a9d5c-7a00-7c4e-b1a2-${n.toString(16).padStart(12, '0')}`;
    return history(...facts).map((event) => ({
      ...event,
      tenantid,
      subject,
      partitionkey: subject,
      id: `${subject}/${event.sequence}`,
      time: new Date(Date.parse(event.time) + n * 1_000).toISOString(),
    }));
  }

  const question = (message: object) =>
    bus.request(subjects.viewQuestions, message, 20_000) as Promise<ViewAnswer>;
  const order = (message: object) => bus.request(subjects.viewOrders, message, 20_000) as Promise<ViewAnswer>;
  const list = (more: Partial<CallsQuestion>) => question({ ask: 'calls', limit: 200, ...more });
  async function listed(more: Partial<CallsQuestion>) {
    const last = all.at(-1)!;
    const answer = await list({ atLeast: { callId: last.subject, seq: last.sequence }, ...more });
    if (!answer.ok || !('calls' in answer)) throw new Error(JSON.stringify(answer));
    return answer;
  }
  /** What the events themselves say, newest first. */
  const expected = (keep: (event: CallEvent) => boolean = () => true) =>
    [...Map.groupBy(all, ({ subject }) => subject).values()]
      .filter((events) => events.some(keep))
      .map((events) => summarize(foldCall(events)!))
      .sort((a, b) => b.createdAt - a.createdAt);

  it('lists calls newest first, page by page, to whom they concern', async () => {
    for (let n = 0; n < 12; n++) {
      const facts = [
        created(),
        joined(host),
        ...(n % 3 === 0 ? [joined(guest)] : []),
        ...(n % 4 === 0 ? [ended('empty')] : []),
      ];
      await append(call(n, n < 8 ? 'default' : 'other', ...facts));
    }
    // The other partition may be a moment behind.
    await waitFor(async () => (await listed({})).calls.length === 12, 'all calls');
    expect(await listed({})).toEqual({ ok: true, calls: expected(), more: false, stale: false });
    const pages: string[] = [];
    for (let before: CallsPlace | undefined; ;) {
      const { calls, more } = await listed({ tenantId: 'default', limit: 3, ...(before && { before }) });
      pages.push(...calls.map(({ callId }) => callId));
      const last = calls.at(-1)!;
      before = { createdAt: last.createdAt, callId: last.callId };
      if (!more) break;
    }
    expect(pages).toEqual(expected((event) => event.tenantid === 'default').map(({ callId }) => callId));
    const ofGuest = (event: CallEvent) =>
      event.tenantid === 'default' && 'userId' in event.data && event.data.userId === guest.userId;
    expect((await listed({ tenantId: 'default', userId: guest.userId })).calls).toEqual(expected(ofGuest));
    expect((await listed({ tenantId: 'default', status: 'ended' })).calls).toHaveLength(2);
    expect((await listed({ tenantId: 'none' })).calls).toEqual([]);
    const [one] = expected();
    expect((await listed({ callId: one!.callId })).calls).toEqual([one]);
  });

  it('waits for what somebody knows to be there, for a bounded time', async () => {
    const events = call(20, 'default', created(), joined(host));
    const asked = list({ callId: events[0]!.subject, atLeast: { callId: events[0]!.subject, seq: 2 } });
    await append(events);
    expect(await asked).toMatchObject({ ok: true, calls: [{ seq: 2 }], stale: false });
    const inVain = await list({
      callId: events[0]!.subject,
      atLeast: { callId: events[0]!.subject, seq: 3 },
    });
    expect(inVain).toMatchObject({ ok: true, calls: [{ seq: 2 }], stale: true });
  });

  it('refuses what it does not understand', async () => {
    expect(await question({ ask: 'calls', limit: 0 })).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: 'limit' },
    });
    expect(await order({ do: 'rebuild', view: 'nothing' })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
    const { subject: callId } = all[0]!;
    expect(await order({ do: 'retry', view: 'calls', callId })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
  });

  it('builds a view anew while the log goes on, with the same rows, and reads from the new one', async () => {
    const build = async (live: boolean) => {
      const answer = await question({ ask: 'views' });
      if (!answer.ok || !('views' in answer)) throw new Error(JSON.stringify(answer));
      return { found: answer.views.find((view) => view.name === 'calls' && view.live === live), ...answer };
    };
    expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
    let n = 30;
    await waitFor(async () => {
      await append(call(n++, 'default', created(), locked));
      return (await build(true)).found?.build === 2;
    }, 'the new copy to be read');
    const { rebuilt } = await build(true);
    expect(rebuilt).toEqual([{ view: 'calls@1.2', same: true }]);
    expect((await build(false)).found).toBeUndefined();
    await append(call(n, 'default', created()));
    await waitFor(async () => (await listed({})).calls.length === expected().length, 'all calls');
    expect((await listed({})).calls).toEqual(expected());
  });

  it('goes on where the answer to the switch is lost', async () => {
    const next = (await builds()).live + 1;
    let lost = false;
    committed = async () => {
      if (lost || (await builds()).live !== next) return;
      lost = true;
      throw new Error('the connection is gone');
    };
    expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
    await waitFor(() => lost, 'the switch');
    committed = undefined;
    await append(call(60, 'default', created()));
    await waitFor(async () => (await listed({})).calls.length === expected().length, 'all calls');
    expect(await listed({})).toMatchObject({ stale: false });
  });

  it('is told to build a view anew in the moment that the copy before takes over', async () => {
    const next = (await builds()).live + 1;
    let again: Promise<ViewAnswer> | undefined;
    let switched = false;
    let held = false;
    const goesOn = Promise.withResolvers<void>();
    committed = async () => {
      const now = await builds();
      if (now.live !== next) return;
      if (again === undefined) {
        again = order({ do: 'rebuild', view: 'calls' });
        await waitFor(async () => (await builds()).next === next + 1, 'one more copy to be begun');
        switched = true;
      } else if (held) goesOn.resolve();
      else {
        // The new copy's: its answer comes when the views follow the log again.
        held = true;
        await goesOn.promise;
      }
    };
    expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
    await waitFor(() => switched, 'the switch');
    await goesOn.promise;
    expect(await again).toEqual({ ok: true });
    committed = undefined;
    await waitFor(async () => (await builds()).live === next + 1, 'the last copy to be read');
    await append(call(61, 'default', created()));
    await waitFor(async () => (await listed({})).calls.length === expected().length, 'all calls');
    expect(await listed({})).toMatchObject({ stale: false });
  });

  it('says that Postgres is away, and has everything once that is back', async () => {
    await postgres.kill();
    expect(await list({})).toMatchObject({ ok: false, error: { code: 'views_unavailable' } });
    await append(call(900, 'default', created()));
    await append(call(901, 'default', created(), joined(guest)));
    await postgres.restart();
    await waitFor(async () => {
      const answer = await list({});
      return answer.ok && 'calls' in answer && answer.calls.length === expected().length;
    }, 'all calls');
    expect((await listed({})).calls).toEqual(expected());
  });

  it('goes on where it was after a new start, and says how far behind it is', async () => {
    await worker.stop();
    await append(call(950, 'default', created(), joined(guest)));
    await start();
    await waitFor(async () => {
      await worker.measure();
      const { values } = await registry.getSingleMetric('ringback_view_commits_behind')!.get();
      return values.length === 3 * partitions && values.every(({ value }) => value === 0);
    }, 'no view to be behind');
    expect((await listed({})).calls).toEqual(expected());
    const { rows } = await db.transaction().execute((trx) =>
      sql<{ user_id: string }>`select user_id from "sessions@1.1".session
        where call_id = ${all.at(-1)!.subject}`.execute(trx),
    );
    expect(rows).toEqual([{ user_id: guest.userId }]);
  });

  it('parks a call that one view can not fold, and says so, tries again or gives it up as it is told', async () => {
    // Who never came can not leave; to sessions that is all the same.
    const events = call(800, 'default', created(), joined(host), left(guest), locked);
    const { subject: callId } = events[0]!;
    await append(events);
    all.splice(-events.length);
    const seen = await list({ callId, atLeast: { callId, seq: 4 } });
    expect(seen).toMatchObject({ ok: true, calls: [{ callId, participantsNow: 1, seq: 2 }], stale: false });
    const reason = `there is no participant ${guest.participantId}`;
    const parked = { view: 'calls', callId, seq: 3, reason, kept: 1 };
    expect(await question({ ask: 'parked' })).toMatchObject({ ok: true, parked: [parked] });
    const shown = await question({ ask: 'parked-call', view: 'calls', callId });
    expect(shown).toMatchObject({ ok: true, call: parked, events: [{ sequence: 3 }] });
    const again = await order({ do: 'retry', view: 'calls', callId });
    expect(again).toMatchObject({
      ok: false,
      error: { code: 'call_parked', message: expect.stringContaining(reason) },
    });
    expect(await order({ do: 'retry', view: 'sessions', callId })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect(await order({ do: 'drop', view: 'calls', callId })).toEqual({ ok: true });
    expect(await question({ ask: 'parked' })).toMatchObject({
      parked: [{ callId, kept: 0, over: 'dropped' }],
    });
    const { value } = (await registry.getSingleMetric('ringback_view_parked_calls_total')!.get()).values[0]!;
    expect(value).toBe(1);
  });
});
