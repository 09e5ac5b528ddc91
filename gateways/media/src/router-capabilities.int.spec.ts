import { routerCodecs, routerRtpCapabilities } from '@ringback/domain';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import { createWorker } from 'mediasoup';
import { expect, it } from 'vitest';

it("a real router's capabilities are those that clients carry with them", async () => {
  const worker = await createWorker({ workerBin: mediasoupWorkerPath()!, logLevel: 'none' });
  try {
    const router = await worker.createRouter({ mediaCodecs: structuredClone([...routerCodecs]) });
    expect(routerRtpCapabilities()).toEqual(router.rtpCapabilities);
  } finally {
    worker.close();
  }
});
