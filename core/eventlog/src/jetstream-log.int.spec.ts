import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsServer } from '../../../tests/support/nats-server.ts';
import { TcpProxy } from '../../../tests/support/tcp-proxy.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { connectLog } from './connect-log.ts';
import { collect, describeEventLog, type TestOwner } from './contract/event-log.contract.ts';
import { testCommit, textOf } from './contract/test-commit.ts';
import type { AppendResult } from './event-log.ts';
import { provisionStreams } from './provision.ts';

const partitions = 20;

/** An owner in a process of its own. */
async function processOwner(url: string, name: string, partition: number): Promise<TestOwner> {
  const script = fileURLToPath(new URL('./contract/owner-process.ts', import.meta.url));
  const child: ChildProcess = fork(script, [url, name, String(partition)], { execArgv: [] });
  const answer = () =>
    new Promise<unknown>((resolve) =>
      child.once('message', (message: { result: unknown }) => resolve(message.result)),
    );
  const tell = <T>(order: object): Promise<T> => {
    const answered = answer();
    child.send(order);
    return answered as Promise<T>;
  };
  await answer();
  let frozen: Promise<AppendResult> | undefined;
  return {
    claim: () => tell<number>({ do: 'claim' }),
    adopt: () => tell<number>({ do: 'adopt' }),
    commit: (text) => tell<AppendResult>({ do: 'commit', text }),
    freezeBefore: async (text) => {
      frozen = tell<AppendResult>({ do: 'freezeBefore', text });
      await waitFor(() => isStopped(child.pid!), 'the owner to be stopped');
    },
    wake: () => {
      child.kill('SIGCONT');
      return frozen!;
    },
    end: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** State T in the process table. */
async function isStopped(pid: number): Promise<boolean> {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)])
    .toString()
    .trim()
    .startsWith('T');
}

describeEventLog('JetStream', async () => {
  const server = await NatsServer.start();
  const proxy = await TcpProxy.to(server.port);
  const direct = await connectLog(server.address('direct'));
  await provisionStreams(direct.nc, partitions, 1);
  const proxied = await connectLog(server.address('proxied', proxy.port));
  return {
    log: proxied.log,
    owner: (name, partition) => processOwner(server.url, name, partition),
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
      await server.stop();
    },
  };
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
