import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sdkLimits } from '../limits.ts';
import { settle } from '../testing/fake-clock.ts';
import { guest, host } from '../testing/fake-gateway.ts';
import {
  closeStage,
  openStage,
  third,
  gateway,
  device,
  emitted,
  reports,
  media,
  happens,
  onTheWay,
  settles,
  switched,
  sent,
} from '../testing/media-stage.ts';

beforeEach(openStage);
afterEach(closeStage);

describe('the transports', () => {
  it('report their states, and the path once there is one', async () => {
    await onTheWay();
    device.recv.stats = [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' },
      { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'udp' },
      { id: 'R', type: 'remote-candidate', candidateType: 'host', protocol: 'udp' },
    ];
    for (const state of ['connecting', 'connected'] as const) {
      device.recv.become(state);
      await settle();
    }
    const pair = { localCandidateType: 'host', remoteCandidateType: 'host', protocol: 'udp' };
    expect(sent('call.transport')).toEqual([
      { direction: 'recv', epoch: 1, state: 'connecting' },
      { direction: 'recv', epoch: 1, state: 'connected', pair },
    ]);
    const told = emitted.filter(({ name }) => name === 'connection').map(({ payload }) => payload);
    expect(told.slice(-2)).toEqual(
      [guest, third].map((participantId) => ({ participantId, state: 'connected', pair })),
    );
  });

  it('report another path that ICE moved to without a word, once', async () => {
    await onTheWay();
    const over = (relayProtocol: 'udp' | 'tcp', currentRoundTripTime: number) => {
      device.recv.stats = [
        { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
        {
          id: 'P',
          type: 'candidate-pair',
          localCandidateId: 'L',
          remoteCandidateId: 'R',
          currentRoundTripTime,
        },
        { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol },
        { id: 'R', type: 'remote-candidate', candidateType: 'host', protocol: 'udp' },
      ];
      return gateway.clock.pass(2 * sdkLimits.qualityMs);
    };
    const reported = () =>
      (sent('call.transport') as { pair?: { relayProtocol: string } }[]).map((d) => d.pair?.relayProtocol);
    await over('udp', 0.1);
    device.recv.become('connected');
    await over('udp', 0.2);
    expect(reported()).toEqual(['udp']);
    await over('tcp', 0.1);
    await over('tcp', 0.2);
    expect(reported()).toEqual(['udp', 'tcp']);
  });

  it('are not spoken of as long as the peer connection shows somebody', async () => {
    await onTheWay();
    const toldOf = (id: string) =>
      emitted
        .filter(({ name }) => name === 'connection')
        .map(({ payload }) => payload as { participantId: string; state: string })
        .flatMap(({ participantId, state }) => (participantId === id ? state : []));
    device.recv.become('connecting');
    expect([toldOf(guest), toldOf(third)]).toEqual([['connected'], ['connecting']]);
    settles(1);
    expect(toldOf(guest)).toEqual(['connected', 'connecting']);
  });

  it('ask for a restart when they fail, stay disconnected or the network changes', async () => {
    const restarts = () => sent('call.transport').filter((d) => d['restart'] === true);
    await onTheWay();
    device.recv.become('connected');
    gateway.changeNetwork();
    await settle();
    expect(restarts()).toEqual([{ direction: 'recv', epoch: 1, state: 'connected', restart: true }]);
    device.recv.become('disconnected');
    await gateway.clock.pass(sdkLimits.iceRestartMsMin);
    expect(restarts().at(-1)).toMatchObject({ state: 'disconnected' });
    device.recv.become('failed');
    await gateway.clock.pass(200_000);
    expect(restarts().length).toBeLessThanOrEqual(1 + sdkLimits.iceRestartsMax);
  });

  it('carry the quality of everybody, and of what we send', async () => {
    await switched();
    device.recv.become('connected');
    device.send.become('connected');
    const inbound = { id: 'I', type: 'inbound-rtp', ssrc: 401, packetsReceived: 0, packetsLost: 0 };
    device.recv.stats = [inbound, { ...inbound, id: 'O', ssrc: 9, packetsLost: 0 }];
    happens('call.layers.changed', {
      to: host,
      participantId: guest,
      trackId: 'cam',
      epoch: 1,
      decision: 'layer-down',
      layers: { spatialLayer: 0, temporalLayer: 0 },
      before: null,
      reason: 'downlink',
      samples: { availableOutgoingBitrate: 280_000 },
    });
    await gateway.clock.pass(sdkLimits.qualityMs);
    device.recv.stats = [
      { ...inbound, packetsReceived: 100 },
      { ...inbound, id: 'O', ssrc: 9, packetsLost: 50 },
    ];
    await gateway.clock.pass(sdkLimits.qualityMs);
    expect(media.quality).toMatchObject([
      {
        participantId: guest,
        word: 'fair',
        reason: 'Their picture is smaller: your connection carries 280 kbit/s.',
        packetsLost: 0,
        packetsReceived: 100,
      },
      { participantId: host, word: 'good' },
    ]);
    const last = reports.at(-1)!;
    expect(last.kind === 'quality' && last.samples.map(({ leg }) => leg)).toEqual(['send', 'recv']);
    expect(emitted.find(({ name }) => name === 'layers')!.payload).toMatchObject({ decision: 'layer-down' });
  });
});
