import { foldCall } from '@ringback/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { settle } from '../testing/fake-clock.ts';
import { created, event, guest, host, uuid } from '../testing/fake-gateway.ts';
import { fakeStream, fakeTrack } from '../testing/fake-peer-connection.ts';
import {
  closeStage,
  openStage,
  me,
  guestPage,
  third,
  server,
  transport,
  gateway,
  connections,
  device,
  deviceLoads,
  emitted,
  legOf,
  media,
  view,
  withCapabilities,
  happens,
  joins,
  leaves,
  publishes,
  routed,
  shows,
  settles,
  consumer,
  transports,
  twoPeople,
  onTheWay,
  switched,
  sent,
  states,
  shown,
  refuseAll,
  failDevice,
  tiles,
  jump,
  pageShows,
} from '../testing/media-stage.ts';
import type { RemoteTrack, TrackSwapped } from '../types.ts';

beforeEach(openStage);
afterEach(closeStage);

describe('the way to the Call Server', () => {
  it('makes the new leg beside the old one, and shows the old one until the page shows the new one', async () => {
    await onTheWay();
    expect([states(), shown()]).toEqual([['open', 'closed'], [['cam', 'p2p']]]);
    device.recv.become('connected');
    const arriving = emitted.find(({ name }) => name === 'track-arriving')!.payload as RemoteTrack;
    expect([arriving.trackId, arriving.source, sent('call.swapped')]).toEqual(['cam', 'camera', []]);
    media.trackShown(arriving);
    const swap = emitted.find(({ name }) => name === 'track-swapped')!.payload as TrackSwapped;
    expect([swap.track === arriving.track, legOf(swap.before.track), shown()]).toEqual([
      true,
      'p2p',
      [['cam', 'call-server']],
    ]);
    expect(sent('call.swapped')).toMatchObject([{ epoch: 1, samples: { tracks: 1 } }]);
  });

  it('does without a page: by statistics, a while after media flows', async () => {
    await onTheWay();
    await gateway.clock.pass(5 * sdkLimits.shownMsMax);
    expect(shown()).toEqual([['cam', 'p2p']]);
    device.consumer(uuid(401)).flow();
    device.recv.become('connected');
    await gateway.clock.pass(sdkLimits.shownMsMax - sdkLimits.lookMs);
    expect([shown(), sent('call.swapped')]).toEqual([[['cam', 'p2p']], []]);
    await gateway.clock.pass(3 * sdkLimits.lookMs);
    expect([shown(), sent('call.swapped').length]).toEqual([[['cam', 'call-server']], 1]);
  });

  it('swaps sound as soon as enough of it is real, and what is muted at once', async () => {
    await twoPeople();
    publishes(guest, 'mic', 'microphone');
    publishes(guest, 'mic-muted', 'microphone', true);
    for (const id of ['mic', 'mic-muted'])
      connections[0]!.ontrack?.({ track: fakeTrack('audio'), streams: [fakeStream('g'), fakeStream(id)] });
    routed('call-server', 1, 'third-joined');
    await transports(1, [consumer(402, guest, 'mic'), consumer(403, guest, 'mic-muted')]);
    expect(shown()).toEqual([
      ['cam', 'p2p'],
      ['mic', 'p2p'],
      ['mic-muted', 'call-server'],
    ]);
    const received = device.consumer(uuid(402));
    received.inbound = { totalSamplesReceived: 9_000, concealedSamples: 8_000 };
    await gateway.clock.pass(sdkLimits.lookMs);
    expect(shown()[1]).toEqual(['mic', 'p2p']);
    received.inbound = { totalSamplesReceived: 12_000, concealedSamples: 8_000 };
    await gateway.clock.pass(sdkLimits.lookMs);
    expect(shown()[1]).toEqual(['mic', 'call-server']);
  });

  it('closes the peer connection a moment after both show the new leg, the others not before', async () => {
    await onTheWay();
    shows(host, 1);
    await gateway.clock.pass(sdkLimits.peerGoodbyeMs * 2);
    expect(states()).toEqual(['open', 'closed']);
    shows(guest, 1);
    await gateway.clock.pass(sdkLimits.peerGoodbyeMs - 1);
    expect(states()).toEqual(['open', 'closed']);
    await gateway.clock.pass(1);
    expect(states()).toEqual(['closed', 'closed']);
  });

  it('drops the old leg when the platform calls it settled, whatever is missing', async () => {
    await onTheWay();
    settles(1);
    expect([states(), shown()]).toEqual([['closed', 'closed'], [['cam', 'call-server']]]);
  });

  it('sends everything in one message, before anybody answers', async () => {
    const camera = fakeTrack('video');
    const cameraId = await media.local.publish(camera, 'camera');
    const microphoneId = await media.local.publish(fakeTrack('audio'), 'microphone');
    await onTheWay();
    expect(sent('call.produce')).toEqual([
      {
        epoch: 1,
        producers: [cameraId, microphoneId].map((trackId) => expect.objectContaining({ trackId }) as unknown),
      },
    ]);
    const [options] = device.send.producers.map((p) => p.options);
    expect(options).toMatchObject({
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: false,
      codec: { mimeType: 'video/VP8' },
    });
    expect(options!['encodings']).toHaveLength(3);
    expect(camera.enabled).toBe(true);
    expect(device.send.options).toMatchObject({ additionalSettings: { certificates: ['certificate'] } });
  });

  it('is loaded beforehand, and only once', async () => {
    expect(deviceLoads).toBe(0);
    media.preload();
    media.preload();
    await onTheWay();
    expect(deviceLoads).toBe(1);
  });

  it('is loaded again after a pause where it fails, and not with every event', async () => {
    failDevice(true);
    media.preload();
    await gateway.clock.pass(10_000);
    const tries = 1 + sdkLimits.deviceRetryMs.length;
    expect(deviceLoads).toBe(tries);
    media.preload();
    await twoPeople();
    expect(deviceLoads).toBe(tries);
    routed('call-server', 1, 'third-joined');
    await transports(1, [consumer(401, guest, 'cam')]);
    expect([deviceLoads, device.recvs.length]).toEqual([tries + 1, 0]);
    failDevice(false);
    await gateway.clock.pass(sdkLimits.deviceRetryMs[0]);
    expect([deviceLoads, device.recvs.length]).toEqual([tries + 2, 1]);
  });

  it('is not said to be there before it is connected, with everything muted', async () => {
    joins(guest, guestPage);
    publishes(guest, 'mic', 'microphone', true);
    await media.local.publish(fakeTrack('audio'), 'microphone');
    routed('call-server', 1, 'third-joined');
    await transports(1, [consumer(402, guest, 'mic')]);
    expect(sent('call.swapped')).toEqual([]);
    device.recv.become('connected');
    expect(sent('call.swapped')).toEqual([]);
    device.send.become('connected');
    expect(sent('call.swapped')).toHaveLength(1);
  });

  it('waits for who lost their socket as long as they are shown', async () => {
    await onTheWay();
    device.recv.become('connected');
    happens('call.participant.disconnected', {
      participantId: guest,
      sessionId: uuid(9_002),
      reason: 'socket-closed',
      graceUntil: '2026-01-01T00:00:30.000Z',
    });
    expect(sent('call.swapped')).toEqual([]);
    pageShows();
    expect(sent('call.swapped')).toHaveLength(1);
  });

  it('asks nothing of a page that joins on it but that leg', async () => {
    const state = foldCall([
      created,
      withCapabilities(2, host, me),
      withCapabilities(3, guest, guestPage),
      withCapabilities(4, third, uuid(203)),
      event(5, 'call.route.changed', {
        kind: 'call-server',
        epoch: 1,
        reason: 'third-joined',
        policy: 1,
        people: 3,
        server,
      }),
    ])!;
    jump(state);
    await transports(1, []);
    expect([connections.length, sent('call.swapped')]).toEqual([0, [expect.objectContaining({ epoch: 1 })]]);
  });
});

