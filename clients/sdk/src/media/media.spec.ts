import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sdkLimits } from '../limits.ts';
import { settle } from '../testing/fake-clock.ts';
import { guest, uuid } from '../testing/fake-gateway.ts';
import { fakeTrack } from '../testing/fake-peer-connection.ts';
import {
  closeStage,
  openStage,
  guestPage,
  capabilities,
  gateway,
  connections,
  device,
  tiles,
  reports,
  media,
  withCapabilities,
  happens,
  publishes,
  consumer,
  consumers,
  twoPeople,
  onTheWay,
  sent,
  states,
  shown,
} from '../testing/media-stage.ts';

beforeEach(openStage);
afterEach(closeStage);

describe('tile sizes', () => {
  it('go out by consumer: what was never named as large as it is, sound too', async () => {
    await onTheWay();
    publishes(guest, 'mic', 'microphone');
    await consumers(1, consumer(402, guest, 'mic'));
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles.at(-1)).toEqual({
      [uuid(401)]: { width: sdkLimits.tileWidthDefault, height: sdkLimits.tileHeightDefault },
      [uuid(402)]: { width: 0, height: 0 },
    });
    media.setTiles({ [`${guest}/cam`]: { width: 320.4, height: 180, speaking: true } });
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles.at(-1)![uuid(401)]).toEqual({ width: 320, height: 180, speaking: true });
    media.setTiles({});
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles.at(-1)![uuid(401)]).toEqual({ width: 0, height: 0 });
  });

  it('name at once what came anew, since it is not sent before', async () => {
    await onTheWay();
    await gateway.clock.pass(sdkLimits.tilesMs);
    media.setTiles({ [`${guest}/cam`]: { width: 320, height: 180 } });
    await gateway.clock.pass(sdkLimits.tilesGatherMs);
    // Sizes have to wait now; then something comes.
    media.setTiles({ [`${guest}/cam`]: { width: 640, height: 360 } });
    publishes(guest, 'mic', 'microphone');
    await consumers(1, consumer(402, guest, 'mic'));
    await gateway.clock.pass(sdkLimits.tilesFreshMs);
    expect(tiles.at(-1)).toEqual({
      [uuid(401)]: { width: 640, height: 360 },
      [uuid(402)]: { width: 0, height: 0 },
    });
  });

  it('go out at most twice a second, the last ones always, and again after a lost socket', async () => {
    await onTheWay();
    await gateway.clock.pass(sdkLimits.tilesMs);
    const before = tiles.length;
    for (let width = 1; width <= 50; width++) {
      media.setTiles({ [`${guest}/cam`]: { width, height: 10 } });
      await gateway.clock.pass(20);
    }
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles.length - before).toBeLessThanOrEqual(4);
    expect(tiles.at(-1)![uuid(401)]).toEqual({ width: 50, height: 10 });
    const said = tiles.length;
    media.setTiles({ [`${guest}/cam`]: { width: 50, height: 10 } });
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles).toHaveLength(said);
    media.setOnline(false);
    media.setOnline(true);
    await gateway.clock.pass(sdkLimits.tilesMs);
    expect(tiles).toHaveLength(said + 1);
  });

  it('of 0 make nobody wait for a picture', async () => {
    await onTheWay();
    device.recv.become('connected');
    media.setTiles({ [`${guest}/cam`]: { width: 0, height: 0 } });
    expect([shown(), sent('call.swapped').length]).toEqual([[['cam', 'call-server']], 1]);
  });
});

describe('peer to peer', () => {
  it('is never made with somebody who may not have their address told', () => {
    const data = withCapabilities(0, guest, guestPage).data;
    happens('call.participant.joined', { ...data, capabilities: { ...capabilities, peerToPeer: false } });
    expect(connections).toEqual([]);
  });

  it('stops the camera on an uplink that does not carry it, and tries again', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await twoPeople();
    const [connection] = connections;
    const camera = () => connection!.transceivers.find((t) => t.sender.track !== null)!.sender.encodings;
    connection!.stats = [
      { id: 'P', type: 'candidate-pair', nominated: true, availableOutgoingBitrate: 60_000 },
      { id: 'R', type: 'remote-inbound-rtp', fractionLost: 0.3 },
    ];
    await gateway.clock.pass(sdkLimits.qualityMs * sdkLimits.uplinkSamplesMin);
    expect([camera(), sent('call.bandwidth')]).toEqual([
      [{ active: false }],
      [{ decision: 'audio-only', samples: { availableOutgoingBitrate: 60_000, fractionLost: 0.3 } }],
    ]);
    connection!.stats = [];
    await gateway.clock.pass(sdkLimits.uplinkProbeMs);
    expect([camera(), sent('call.bandwidth').at(-1)]).toMatchObject([
      [{ active: true }],
      { decision: 'video' },
    ]);
  });

  it('tells once how long it took to the first picture', async () => {
    media.marks.mark('joined');
    await twoPeople();
    await gateway.clock.pass(sdkLimits.lookMs);
    const told = reports.filter(({ kind }) => kind === 'join');
    expect(told).toMatchObject([{ route: 'p2p', marks: { joined: 0, dtls: 0 } }]);
    expect(told[0]!.kind === 'join' && told[0]!.marks.firstFrame).toBeTypeOf('number');
  });
});

describe('closing', () => {
  it('ends both legs and leaves no timer', async () => {
    await media.local.publish(fakeTrack('video'), 'camera');
    await onTheWay();
    media.setTiles({});
    device.recv.become('disconnected');
    media.close();
    await settle();
    expect([states(), device.recv.closed, device.send.closed, shown(), gateway.clock.timers]).toEqual([
      ['closed', 'closed'],
      true,
      true,
      [],
      0,
    ]);
  });
});
