import { headers } from '@nats-io/transport-node';
import { streams, subjects } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { connectLog } from './connect-log.ts';
import { collect } from './contract/event-log.contract.ts';
import { testCommit, textOf } from './contract/test-commit.ts';
import { provisionStreams } from './provision.ts';

/** What real servers answer in the cases that the rule of append-rule.spec.ts is about. */
describe.each([1, 3] as const)('appends on R%i', (replicas) => {
  let cluster: NatsCluster;
  let on: Awaited<ReturnType<typeof connectLog>>;
  let nextPartition = 0;
  const append = (partition: number, text: string, expected: number) =>
    on.log.append({ partition, body: testCommit(text), id: text, expected });
  const texts = async (partition: number) => (await collect(on.log.read(partition))).map(textOf);

  beforeAll(async () => {
    cluster = await NatsCluster.start(replicas);
    on = await connectLog(cluster.address('writer'));
    await provisionStreams(on.nc, 5, replicas);
  });
  afterAll(async () => {
    await on?.close();
    await cluster?.stop();
  });

  /** One try, as JetStream answers it. */
  const tryOnce = async (partition: number, id: string, expected: number) => {
    const head = headers();
    head.set('Nats-Msg-Id', id);
    head.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    const body = JSON.stringify(testCommit(id));
    const answer = await on.nc.request(subjects.events(partition), body, { headers: head, timeout: 5_000 });
    return answer.json<{ seq?: number; duplicate?: boolean; error?: { err_code: number } }>();
  };

  it('a place that is taken is refused, and the rule calls that fenced', async () => {
    const p = nextPartition++;
    await append(p, `${p}a`, 0);
    await append(p, `${p}b`, 1);
    // R1 says which sequence it has; R3 says it as a constant.
    expect([10071, 10164]).toContain((await tryOnce(p, `${p}raw`, 1)).error?.err_code);
    expect(await append(p, `${p}late`, 1)).toEqual({ kind: 'fenced' });
    expect(await texts(p)).toEqual([`${p}a`, `${p}b`]);
  });

  it('the same id again: R1 refuses by place, R3 knows it; the rule calls both done', async () => {
    const p = nextPartition++;
    await append(p, `${p}a`, 0);
    const again = await tryOnce(p, `${p}a`, 0);
    if (replicas === 1) expect(again.error?.err_code).toBe(10071);
    else expect(again).toMatchObject({ seq: 1, duplicate: true });
    expect(await append(p, `${p}a`, 0)).toEqual({ kind: 'stored', position: 1 });
    await append(p, `${p}b`, 1);
    expect(await append(p, `${p}a`, 0)).toEqual({ kind: 'stored', position: 1 });
    expect(await texts(p)).toEqual([`${p}a`, `${p}b`]);
  });

  it('what stood in its place was purged: unknown, and the fence is whole', async () => {
    const p = nextPartition++;
    for (const [i, text] of ['a', 'b', 'c'].entries()) await append(p, `${p}${text}`, i);
    await on.nc.request(`$JS.API.STREAM.PURGE.${streams.events(p)}`, JSON.stringify({ keep: 1 }), {
      timeout: 5_000,
    });
    expect((await append(p, `${p}late`, 1)).kind).toBe('unknown');
    expect(await append(p, `${p}d`, 3)).toEqual({ kind: 'stored', position: 4 });
  });

  it('its leader is gone while it is written: bridged, everything once', async () => {
    const p = nextPartition++;
    const acked: string[] = [];
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        expect(await append(p, `${p}w${n}`, n)).toEqual({ kind: 'stored', position: n + 1 });
        acked.push(`${p}w${n}`);
      }
    })();
    const getOn = async () => {
      const goal = acked.length + 30;
      await waitFor(() => acked.length >= goal, 'the writer to get on', 30_000);
    };
    await getOn();
    const leader = await cluster.leaderOf(on.nc, streams.events(p));
    await leader.kill();
    // A cluster goes on without it; a single server has to come back first.
    if (replicas === 3) await getOn();
    leader.start();
    await getOn();
    writing = false;
    await writer;
    expect(await texts(p)).toEqual(acked);
    await cluster.untilWell();
  });
});