describe('the way back', () => {
  async function back(): Promise<void> {
    await switched();
    leaves(third);
    routed('p2p', 2, 'two-again');
    await settle();
  }

  it('connects anew while the Call Server goes on, then swaps', async () => {
    await back();
    expect([states().at(-1), shown(), device.recv.closed]).toEqual(['open', [['cam', 'call-server']], false]);
    const connection = connections.at(-1)!;
    connection.become('connected');
    connection.stats = [{ id: 'I', type: 'inbound-rtp', framesDecoded: 5 }];
    connection.ontrack?.({ track: fakeTrack('video'), streams: [fakeStream('g2'), fakeStream('cam')] });
    await gateway.clock.pass(sdkLimits.shownMsMax + 2 * sdkLimits.lookMs);
    expect([shown(), sent('call.swapped').at(-1)]).toMatchObject([[['cam', 'p2p']], { epoch: 2 }]);
    settles(2);
    expect([device.recv.closed, device.send.closed, shown()]).toEqual([true, true, [['cam', 'p2p']]]);
  });

  it('is not said to be there before it is connected, with everything hidden', async () => {
    await back();
    media.setTiles({ [`${guest}/cam`]: { width: 0, height: 0 } });
    const before = sent('call.swapped').length;
    publishes(guest, 'mic', 'microphone', true);
    expect(sent('call.swapped')).toHaveLength(before);
    connections.at(-1)!.become('connected');
    await settle();
    expect(sent('call.swapped').slice(before)).toMatchObject([{ epoch: 2 }]);
  });

  it('that failed leaves the leg to the Call Server as it is until the next one shows', async () => {
    await back();
    const old = device.recv;
    connections.at(-1)!.become('connected');
    const picture = fakeTrack('video');
    connections.at(-1)!.ontrack?.({ track: picture, streams: [fakeStream('g2'), fakeStream('cam')] });
    media.trackShown({ track: picture });
    expect(shown()).toEqual([['cam', 'p2p']]);
    routed('call-server', 3, 'p2p-failed');
    expect([old.closed, states().at(-1)]).toEqual([false, 'closed']);
    expect([shown(), legOf(media.remoteTracks[0]!.track)]).toEqual([[['cam', 'call-server']], 'call-server']);
    await transports(3, [consumer(471, guest, 'cam')], 381);
    expect([old.closed, old.consumers[0]!.track === (media.remoteTracks[0]!.track as unknown)]).toEqual([
      false,
      true,
    ]);
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(Object.keys(tiles.at(-1)!).sort()).toEqual([uuid(401), uuid(471)].sort());
    device.consumer(uuid(471)).flow();
    device.recv.become('connected');
    await gateway.clock.pass(sdkLimits.shownMsMax + 2 * sdkLimits.lookMs);
    expect(sent('call.swapped').at(-1)).toMatchObject({ epoch: 3 });
    settles(3);
    expect([old.closed, device.recv.closed, shown()]).toEqual([true, false, [['cam', 'call-server']]]);
  });

  it('that is settled without us shows what there is', async () => {
    await back();
    settles(2);
    expect([device.recv.closed, shown()]).toEqual([true, []]);
    connections
      .at(-1)!
      .ontrack?.({ track: fakeTrack('video'), streams: [fakeStream('g'), fakeStream('cam')] });
    expect(shown()).toEqual([['cam', 'p2p']]);
  });

  it('that is turned round at once ends on a Call Server leg of its own', async () => {
    await back();
    settles(2);
    joins(third, uuid(204));
    routed('call-server', 3, 'third-joined');
    await transports(3, [consumer(411, guest, 'cam')], 311);
    device.consumer(uuid(411)).flow();
    device.recv.become('connected');
    await gateway.clock.pass(sdkLimits.shownMsMax + 2 * sdkLimits.lookMs);
    expect([shown(), device.recv.closed, sent('call.swapped').at(-1)]).toMatchObject([
      [['cam', 'call-server']],
      false,
      { epoch: 3 },
    ]);
  });
});

