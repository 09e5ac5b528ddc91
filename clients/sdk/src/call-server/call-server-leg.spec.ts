import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { settle } from '../testing/fake-clock.ts';
import { guest, host, uuid } from '../testing/fake-gateway.ts';
import { fakeTrack } from '../testing/fake-peer-connection.ts';
import {
  closeStage,
  openStage,
  me,
  third,
  gateway,
  device,
  commands,
  emitted,
  media,
  view,
  happens,
  publishes,
  routed,
  produced,
  consumer,
  transports,
  consumers,
  twoPeople,
  onTheWay,
  switched,
  sent,
  names,
  shown,
  failDevice,
  jump,
  joins,
  leaves,
  withCapabilities,
  pageShows,
  refuseAll,
} from '../testing/media-stage.ts';

beforeEach(openStage);
afterEach(closeStage);

describe('transports whose message was missed', () => {
  const asks = () => sent('call.transport').filter((d) => d['restart'] === true);

  it('are asked for after a while, with growing pauses, and not for ever', async () => {
    await twoPeople();
    routed('call-server', 1, 'third-joined');
    await gateway.clock.pass(sdkLimits.transportsMsMax - 1);
    expect(asks()).toEqual([]);
    await gateway.clock.pass(1);
    expect(asks()).toEqual([{ direction: 'recv', epoch: 1, state: 'failed', restart: true }]);
    await gateway.clock.pass(600_000);
    expect(asks()).toHaveLength(sdkLimits.transportsAsksMax);
  });

  it('are not asked for without a socket, and what waits for one is taken back when they come', async () => {
    await twoPeople();
    routed('call-server', 1, 'third-joined');
    await gateway.clock.pass(sdkLimits.transportsMsMax);
    const [question] = commands.filter((c) => c.data['restart'] === true);
    media.setOnline(false);
    await gateway.clock.pass(60_000);
    expect([asks().length, question!.signal!.aborted]).toEqual([1, true]);
    media.setOnline(true);
    await transports(1, []);
    await gateway.clock.pass(60_000);
    expect(asks()).toHaveLength(1);
  });

  it('are asked for where this device could not make its end', async () => {
    failDevice(true);
    await onTheWay();
    await gateway.clock.pass(sdkLimits.deviceRetryMs.reduce<number>((sum, ms) => sum + ms, 0));
    expect(emitted.filter(({ name }) => name === 'warning')).toHaveLength(1);
    failDevice(false);
    await gateway.clock.pass(sdkLimits.transportsMsMax);
    expect(asks()).toHaveLength(1);
    await transports(1, [], 361);
    expect(device.recvs).toHaveLength(1);
  });

  it('are given up for new ones where consumers are missing after a snapshot', async () => {
    await onTheWay();
    publishes(third, 'cam-3', 'camera');
    produced(third, 'cam-3', 1, uuid(777));
    jump({ ...view, seq: view.seq + 1 });
    const [old] = device.recvs;
    await gateway.clock.pass(sdkLimits.transportsMsMax);
    expect([asks().length, old!.closed]).toEqual([1, true]);
    await transports(1, [consumer(401, guest, 'cam'), consumer(462, third, 'cam-3', 777)], 371);
    await gateway.clock.pass(60_000);
    expect([asks().length, device.recv.closed, media.remoteTracks.length]).toEqual([1, false, 2]);
  });

  it('are kept where all that is missing is what this device can not take', async () => {
    await onTheWay();
    publishes(third, 'cam-3', 'camera');
    produced(third, 'cam-3', 1, uuid(777), 'video/AV1');
    publishes(third, 'cam-4', 'camera');
    produced(third, 'cam-4', 1, uuid(778));
    device.recv.refuses = true;
    await consumers(1, consumer(464, third, 'cam-4', 778));
    jump({ ...view, seq: view.seq + 1 });
    await gateway.clock.pass(60_000);
    expect([asks().length, device.recv.closed]).toEqual([0, false]);
  });

  it('are kept where the missing consumers come after all', async () => {
    await onTheWay();
    publishes(third, 'cam-3', 'camera');
    produced(third, 'cam-3', 1, uuid(777));
    jump({ ...view, seq: view.seq + 1 });
    await consumers(1, consumer(463, third, 'cam-3', 777));
    await gateway.clock.pass(60_000);
    expect([asks().length, device.recv.closed]).toEqual([0, false]);
  });

  it('are ours no more when the Call Server speaks of others', async () => {
    await onTheWay();
    const iceParameters = { usernameFragment: 'n', password: 'n' };
    const restarted = { to: host, epoch: 1, direction: 'recv' as const, iceParameters };
    happens('call.transport.restarted', { ...restarted, transportId: uuid(302) });
    expect(device.recv.restarts).toEqual([{ iceParameters }]);
    happens('call.transport.restarted', { ...restarted, transportId: uuid(399) });
    expect(device.recv.closed).toBe(true);
    await gateway.clock.pass(sdkLimits.transportsMsMax);
    expect(asks()).toHaveLength(1);
  });
});

