import { created, history, joined, person, type Fact } from '@ringback/domain/testing';
import { JetStreamLog, logHeads, provisionStreams } from '@ringback/eventlog';
import { jetstreamManager } from '@nats-io/jetstream';
import { openPostgres, PostgresViewStore, switchTo, type Database } from '@ringback/projections';
import { connectNats, makeLogger, makeMetrics, NatsBus, systemClock } from '@ringback/runtime';
import { streams, subjects, type CallEvent, type ViewAnswer } from '@ringback/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { startEmbedded, type TestPostgres } from '../../../tests/support/postgres.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { makeViewsMetrics } from './metrics.ts';
import { calls } from './projections/calls.ts';
import { ViewsWorker } from './views-worker.ts';

/** The worker as it runs, while operators do to its log and to its views what they should not. */
describe('ViewsWorker in trouble', () => {
  let server: NatsServer;
  let postgres: TestPostgres;
  let db: Database;
  let nc: Awaited<ReturnType<typeof connectNats>>;
  let log: JetStreamLog;
  let bus: NatsBus;
  let worker: ViewsWorker;
  let head = 0;

  beforeEach(async () => {
    head = 0;
    [server, postgres] = await Promise.all([NatsServer.start(), startEmbedded()]);
    nc = await connectNats(server.address('views'));
    await provisionStreams(nc, 1, 1);
    log = await JetStreamLog.open(nc);
    bus = new NatsBus(nc, () => {});
    db = openPostgres(postgres.url, () => {});
    const metrics = makeViewsMetrics(makeMetrics('views'));
    const logger = makeLogger('views', 'silent');
    worker = new ViewsWorker(
      { db, log, head: await logHeads(nc), bus, clock: systemClock, logger, metrics },
      1,
    );
    void worker.run();
    await waitFor(async () => (await list()).ok, 'the views to answer');
  });
  afterEach(async () => {
    await worker?.stop();
    await db?.destroy();
    await nc?.close();
    await Promise.all([server?.stop(), postgres?.stop()]);
  });

  async function append(events: readonly CallEvent[]): Promise<void> {
    const body = { kind: 'commit' as const, owner: 'test', events: [...events] };
    const done = await log.append({ partition: 0, body, id: `${events[0]!.id}-${head}`, expected: head });
    expect(done.kind).toBe('stored');
    head += 1;
  }

  function call(n: number, ...facts: readonly Fact[]): CallEvent[] {
    const subject = `00-019a9d5c-7a00-7c4e-b1a2-${n.toString(16).padStart(12, '0')}`;
    return history(...facts).map((event) => ({
      ...event,
      subject,
      partitionkey: subject,
      id: `${subject}/${event.sequence}`,
    }));
  }

  const list = () =>
    bus.request(subjects.viewQuestions, { ask: 'calls', limit: 200 }, 20_000) as Promise<ViewAnswer>;
  const order = (message: object) => bus.request(subjects.viewOrders, message, 20_000) as Promise<ViewAnswer>;
  async function listed(): Promise<string[]> {
    const answer = await list();
    return answer.ok && 'calls' in answer ? answer.calls.map(({ callId }) => callId.slice(-2)).sort() : [];
  }
  async function liveBuildOf(name: string): Promise<number> {
    const answer = (await bus.request(subjects.viewQuestions, { ask: 'views' }, 20_000)) as ViewAnswer;
    if (!answer.ok || !('views' in answer)) return 0;
    return answer.views.find((view) => view.name === name && view.live)!.build;
  }
  const untilListed = (...ids: string[]) =>
    waitFor(
      async () => JSON.stringify(await listed()) === JSON.stringify(ids),
      `the calls ${ids.join()} and no others`,
    );

  it('goes on where its consumers are deleted by hand', async () => {
    await append(call(1, created()));
    await untilListed('01');
    const manager = await jetstreamManager(nc);
    for await (const { name } of manager.consumers.list(streams.events(0)))
      await manager.consumers.delete(streams.events(0), name);
    await append(call(2, created()));
    await untilListed('01', '02');
  });

  it('has what a stream has that was deleted and made anew while it followed, and nothing else', async () => {
    for (const n of [1, 2, 3]) await append(call(n, created()));
    await untilListed('01', '02', '03');
    const manager = await jetstreamManager(nc);
    await manager.streams.delete(streams.events(0));
    await provisionStreams(nc, 1, 1);
    head = 0;
    for (const n of [4, 5]) await append(call(n, created(), joined(person(1, 'host'))));
    await untilListed('04', '05');
    for (const n of [6, 7]) await append(call(n, created()));
    await untilListed('04', '05', '06', '07');
  });

  it('is told to rebuild a view while a rebuilt one takes over', async () => {
    await append(call(1, created()));
    await untilListed('01');
    // Without a pause, so that some come in the middle of a switch.
    await waitFor(async () => {
      expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
      return (await liveBuildOf('calls')) >= 5;
    }, 'four builds');
    await append(call(2, created()));
    await untilListed('01', '02');
  });

  it('a switch was made whose answer never came', async () => {
    await append(call(1, created()));
    await untilListed('01');
    expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
    await switchTo(new PostgresViewStore(db), { projection: calls, build: 2 });
    await append(call(2, created()));
    await untilListed('01', '02');
    expect(await order({ do: 'rebuild', view: 'calls' })).toEqual({ ok: true });
    await waitFor(async () => (await liveBuildOf('calls')) === 3, 'the next build');
  });
});