describe('what goes wrong in the midst of a switch', () => {
  it('the Call Server is lost: its leg is dropped at once, and the next one made', async () => {
    await switched();
    const old = device.recv;
    routed('call-server', 2, 'call-server-lost');
    expect([old.closed, shown()]).toEqual([true, []]);
    await transports(2, [consumer(421, guest, 'cam')], 321);
    device.consumer(uuid(421)).flow();
    device.recv.become('connected');
    await gateway.clock.pass(sdkLimits.lookMs);
    expect([shown(), sent('call.swapped').at(-1)]).toMatchObject([[['cam', 'call-server']], { epoch: 2 }]);
  });

  it('transports of an earlier route, of another page or for somebody else are none of ours', async () => {
    await twoPeople();
    routed('call-server', 1, 'third-joined');
    await transports(0, []);
    const [send, recv] = [transport(331), transport(332)];
    const data = { to: host, instanceId: me, epoch: 1, send, recv, consumers: [] };
    happens('call.transports.created', { ...data, instanceId: uuid(299) });
    happens('call.transports.created', { ...data, to: guest });
    await settle();
    expect(device.sends).toEqual([]);
  });

  it('a second set of transports replaces the first, and everything is produced again', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await onTheWay();
    const [first] = sent('call.produce') as { producers: { producerId: string }[] }[];
    await transports(1, [consumer(431, guest, 'cam')], 341);
    const again = sent('call.produce').at(-1) as typeof first;
    expect([device.recvs.map((t) => t.closed), sent('call.produce').length]).toEqual([[true, false], 2]);
    expect(again!.producers[0]!.producerId).not.toBe(first!.producers[0]!.producerId);
    expect(shown()).toEqual([['cam', 'p2p']]);
  });

  it('the other one leaves: nothing of them is left, and the rest is complete', async () => {
    await onTheWay();
    leaves(guest);
    expect([shown(), states(), sent('call.swapped').length]).toEqual([[], ['closed', 'closed'], 1]);
  });

  it('we were thought lost and are back: with transports of the new stay', async () => {
    await switched();
    leaves(host);
    expect(device.recv.closed).toBe(true);
    happens('call.participant.joined', withCapabilities(0, host, me).data);
    await transports(1, [consumer(441, guest, 'cam')], 351);
    device.consumer(uuid(441)).flow();
    device.recv.become('connected');
    await gateway.clock.pass(sdkLimits.lookMs);
    expect([shown(), sent('call.swapped').length]).toEqual([[['cam', 'call-server']], 2]);
  });

  it('a snapshot tells what the events would have', async () => {
    await onTheWay();
    const { before: _, ...route } = view.route!;
    jump({ ...view, route: { ...route, kind: 'p2p', epoch: 4 }, seq: view.seq + 1 });
    expect([device.recv.closed, states().at(-1)]).toEqual([true, 'open']);
    expect(connections).toHaveLength(4);
  });

  it('the word that we have switched is lost: it is said again with the next change', async () => {
    await onTheWay();
    device.recv.become('connected');
    await settle();
    refuseAll(new RingbackError('timeout', 'no reply'));
    pageShows();
    await settle();
    refuseAll(undefined);
    publishes(third, 'mic-3', 'microphone', true);
    expect(sent('call.swapped')).toHaveLength(2);
  });
});
