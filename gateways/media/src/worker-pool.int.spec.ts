import { createSocket } from 'node:dgram';
import { makeLogger, ManualClock } from '@ringback/runtime';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { limits } from './limits.ts';
import { WorkerPool, type MediaWorker, type PoolOptions } from './worker-pool.ts';

describe('the mediasoup workers', () => {
  const firstPort = 29_100 + Math.floor(Math.random() * 500);
  const clock = new ManualClock(0);
  const died: MediaWorker[] = [];
  let pool: WorkerPool;

  const start = async (more: Partial<PoolOptions> = {}) => {
    died.length = 0;
    pool = new WorkerPool({
      ...{
        count: 1,
        workerBin: mediasoupWorkerPath()!,
        firstPort,
        listen: { addresses: ['127.0.0.1'] },
        clock,
      },
      logger: makeLogger('test', 'silent'),
      onDied: (worker) => died.push(worker),
      onStarted: () => {},
      ...more,
    });
    let isUp = false;
    void pool.start().then(() => (isUp = true));
    // A port may be waited for: the pool of the test before has it for a moment, or somebody has it for good.
    await until(() => {
      if (!isUp) clock.advance(limits.portLookMs);
      return isUp;
    });
    return pool;
  };
  const until = (condition: () => boolean) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000 });
  const ports = async () => {
    const dumps = await Promise.all(pool.workers.map(({ server }) => server.dump()));
    return dumps.map(({ udpSockets, tcpServers }) => [...udpSockets, ...tcpServers].map(({ port }) => port));
  };
  afterEach(() => pool.stop());

  it('have a port each, the same for UDP and TCP, and pass over those that are taken', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(firstPort, '127.0.0.1', resolve));
    await start({ count: 2 });
    const used = await ports();
    other.close();
    expect(used.every(([udp, tcp]) => udp === tcp && udp! > firstPort)).toBe(true);
    expect(new Set(used.flat()).size).toBe(2);
  });

  it('wait a moment for the port of the life before, which a firewall lets through', async () => {
    const before = createSocket('udp4');
    await new Promise<void>((resolve) => before.bind(firstPort, '127.0.0.1', resolve));
    const after = clock.after.bind(clock);
    const waits = vi.spyOn(clock, 'after').mockImplementation((ms, task) => {
      if (ms === limits.portLookMs && waits.mock.calls.length === 1) before.close();
      return after(ms, task);
    });
    await start();
    waits.mockRestore();
    expect(await ports()).toEqual([[firstPort, firstPort]]);
  });

  it('leave out addresses that are not here', async () => {
    await start({ listen: { addresses: ['203.0.113.7', '127.0.0.1'] } });
    expect((await pool.workers[0]!.server.dump()).udpSockets).toMatchObject([{ ip: '127.0.0.1' }]);
  });

  it('are offered at the announced address too', async () => {
    await start({ listen: { addresses: ['127.0.0.1'], announcedAddress: 'media.example' } });
    const router = await pool.workers[0]!.worker.createRouter();
    const transport = await router.createWebRtcTransport({ webRtcServer: pool.workers[0]!.server });
    expect(new Set(transport.iceCandidates.map(({ address }) => address))).toEqual(
      new Set(['127.0.0.1', 'media.example']),
    );
  });

  it('are replaced when they die, later each time', async () => {
    await start();
    expect(pool.load()).toBe(0);
    let waitMs: number = limits.workerBackOffMsMin;
    for (let death = 1; death <= 3; death++) {
      const { pid } = pool.workers[0]!.worker;
      process.kill(pid, 'SIGKILL');
      await until(() => died.length === death);
      expect(pool.load()).toBeUndefined();
      expect(pool.least()).toBeUndefined();
      clock.advance(waitMs - 1);
      expect(pool.workers).toEqual([]);
      clock.advance(1);
      await until(() => pool.workers.length === 1);
      expect(pool.workers[0]!.worker.pid).not.toBe(pid);
      waitMs *= 2;
    }
  });

  it('that stand still are killed, and so replaced', async () => {
    await start();
    process.kill(pool.workers[0]!.worker.pid, 'SIGSTOP');
    for (let ms = 0; ms <= limits.workerSilentMs + limits.usageEveryMs; ms += limits.usageEveryMs)
      clock.advance(limits.usageEveryMs);
    await until(() => died.length === 1);
    clock.advance(limits.workerBackOffMsMin);
    await until(() => pool.workers.length === 1);
  });

  it('are tried again where they can not start, and nobody is invited meanwhile', async () => {
    await start({ workerBin: '/bin/false' });
    expect(pool.workers).toEqual([]);
    expect(pool.load()).toBeUndefined();
  });

  it('share calls out by what is on them', async () => {
    await start({ count: 2 });
    const first = pool.least()!;
    await first.worker.createRouter();
    expect(first.counts.routers).toBe(1);
    expect(pool.least()).not.toBe(first);
  });
});
