import { mediasoupWorkerPath, partVersions } from '@ringback/runtime/native-parts';
import { expect, it } from 'vitest';

it('the mediasoup worker runs: a router, and a transport with candidates and a DTLS fingerprint', async () => {
  const workerBin = mediasoupWorkerPath();
  expect(workerBin, 'made ready by npm test').toBeDefined();
  const mediasoup = await import('mediasoup');
  expect(mediasoup.version).toBe(partVersions.mediasoup);
  const worker = await mediasoup.createWorker({ logLevel: 'none', workerBin: workerBin! });
  try {
    const router = await worker.createRouter({
      mediaCodecs: [
        { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
        { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
      ],
    });
    const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
    const transport = await router.createWebRtcTransport({ listenInfos, enableSctp: true });
    expect(transport.iceCandidates).toMatchObject([{ ip: '127.0.0.1', protocol: 'udp', type: 'host' }]);
    expect(transport.dtlsParameters.fingerprints.length).toBeGreaterThan(0);
  } finally {
    worker.close();
  }
});
