import { makeLogger, makeMetrics, ManualClock, MemoryBus, seededIds } from '@ringback/runtime';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import { subjects, type BeatMessage } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { startMedia } from './media.ts';

it('says with its last beat that it takes no calls any more', async () => {
  const bus = new MemoryBus();
  const beats: BeatMessage[] = [];
  bus.subscribe(subjects.beat('media-1'), (message) => beats.push(message as BeatMessage));
  const media = await startMedia({
    ...{ gateway: 'media-1', region: 'home', partitions: 1, workers: 1, addresses: ['127.0.0.1'] },
    ...{ workerBin: mediasoupWorkerPath()!, port: 27_000 + Math.floor(Math.random() * 500) },
    ...{ bus, clock: new ManualClock(0), ids: seededIds(1) },
    ...{ logger: makeLogger('test', 'silent'), registry: makeMetrics('test') },
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  await settled();
  expect(beats.at(-1)?.load).toBeTypeOf('number');
  await media.stop();
  await settled();
  const [gateway, incarnation] = media.server.split('/');
  expect(beats.at(-1)).toEqual({ gateway, incarnation, region: 'home' });
});