describe('consumers', () => {
  it('that come before the transports wait for them, so many and no more', async () => {
    await twoPeople();
    routed('call-server', 1, 'third-joined');
    const early = Array.from({ length: sdkLimits.consumersQueuedMax + 5 }, (_, i) =>
      consumer(1_000 + i, guest, 'cam'),
    );
    await consumers(1, ...early);
    await transports(1, []);
    // Those of one track replace each other: the last one counts.
    const all = device.recv.consumers;
    expect([all.length, all.filter((c) => !c.closed).length]).toEqual([sdkLimits.consumersQueuedMax, 1]);
  });

  it('for another page of ours are none of ours', async () => {
    await onTheWay();
    publishes(guest, 'mic', 'microphone');
    const data = { to: host, epoch: 1, consumers: [consumer(402, guest, 'mic')] };
    happens('call.consumers.created', { ...data, instanceId: uuid(299) });
    await settle();
    expect(device.recv.consumers).toHaveLength(1);
  });

  it('of one person share a stream', async () => {
    await onTheWay();
    publishes(guest, 'mic', 'microphone');
    await consumers(1, consumer(402, guest, 'mic'));
    const [camera, microphone] = device.recv.consumers;
    expect(camera!.streamId).toBe(microphone!.streamId);
    pageShows();
    const [a, b] = media.remoteTracks;
    expect(a!.stream).toBe(b!.stream);
  });

  it('end with the publication, and when the track is produced anew', async () => {
    await switched();
    produced(guest, 'cam', 1, uuid(888));
    expect([device.consumer(uuid(401)).closed, shown()]).toEqual([true, []]);
    await consumers(1, consumer(451, guest, 'cam', 888));
    expect(shown()).toEqual([['cam', 'call-server']]);
    happens('call.track.unpublished', { participantId: guest, trackId: 'cam' });
    expect([device.consumer(uuid(451)).closed, names().at(-1)]).toEqual([true, 'remote-track-ended']);
  });
});

