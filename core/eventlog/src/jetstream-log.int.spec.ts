import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsCluster } from '../../../tests/support/nats-cluster.ts';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { TcpProxy } from '../../../tests/support/tcp-proxy.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { connectLog } from './connect-log.ts';
import { collect, describeEventLog } from './contract/event-log.contract.ts';
import { processOwner } from './contract/process-owner.ts';
import { testCommit, textOf } from './contract/test-commit.ts';
import { provisionStreams } from './provision.ts';

/** One for each test of the contract. */
const partitions = 16;

describe.each([1, 3] as const)('R%i', (replicas) => {
  describeEventLog(`JetStream R${replicas}`, async () => {
    const cluster = await NatsCluster.start(replicas);
    const proxy = await TcpProxy.to(cluster.nodes[0]!.port);
    const direct = await connectLog(cluster.address('direct'));
    await provisionStreams(direct.nc, partitions, replicas);
    const proxied = await connectLog(cluster.address('proxied', `nats://127.0.0.1:${proxy.port}`));
    return {
      log: proxied.log,
      owner: (name, partition) => processOwner(cluster.url, name, partition),
      appendWithLostAck: async (append) => {
        proxy.deafen = true;
        const before = proxy.swallowed;
        const result = append();
        // The server has stored it and said so, into the void.
        await waitFor(() => proxy.swallowed > before, 'the acknowledgement to be swallowed');
        proxy.heal();
        return result;
      },
      close: async () => {
        await Promise.all([direct.close(), proxied.close()]);
        proxy.close();
        await cluster.stop();
      },
    };
  });
});

describe('JetStream: what only a real server can do', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server.stop());

  it('kill -9 of nats-server under a writer: what was acknowledged is there once, and the writer goes on', async () => {
    const { log, nc, close } = await connectLog(server.address('writer'));
    await provisionStreams(nc, 1, 1);
    const acked: string[] = [];
    let expected = 0;
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        const result = await log.append({ partition: 0, body: testCommit(`w${n}`), id: `w${n}`, expected });
        expect(result).toEqual({ kind: 'stored', position: expected + 1 });
        expected += 1;
        acked.push(`w${n}`);
      }
    })();
    for (let kills = 1; kills <= 3; kills++) {
      const goal = acked.length + 30;
      await waitFor(() => acked.length >= goal, 'the writer to get on');
      await server.kill();
      await server.restart();
    }
    const goal = acked.length + 30;
    await waitFor(() => acked.length >= goal, 'the writer to get on');
    writing = false;
    await writer;
    expect((await collect(log.read(0))).map(textOf)).toEqual(acked);
    await close();
  });

  it('a request is lost on its way: sent again, stored once', async () => {
    const proxy = await TcpProxy.to(server.port);
    const { log, close } = await connectLog(server.address('lossy', proxy.port));
    const before = (await collect(log.read(0))).length;
    proxy.silence = true;
    const result = log.append({ partition: 0, body: testCommit('lost'), id: 'lost', expected: before });
    await waitFor(() => proxy.swallowed > 0, 'the request to be swallowed');
    proxy.heal();
    expect(await result).toEqual({ kind: 'stored', position: before + 1 });
    expect((await collect(log.read(0))).filter((c) => textOf(c) === 'lost')).toHaveLength(1);
    await close();
    proxy.close();
  });

  it('a request for what is to be read goes astray: asked for anew', async () => {
    const proxy = await TcpProxy.to(server.port);
    const { log, close } = await connectLog(server.address('reader', proxy.port));
    const all = await collect(log.read(0));
    // As where a consumer's leader is not there yet, or no longer: nobody listens where the request goes.
    let astray = 0;
    proxy.onData = (from, data) => {
      if (from === 'server' || astray > 0 || !data.includes('CONSUMER.MSG.NEXT')) return data;
      astray += 1;
      return Buffer.from(data.toString('latin1').replace('CONSUMER.MSG.NEXT', 'CONSUMER.MSG.VOID'), 'latin1');
    };
    expect(await collect(log.read(0))).toEqual(all);
    expect(astray).toBe(1);
    await close();
    proxy.close();
  });

  it('a connection that ends in the middle of a read is not the end of the log', async () => {
    const { log, close } = await connectLog(server.address('leaver'));
    const before = (await collect(log.read(0))).length;
    const reading = (async () => {
      for await (const { position } of log.read(0, { to: before + 1 })) if (position === before) void close();
    })();
    await expect(reading).rejects.toMatchObject({ name: 'ReadStalled' });
  });

  it('a message that is not a commit stops the reader there, by name', async () => {
    const { log, nc, close } = await connectLog(server.address('vandal'));
    const before = (await collect(log.read(0))).length;
    await nc.request('evt.00', 'not a commit');
    await expect(collect(log.read(0))).rejects.toMatchObject({
      name: 'UndecodableCommit',
      partition: 0,
      position: before + 1,
    });
    await close();
  });
});
