import { randomUUID } from 'node:crypto';
import { foldCall } from '@ringback/domain';
import {
  callId,
  created,
  fact,
  history,
  joined,
  left,
  person,
  published,
  routed,
  type Fact,
} from '@ringback/domain/testing';
import { makeLogger, ManualClock } from '@ringback/runtime';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import type { CallView, Capabilities, CommandData, RtpParameters } from '@ringback/schemas';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MediaCommandType } from './commands.ts';
import { limits } from './limits.ts';
import { capabilitiesFor, openConsumer, openProducer, type LiveConsumer, type LiveEndpoint } from './live.ts';
import { MediaCall } from './media-call.ts';
import { WorkerPool } from './worker-pool.ts';

/** One call on a real mediasoup worker; what browsers would do on the wire is said by hand, and time stands still. */

const capabilities: Capabilities = {
  version: 2,
  audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  videoCodecs: [
    { mimeType: 'video/VP8', clockRate: 90_000 },
    { mimeType: 'video/rtx', clockRate: 90_000 },
  ],
  screenShare: true,
  userAgent: 'test',
};
const fingerprints = [
  { algorithm: 'sha-256' as const, value: Array.from({ length: 32 }, () => 'AB').join(':') },
];
const simulcast: RtpParameters = {
  mid: '0',
  codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 10 }],
  encodings: [4, 2, 1].map((scale, n) => ({
    rid: `r${n}`,
    scaleResolutionDownBy: scale,
    scalabilityMode: 'L1T3',
  })),
};
const us = { gateway: 'media-1/1', region: 'local', load: 0 };
const [a, b, c] = [person(1, 'host'), person(2, 'b'), person(3, 'c')];
const camera = { trackId: 'camera-1', kind: 'video' as const, source: 'camera' as const, muted: false };

let pool: WorkerPool;
beforeAll(async () => {
  pool = new WorkerPool({
    count: 1,
    workerBin: mediasoupWorkerPath()!,
    firstPort: 28_000 + Math.floor(Math.random() * 1_000),
    listen: { addresses: ['127.0.0.1'] },
    clock: new ManualClock(0),
    logger: makeLogger('test', 'silent'),
    onDied: () => {},
    onStarted: () => {},
  });
  await pool.start();
});
afterAll(() => pool.stop());

