import { jetstreamManager } from '@nats-io/jetstream';
import { streams } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { connectLog } from './connect-log.ts';
import { inspectLog, unfitServer, type LogFinding } from './inspect-log.ts';
import { provisionStreams } from './provision.ts';

describe('the streams of one server', () => {
  let cluster: NatsCluster;
  let on: Awaited<ReturnType<typeof connectLog>>;
  beforeAll(async () => {
    cluster = await NatsCluster.start(1);
    on = await connectLog(cluster.address('test'));
  });
  afterAll(async () => {
    await on?.close();
    await cluster?.stop();
  });

  it('more copies than servers: refused, by the name of the setting', async () => {
    await expect(provisionStreams(on.nc, 1, 3)).rejects.toMatchObject({
      name: 'LogNotReady',
      message: expect.stringContaining('RINGBACK_REPLICAS=3'),
    });
  });

  it('made once, found well; a setting that differs is told and changes nothing', async () => {
    const said: LogFinding[] = [];
    await provisionStreams(on.nc, 2, 1, (finding) => said.push(finding));
    await provisionStreams(on.nc, 2, 1, (finding) => said.push(finding));
    expect(said).toEqual([]);
    expect(await inspectLog(on.nc, { partitions: 2, replicas: 1 })).toMatchObject([{ state: 'ok' }]);
    await provisionStreams(on.nc, 2, 3, (finding) => said.push(finding));
    expect(said.map(({ state, message }) => [state, message.split(' ')[0]])).toEqual([
      ['warn', 'EVT_00'],
      ['warn', 'EVT_01'],
      ['warn', 'TEL'],
    ]);
    const manager = await jetstreamManager(on.nc);
    expect((await manager.streams.info(streams.events(0))).config.num_replicas).toBe(1);
  });

  it('a stream that was deleted is missed, and told when it is made anew', async () => {
    const manager = await jetstreamManager(on.nc);
    await manager.streams.delete(streams.events(0));
    expect(await inspectLog(on.nc, { partitions: 2 })).toMatchObject([
      { state: 'fail', message: 'The stream EVT_00 is missing.' },
    ]);
    const said: LogFinding[] = [];
    await provisionStreams(on.nc, 2, 1, (finding) => said.push(finding));
    expect(said.map(({ message }) => message)).toEqual([expect.stringContaining('EVT_00 was missing')]);
  });

  it('a server that is too old is refused with the remedy', () => {
    expect(unfitServer(on.nc)).toBeUndefined();
    const old = { ...on.nc, info: { ...on.nc.info!, version: '2.14.3' } };
    expect(unfitServer(old)).toMatchObject({
      state: 'fail',
      message: expect.stringContaining('2.14.3 is too old'),
    });
  });

  it('a server that takes less in one message than a commit may have is refused with the remedy', async () => {
    const small = { ...on.nc, info: { ...on.nc.info!, max_payload: 64 * 1024 } };
    await expect(provisionStreams(small, 2, 1)).rejects.toThrow(/65536 bytes.*Set max_payload/);
  });

  it('a cluster whose leader has not heard of the others yet is asked again', async () => {
    const refusals = [10005, 10005];
    // The first answers are a stand-in: a leader knows of the others within a moment, which a test can not hit at will.
    const request: typeof on.nc.request = async (subject, ...rest) => {
      const code = subject.includes('STREAM.CREATE') ? refusals.shift() : undefined;
      if (code === undefined) return on.nc.request(subject, ...rest);
      const error = {
        code: 400,
        err_code: code,
        description: 'no suitable peers for placement, peer offline',
      };
      const data = new TextEncoder().encode(JSON.stringify({ error }));
      return { data } as Awaited<ReturnType<typeof on.nc.request>>;
    };
    const manager = await jetstreamManager(on.nc);
    await manager.streams.delete(streams.telemetry);
    const nc = Object.create(on.nc, { request: { value: request } }) as typeof on.nc;
    await provisionStreams(nc, 2, 1);
    expect(refusals).toEqual([]);
    expect(await inspectLog(on.nc, { partitions: 2 })).toMatchObject([{ state: 'ok' }]);
  });

  it('fewer partitions than the log has are refused: nobody would find their calls', async () => {
    await provisionStreams(on.nc, 3, 1);
    await expect(provisionStreams(on.nc, 2, 1)).rejects.toThrow(/RINGBACK_PARTITIONS=2.*EVT_02.*Set it to 3/);
    await provisionStreams(on.nc, 3, 1);
  });
});

describe('the streams of a cluster', () => {
  // Three servers form a cluster, lose their leader and elect another: 4 - 9 s each, twice as long where a vote is a tie.
  it(
    'without a leader it is waited for, and told; with one the streams have three copies',
    { timeout: 90_000 },
    async () => {
      const cluster = await NatsCluster.start(3);
      const [first, ...others] = cluster.nodes;
      const on = await connectLog(cluster.address('test', `nats://127.0.0.1:${first!.port}`));
      try {
        for (const node of others) await node.kill();
        const said: LogFinding[] = [];
        const provisioning = provisionStreams(on.nc, 1, 3, (finding) => said.push(finding));
        await waitFor(() => said.length > 0, 'word of the missing leader');
        expect(said[0]).toMatchObject({ state: 'warn', remedy: expect.stringContaining('more than half') });
        for (const node of others) node.start();
        await provisioning;
        await cluster.untilWell();
        // A server that has only just come up is heard of as "not up to date" for a moment.
        const whole = await waitFor(
          async () => {
            const findings = await inspectLog(on.nc, { partitions: 1, replicas: 3 });
            return findings.every(({ state }) => state === 'ok') && findings;
          },
          'all copies to be up to date',
          30_000,
        );
        expect(whole).toMatchObject([{ state: 'ok', message: expect.stringContaining('3 copies') }]);
      } finally {
        await on.close();
        await cluster.stop();
      }
    },
  );
});
