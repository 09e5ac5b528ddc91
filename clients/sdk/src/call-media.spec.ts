import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sdkLimits } from './limits.ts';
import type { Ports } from './ports.ts';
import { viewOf, hostJoined, joining, inCall } from './testing/call-stage.ts';
import { host, guest, callId, delivery, event, joined, ok, snapshot, uuid } from './testing/fake-gateway.ts';
import { FakeMediaStream, FakePeerConnection } from './testing/fake-peer-connection.ts';

describe('a page with WebRTC', () => {
  const value = Array.from({ length: 32 }, () => 'ab').join(':');
  const webRtc = (Connection: object): Partial<Ports> => ({
    RTCPeerConnection: Connection as typeof globalThis.RTCPeerConnection,
  });
  beforeEach(() => void vi.stubGlobal('MediaStream', FakeMediaStream));
  afterEach(() => vi.unstubAllGlobals());

  it('tells the fingerprints of its certificate with the join', async () => {
    const Connection = class extends FakePeerConnection {
      static async generateCertificate() {
        return { getFingerprints: () => [{ algorithm: 'sha-256', value }] };
      }
    };
    const { socket } = await joining(webRtc(Connection));
    const fingerprints = [{ algorithm: 'sha-256', value: value.toUpperCase() }];
    expect(socket.last('call.join').data).toMatchObject({ fingerprints });
  });

  it('loads what a Call Server takes with its first socket, and once', async () => {
    let loads = 0;
    const loadDevice = () => {
      loads += 1;
      return Promise.reject(new Error('offline'));
    };
    const Connection = class extends FakePeerConnection {
      static async generateCertificate() {
        return { getFingerprints: () => [{ algorithm: 'sha-256', value }] };
      }
    };
    const { gateway, socket, clock } = await joining({ ...webRtc(Connection), loadDevice });
    expect(loads).toBe(1);
    await clock.pass(10_000);
    const tries = 1 + sdkLimits.deviceRetryMs.length;
    socket.fail();
    await clock.pass(250);
    await gateway.accept();
    expect(loads).toBe(tries);
  });

  it('reads them from an offer where certificates do not tell (Firefox)', async () => {
    const Connection = class extends FakePeerConnection {
      static async generateCertificate() {
        return {};
      }
      createDataChannel() {}
      async createOffer() {
        const line = `a=fingerprint:sha-256 ${value.toUpperCase()}\r\n`;
        return { type: 'offer', sdp: `v=0\r\n${line}m=application\r\n${line}` };
      }
    };
    const { socket } = await joining(webRtc(Connection));
    expect(socket.last('call.join').data.fingerprints).toHaveLength(1);
  });

  it('joins without them where they do not come in time, and warns', async () => {
    const Connection = class extends FakePeerConnection {
      static generateCertificate() {
        return new Promise(() => {});
      }
    };
    const { call, socket, clock } = await joining(webRtc(Connection));
    const warnings: string[] = [];
    call.on('warning', ({ code }) => warnings.push(code));
    await clock.pass(sdkLimits.certificateMsMax - 1);
    expect([socket.all('call.join'), warnings]).toEqual([[], []]);
    await clock.pass(1);
    expect(warnings).toEqual(['unsupported']);
    expect(socket.last('call.join').data).not.toHaveProperty('fingerprints');
  });

  it('joins on the next socket where the first one is lost meanwhile', async () => {
    const made = Promise.withResolvers<object>();
    const Connection = class extends FakePeerConnection {
      static generateCertificate() {
        return made.promise;
      }
    };
    const it = await joining(webRtc(Connection));
    it.socket.fail();
    made.resolve({ getFingerprints: () => [{ algorithm: 'sha-256', value }] });
    await it.clock.pass(250);
    const socket = await it.gateway.accept();
    expect([it.socket.all('call.join').length, socket.all('call.join').length]).toEqual([0, 1]);
  });

  it('tells tile sizes and measurements beside the log, once it is in the call', async () => {
    const it = await joining(webRtc(FakePeerConnection));
    it.call.setTiles({ [`${guest}/cam`]: { width: 1, height: 1 } });
    it.socket.deliver(ok(it.socket.last('call.join').id, 2), snapshot(viewOf(hostJoined)));
    it.socket.deliver(delivery(joined(3, guest, uuid(202))));
    await it.clock.pass(sdkLimits.qualityMs);
    expect(it.socket.last('report')).toMatchObject({
      callId,
      report: { kind: 'quality', samples: [{ leg: guest, connectionState: 'new' }] },
    });
  });
});

describe('other people', () => {
  const track = { trackId: 'mic', kind: 'audio' as const, source: 'microphone' as const, muted: false };

  it('can be muted and removed by a host, by what they publish', async () => {
    const { socket, call } = await inCall();
    socket.deliver(delivery(joined(3, guest, uuid(202))));
    await call.muteParticipant(guest, 'microphone');
    expect(socket.all('call.mute-participant')).toHaveLength(0);
    socket.deliver(delivery(event(4, 'call.track.published', { participantId: guest, track })));
    void call.muteParticipant(guest, 'microphone');
    void call.remove(guest);
    expect(socket.last('call.mute-participant').data).toEqual({ participantId: guest, trackId: 'mic' });
    expect(socket.last('call.remove').data).toEqual({ participantId: guest });
  });

  it('see a raised hand', async () => {
    const { socket, call } = await inCall();
    const changed: unknown[] = [];
    call.on('participant-changed', (p) => changed.push(p.handRaisedAt !== undefined));
    void call.raiseHand();
    void call.lowerHand(guest);
    socket.deliver(
      delivery(event(3, 'call.hand.raised', { participantId: host })),
      delivery(event(4, 'call.hand.lowered', { participantId: host, by: host } as never)),
    );
    expect([socket.last('call.raise-hand').data, socket.last('call.lower-hand').data, changed]).toEqual([
      {},
      { participantId: guest },
      [true, false],
    ]);
  });
});

describe('the route', () => {
  it('is told when it changes, to a client without media as well', async () => {
    const { socket, call } = await inCall();
    const routes: unknown[] = [];
    call.on('route', (route) => routes.push(route));
    const changed = { kind: 'call-server', epoch: 1, reason: 'third-joined', policy: 1, people: 3 } as const;
    socket.deliver(delivery(event(3, 'call.route.changed', changed)));
    socket.deliver(delivery(event(4, 'call.route.settled', { epoch: 1, missing: [] })));
    const now = { kind: 'call-server', epoch: 1, reason: 'third-joined', switching: false };
    expect([routes, call.route]).toEqual([[{ ...now, switching: true }, now], now]);
  });
});