describe('a call on the Call Server', () => {
  let clock: ManualClock;
  let call: MediaCall;
  let facts: Fact[];
  let said: { type: MediaCommandType; data: unknown }[];

  const joins = (who: typeof a): Fact => {
    const fact = joined(who);
    return { ...fact, data: { ...fact.data, capabilities, fingerprints } } as Fact;
  };
  const view = (): CallView => foldCall(history(...facts))!;
  const happens = (...more: Fact[]) => {
    facts.push(...more);
    call.update(view(), undefined);
  };
  const produced = (who: typeof a, producerId: string, trackId = camera.trackId) =>
    fact('call.track.produced', {
      ...{ participantId: who.participantId, epoch: 1, producerId, trackId },
      // One mid a track, as on any transport.
      rtpParameters: { ...simulcast, mid: trackId },
    });
  const of = <T extends MediaCommandType>(type: T): CommandData<T>[] =>
    said.filter((command) => command.type === type).map(({ data }) => data as CommandData<T>);
  const until = (condition: () => boolean) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000 });
  const endpointOf = (who: typeof a): LiveEndpoint => call.media.endpointsOf(who.participantId)[0]!;
  const consumerOf = (who: typeof a): LiveConsumer => [...endpointOf(who).consumers][0]!;
  const dtls = (transport: types.WebRtcTransport, state: types.DtlsState) =>
    transport.emit('dtlsstatechange', state);

  beforeEach(async () => {
    clock = new ManualClock(0);
    said = [];
    facts = [created(), joins(a), joins(b), joins(c)];
    facts.push(routed(1, 'third-joined', 3, us));
    call = new MediaCall(view(), {
      leastWorker: () => pool.least(),
      callServer: () => us,
      send: (_, type, data) => said.push({ type, data }),
      clock,
      logger: makeLogger('test', 'silent'),
    });
    await until(() => of('call.transports').length === 3);
    happens(published(a, camera), produced(a, randomUUID()));
    await until(() => of('call.consumers').length === 2);
  });
  afterEach(async () => {
    await call.close();
    expect(pool.workers[0]!.counts).toEqual({ routers: 0, transports: 0, producers: 0, consumers: 0 });
  });

  it('[L9] makes transports anew that a page closed, without what was produced on the old ones', async () => {
    const before = endpointOf(a);
    dtls(before.recv, 'closed');
    expect(before.send.closed).toBe(true);
    expect(call.media.producers.size).toBe(0);
    expect(call.media.consumers.size).toBe(0);
    clock.advance(limits.rebuildMs - 1);
    expect(of('call.transports')).toHaveLength(3);
    clock.advance(1);
    await until(() => of('call.transports').length === 4);
    expect(of('call.transports').at(-1)).toMatchObject({ to: a.participantId, epoch: 1, consumers: [] });
    expect(endpointOf(a).send.id).not.toBe(before.send.id);
    expect(call.media.producers.size).toBe(0);
    happens(produced(a, randomUUID()));
    await until(() => call.media.consumers.size === 2);
  });

  it('[L9] gives transports up that never connect, until the page is another one', async () => {
    for (let failure = 0; failure < limits.rebuildsMax; failure++) {
      dtls(endpointOf(b).send, 'failed');
      clock.advance(limits.rebuildMs * 2 ** failure);
      await until(() => of('call.transports').length === 4 + failure);
    }
    dtls(endpointOf(b).send, 'failed');
    clock.advance(3_600_000);
    expect(endpointOf(b)).toBeUndefined();
    happens(
      fact('call.participant.reconnected', {
        ...{ participantId: b.participantId, instanceId: randomUUID(), sessionId: b.sessionId },
        ...{ gateway: 'edge-1/1', capabilities, fingerprints },
      }),
    );
    await until(() => endpointOf(b) !== undefined);
  });

  it('restarts ICE where its client asks for it, and makes other transports where that does not help', async () => {
    const asks = (state: 'disconnected' | 'failed') => {
      facts.push(
        fact('call.transport.changed', {
          ...{ participantId: a.participantId, direction: 'recv', epoch: 1, state, restart: true },
        }),
      );
      call.update(view(), history(...facts).at(-1));
    };
    const { recv } = endpointOf(a);
    const wasSeen = () => vi.spyOn(recv, 'iceState', 'get').mockReturnValue('completed');
    wasSeen();
    asks('failed');
    await until(() => of('call.transport-restarted').length === 1);
    expect(of('call.transport-restarted')[0]).toMatchObject({ transportId: recv.id, direction: 'recv' });
    // It came with them: later it may ask again.
    recv.emit('icestatechange', 'completed');
    asks('failed');
    await until(() => of('call.transport-restarted').length === 2);
    // A change of its network is no failure, however often.
    asks('disconnected');
    await until(() => of('call.transport-restarted').length === 3);
    asks('failed');
    await until(() => endpointOf(a) === undefined);
    clock.advance(limits.rebuildMs);
    await until(() => of('call.transports').length === 4);
    // These it has never used: it did not hear of them.
    asks('failed');
    await until(() => endpointOf(a) === undefined);
    clock.advance(2 * limits.rebuildMs);
    await until(() => of('call.transports').length === 5);
    expect(of('call.transport-restarted')).toHaveLength(3);
  });

  it('starts consumers when the client can have them: at DTLS, when it names them, or after a while', async () => {
    expect(consumerOf(b).consumer.paused).toBe(true);
    dtls(endpointOf(b).recv, 'connected');
    await until(() => !consumerOf(b).consumer.paused);
    expect(consumerOf(c).consumer.paused).toBe(true);
    const signal = { callId, participantId: c.participantId, sessionId: c.sessionId };
    call.signal({ ...signal, tiles: { [consumerOf(c).consumer.id]: { width: 320, height: 180 } } });
    await until(() => !consumerOf(c).consumer.paused);
    expect(consumerOf(c).consumer.preferredLayers).toMatchObject({ spatialLayer: 0 });
    // Another session has no say, and a list of another leg's says nothing of this one.
    const none = { width: 0, height: 0 };
    call.signal({ ...signal, sessionId: b.sessionId, tiles: { [consumerOf(c).consumer.id]: none } });
    call.signal({ ...signal, tiles: { [randomUUID()]: { width: 320, height: 180 } } });
    await consumerOf(c).consumer.dump();
    expect(consumerOf(c).consumer.paused).toBe(false);
    call.signal({ ...signal, tiles: { [consumerOf(c).consumer.id]: none } });
    await until(() => consumerOf(c).consumer.paused);
    // Of its own leg, what is not named any more is not shown.
    call.signal({ ...signal, tiles: { [consumerOf(c).consumer.id]: { width: 320, height: 180 } } });
    await until(() => !consumerOf(c).consumer.paused);
    happens(published(b, camera), produced(b, randomUUID()));
    await until(() => endpointOf(c).consumers.size === 2);
    const second = [...endpointOf(c).consumers][1]!;
    call.signal({ ...signal, tiles: { [second.consumer.id]: { width: 320, height: 180 } } });
    await until(() => consumerOf(c).consumer.paused && !second.consumer.paused);
  });

  it('offers what was produced together together, to the page that it was made for', async () => {
    const screen = { ...camera, trackId: 'screen-1', source: 'screen' as const };
    facts.push(published(b, camera), published(b, screen));
    call.update(view(), history(...facts).at(-1));
    // Nothing is under way that they could wait for.
    await new Promise((resolve) => setImmediate(resolve));
    for (const trackId of [camera.trackId, screen.trackId]) {
      facts.push(produced(b, randomUUID(), trackId));
      call.update(view(), history(...facts).at(-1));
    }
    await until(() => of('call.consumers').length > 3);
    const offers = of('call.consumers')
      .slice(2)
      .map(({ to, instanceId, consumers }) => [to, instanceId, consumers.length]);
    expect(offers).toEqual([a, c].map((who) => [who.participantId, who.instanceId, 2]));
  });

  it('neither keeps nor announces what came about on closed transports', async () => {
    const endpoint = endpointOf(b);
    const { from } = consumerOf(b);
    const late = openConsumer(endpoint, from, 'late', capabilitiesFor(endpoint, 'video'));
    endpoint.recv.close();
    const consumer = await late;
    expect(consumer.consumer.closed).toBe(false);
    expect(call.media.addConsumer(consumer)).toBe(false);
    expect(consumer.consumer.closed).toBe(true);
    expect(call.media.consumers.has('late')).toBe(false);
    const sender = endpointOf(c);
    const wanted = { endpoint: sender.key, producerId: randomUUID(), trackId: 'x', kind: 'video' as const };
    const sending = openProducer(sender, 'late', { ...wanted, rtpParameters: simulcast }, false);
    sender.send.close();
    const producer = await sending;
    expect(call.media.addProducer(producer)).toBe(false);
    expect(producer.producer.closed).toBe(true);
  });

  it('[L9] forgets failures only of transports that stay connected', async () => {
    const loses = async (connectedMs: number, failures: number) => {
      const made = of('call.transports').length;
      dtls(endpointOf(b).recv, 'connected');
      clock.advance(connectedMs);
      dtls(endpointOf(b).recv, 'closed');
      clock.advance(limits.rebuildMs * 2 ** failures);
      if (failures < limits.rebuildsMax) await until(() => of('call.transports').length === made + 1);
    };
    for (let n = 0; n < limits.rebuildsMax; n++) await loses(limits.healthyMs / 10, n);
    await loses(limits.healthyMs, 0);
    for (let n = 1; n <= limits.rebuildsMax; n++) await loses(limits.healthyMs / 10, n);
    // A pass later it is not there either.
    happens(published(c, camera), produced(c, randomUUID()));
    await until(() => of('call.consumers').length === 3);
    expect(endpointOf(b)).toBeUndefined();
  });

  it('restarts ICE of what is broken where the wish for it was missed, once', async () => {
    const reports = (state: 'disconnected' | 'connected', direction: 'send' | 'recv') =>
      fact('call.transport.changed', { participantId: a.participantId, direction, epoch: 1, state });
    happens(reports('disconnected', 'recv'), reports('connected', 'send'));
    await until(() => of('call.transport-restarted').length === 1);
    expect(of('call.transport-restarted')[0]).toMatchObject({ to: a.participantId, direction: 'recv' });
    happens(published(c, camera), produced(c, randomUUID()));
    await until(() => of('call.consumers').length === 4);
    expect(of('call.transport-restarted')).toHaveLength(1);
  });

  it('forgets what somebody measured who left', async () => {
    const signal = { callId, participantId: b.participantId, sessionId: b.sessionId };
    const samples = [{ leg: 'recv', connectionState: 'connected', currentRoundTripTime: 0.05 }] as const;
    call.signal({ ...signal, samples: [...samples] });
    happens(left(b));
    call.signal({ ...signal, samples: [...samples] });
    await until(() => endpointOf(b) === undefined);
    happens(joins(b));
    await until(() => of('call.transports').length === 4);
    consumerOf(b).consumer.emit('layerschange', { spatialLayer: 0, temporalLayer: 0 });
    clock.advance(limits.layersFirstMs);
    expect(of('call.layers')[0]!.samples).not.toHaveProperty('currentRoundTripTime');
  });

  it('does not take an earlier list of tiles for the word on a new track', async () => {
    dtls(endpointOf(b).recv, 'connected');
    const first = consumerOf(b);
    const signal = { callId, participantId: b.participantId, sessionId: b.sessionId };
    const tiles = { [first.consumer.id]: { width: 320, height: 180 } };
    call.signal({ ...signal, tiles });
    happens(published(c, camera), produced(c, randomUUID()));
    await until(() => endpointOf(b).consumers.size === 2);
    const second = [...endpointOf(b).consumers][1]!;
    call.signal({ ...signal, tiles });
    expect(of('call.encodings')).toEqual([]);
    clock.advance(limits.resumeMs + 1);
    call.signal({ ...signal, tiles });
    clock.advance(limits.unwatchedMs);
    // Now it does mean that.
    expect(second.consumer.paused).toBe(true);
  });

  it('tells the layers that mediasoup sends, with cause and samples: the last always, no more often than that', async () => {
    const { consumer, endpoint } = consumerOf(b);
    const signal = { callId, participantId: b.participantId, sessionId: b.sessionId };
    call.signal({ ...signal, tiles: { [consumer.id]: { width: 1_280, height: 720 } } });
    call.signal({
      ...signal,
      samples: [{ leg: 'recv', connectionState: 'connected', currentRoundTripTime: 0.05 }],
    });
    const estimated = vi.spyOn(endpoint.recv, 'getStats');
    estimated.mockResolvedValue([{ availableOutgoingBitrate: 280_000 } as types.WebRtcTransportStat]);
    const layers = (spatialLayer: number | undefined) =>
      consumer.emit(
        'layerschange',
        spatialLayer === undefined ? undefined : { spatialLayer, temporalLayer: 2 },
      );
    for (const each of [0, 1, 2]) layers(each);
    clock.advance(limits.layersFirstMs);
    expect(of('call.layers')).toMatchObject([
      { decision: 'video-on', reason: 'started', layers: { spatialLayer: 2 } },
    ]);
    for (const each of [1, 2, 1, 0]) layers(each);
    clock.advance(limits.layersEveryMs - 1);
    expect(of('call.layers')).toHaveLength(1);
    await until(() => endpoint.availableOutgoingBitrate === 280_000);
    clock.advance(1);
    expect(of('call.layers').slice(1)).toMatchObject([
      {
        ...{ to: b.participantId, participantId: a.participantId, trackId: camera.trackId, epoch: 1 },
        ...{
          decision: 'layer-down',
          before: { spatialLayer: 2 },
          layers: { spatialLayer: 0 },
          reason: 'uplink',
        },
        samples: {
          ...{ availableOutgoingBitrate: 280_000, tileWidth: 1_280 },
          ...{ preferredSpatialLayer: 2, currentRoundTripTime: 0.05, 'producerScore.2': 0 },
        },
      },
    ]);
    layers(undefined);
    clock.advance(limits.layersEveryMs);
    expect(of('call.layers').at(-1)).toMatchObject({ decision: 'video-off', layers: null });
    clock.advance(60_000);
    expect(of('call.layers')).toHaveLength(3);
  });

  it('says audio-only where a viewer gets no picture at all for lack of bandwidth', () => {
    const { consumer } = consumerOf(b);
    const perfect = { score: 10, producerScore: 10, producerScores: [10, 10, 10] };
    vi.spyOn(consumer, 'score', 'get').mockReturnValue(perfect);
    consumer.emit('layerschange', { spatialLayer: 0, temporalLayer: 0 });
    clock.advance(limits.layersFirstMs);
    consumer.emit('layerschange', undefined);
    clock.advance(limits.layersEveryMs);
    expect(of('call.layers')).toMatchObject([
      { decision: 'video-on' },
      { decision: 'audio-only', reason: 'downlink', layers: null },
    ]);
  });

  it('tells its sender of layers that nobody watches: less after a while, more at once', () => {
    const tile = (who: typeof a, width: number) =>
      call.signal({
        ...{ callId, participantId: who.participantId, sessionId: who.sessionId },
        tiles: { [consumerOf(who).consumer.id]: { width, height: (width * 9) / 16 } },
      });
    tile(b, 320);
    clock.advance(limits.unwatchedMs);
    expect(of('call.encodings')).toEqual([]);
    tile(c, 0);
    clock.advance(limits.unwatchedMs - 1);
    tile(c, 640);
    clock.advance(limits.unwatchedMs);
    expect(of('call.encodings').map(({ maxSpatialLayer }) => maxSpatialLayer)).toEqual([1]);
    tile(b, 0);
    tile(c, 0);
    clock.advance(limits.unwatchedMs);
    tile(b, 1_920);
    expect(of('call.encodings').map(({ maxSpatialLayer }) => maxSpatialLayer)).toEqual([1, -1, 2]);
    expect(of('call.encodings')[0]).toMatchObject({ to: a.participantId, trackId: camera.trackId, epoch: 1 });
  });
});