describe('what we send through the Call Server', () => {
  it('follows what is published, replaced and unpublished later', async () => {
    await switched();
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    await settle();
    const [producer] = device.send.producers;
    expect([sent('call.publish').length, sent('call.produce').length]).toEqual([1, 1]);
    const other = fakeTrack('video');
    await media.local.replace(trackId, other);
    await settle();
    expect(producer!.track).toBe(other);
    await media.local.unpublish(trackId);
    expect(producer!.closed).toBe(true);
  });

  it('leaves out a camera that is off, and sends it once it is on', async () => {
    const off = Object.assign(fakeTrack('video'), { readyState: 'ended', enabled: false });
    const trackId = await media.local.publish(off, 'camera');
    await switched();
    expect(sent('call.produce')).toEqual([]);
    await media.local.replace(trackId, fakeTrack('video'));
    await settle();
    expect(sent('call.produce')).toMatchObject([{ producers: [{ trackId }] }]);
  });

  it('drops layers that nobody watches, and all of them', async () => {
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    await switched();
    const [producer] = device.send.producers;
    const changed = { to: host, epoch: 1, trackId, producerId: producer!.id };
    happens('call.encodings.changed', { ...changed, maxSpatialLayer: 1 });
    expect(producer!.maxSpatialLayer).toBe(1);
    happens('call.encodings.changed', { ...changed, maxSpatialLayer: -1 });
    happens('call.encodings.changed', { ...changed, producerId: uuid(99_999), maxSpatialLayer: 2 });
    expect(producer!.maxSpatialLayer).toBe(-1);
    // That somebody watches again may be in what a snapshot left out.
    jump({ ...view, seq: view.seq + 1 });
    expect(producer!.maxSpatialLayer).toBe(producer!.rtpParameters.encodings.length - 1);
  });

  it('is sent anew in a codec that somebody who came later can decode, and stays so', async () => {
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    publishes(host, trackId, 'camera');
    await switched();
    const codecs = () =>
      device.send.producers.map(({ closed, rtpParameters }) => [closed, rtpParameters.codecs[0]!.mimeType]);
    expect(codecs()).toEqual([[false, 'video/VP8']]);
    const fourth = uuid(104);
    const { data } = withCapabilities(0, fourth, uuid(204));
    const vp9 = { ...data.capabilities, videoCodecs: data.capabilities.videoCodecs.slice(1) };
    happens('call.participant.joined', { ...data, capabilities: vp9 });
    await settle();
    const asWanted = [
      [true, 'video/VP8'],
      [false, 'video/VP9'],
    ];
    expect(codecs()).toEqual(asWanted);
    leaves(fourth);
    joins(uuid(105), uuid(205));
    await settle();
    expect([codecs(), sent('call.produce').length]).toEqual([asWanted, 2]);
  });

  it('stays as it is where nothing reaches somebody who came later', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await switched();
    const { data } = withCapabilities(0, uuid(104), uuid(204));
    const h266 = { ...data.capabilities, videoCodecs: [{ mimeType: 'video/H266', clockRate: 90_000 }] };
    happens('call.participant.joined', { ...data, capabilities: h266 });
    await settle();
    expect(sent('call.produce')).toHaveLength(1);
  });

  it('is warned of where the Call Server refuses it', async () => {
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    await switched();
    const [producer] = device.send.producers;
    const refusal = { to: host, epoch: 1, trackId, producerId: producer!.id, reason: 'no such codec' };
    happens('call.producer.refused', refusal);
    const [warning] = emitted.filter(({ name }) => name === 'warning');
    expect(warning!.payload).toMatchObject({ code: 'rtp_unsupported', message: 'no such codec' });
    expect(producer!.closed).toBe(true);
  });

  it('is announced again when we are back and it is not listed', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await switched();
    const session = { participantId: host, instanceId: me, sessionId: uuid(9_003), gateway: 'g' };
    happens('call.participant.reconnected', session);
    await settle();
    const ids = (sent('call.produce') as { producers: { producerId: string }[] }[]).map(
      ({ producers }) => producers[0]!.producerId,
    );
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it('is announced each by itself where one of several is refused', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await media.local.publish(fakeTrack('audio'), 'microphone');
    refuseAll(new RingbackError('track_unknown', 'no such track'));
    await switched();
    const announced = () =>
      (sent('call.produce') as { producers: unknown[] }[]).map((d) => d.producers.length);
    expect(announced()).toEqual([2, 1, 1]);
  });

  it('is announced when it is published after all, and once', async () => {
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    refuseAll(new RingbackError('track_unknown', 'no such track'));
    await switched();
    refuseAll(undefined);
    expect(sent('call.produce')).toHaveLength(1);
    publishes(host, trackId, 'camera');
    await settle();
    publishes(guest, 'mic', 'microphone');
    await settle();
    expect(sent('call.produce')).toHaveLength(2);
  });

  it('is announced again where the publication overtakes the refusal', async () => {
    const trackId = await media.local.publish(fakeTrack('video'), 'camera');
    publishes(host, trackId, 'camera');
    refuseAll(new RingbackError('track_unknown', 'no such track'));
    await switched();
    expect(sent('call.produce')).toHaveLength(2);
  });

  it('is silent when a host says so, be it that our own word to the contrary came after', async () => {
    const track = fakeTrack('audio');
    const trackId = await media.local.publish(track, 'microphone');
    publishes(host, trackId, 'microphone', true);
    await media.local.setMuted(trackId, true);
    const unmuting = media.local.setMuted(trackId, false);
    happens('call.track.muted', { participantId: host, trackId, by: guest });
    happens('call.track.unmuted', { participantId: host, trackId });
    expect([track.enabled, sent('call.mute').length]).toEqual([false, 1]);
    await unmuting;
    await settle();
    expect([track.enabled, sent('call.mute').length]).toEqual([false, 2]);
    happens('call.track.unmuted', { participantId: host, trackId });
    await settle();
    expect(sent('call.mute')).toHaveLength(3);
  });

  it('is silent when a host says so', async () => {
    const track = fakeTrack('audio');
    const trackId = await media.local.publish(track, 'microphone');
    const description = { trackId, kind: 'audio' as const, source: 'microphone' as const, muted: false };
    happens('call.track.published', { participantId: host, track: description });
    happens('call.track.muted', { participantId: host, trackId, by: guest });
    expect([track.enabled, media.local.tracks[0]!.muted, sent('call.mute')]).toEqual([false, true, []]);
    await media.local.setMuted(trackId, false);
    expect([track.enabled, sent('call.unmute')]).toEqual([true, [{ trackId }]]);
  });

  it('stays silent when a host said so while we were away', async () => {
    const track = fakeTrack('audio');
    const trackId = await media.local.publish(track, 'microphone');
    const description = { trackId, kind: 'audio' as const, source: 'microphone' as const, muted: true };
    const participant = { ...view.participants[host]!, tracks: { [trackId]: description } };
    jump({ ...view, participants: { [host]: participant } });
    expect([track.enabled, media.local.tracks[0]!.muted, sent('call.unmute')]).toEqual([false, true, []]);
  });
});
