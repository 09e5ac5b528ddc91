import { connectionIdOf, evolveCall, foldCall } from '@ringback/domain';
import type { CallEvent, CallView, ClientCommandType } from '@ringback/schemas';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { Media } from '../media/media.ts';
import { portsOf } from '../ports.ts';
import { settle } from '../testing/fake-clock.ts';
import { FakeGateway, host, guest, created, event, joined, uuid } from '../testing/fake-gateway.ts';
import {
  FakeMediaStream,
  FakePeerConnection,
  fakeStream,
  fakeTrack,
} from '../testing/fake-peer-connection.ts';
import type { RemoteTrack } from '../types.ts';

const hostInstance = uuid(201);
const guestInstance = uuid(202);

let gateway: FakeGateway;
let connections: FakePeerConnection[];
let commands: { type: ClientCommandType; data: Record<string, unknown> }[];
let emitted: { name: string; payload: unknown }[];
let refuse: RingbackError | undefined;
let mesh: Media;
let view: CallView;
let sequence: number;

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  gateway = new FakeGateway();
  connections = [];
  commands = [];
  emitted = [];
  refuse = undefined;
  const Connection = class extends FakePeerConnection {
    constructor(configuration: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  mesh = new Media({
    ports: portsOf({
      ...gateway.ports,
      RTCPeerConnection: Connection as unknown as typeof RTCPeerConnection,
    }),
    participantId: host,
    instanceId: hostInstance,
    certificate: undefined,
    sendTiles: () => {},
    sendReport: () => {},
    command: async (type, data) => {
      commands.push({ type, data });
      if (refuse !== undefined) throw refuse;
    },
    getIceServers: async () => ({ iceServers: [{ urls: ['stun:renewed.example.org'] }], ttlSeconds: 3_600 }),
    emit: (name, payload) => emitted.push({ name, payload }),
  });
  sequence = 2;
  view = foldCall([created, joined(2, host, hostInstance)])!;
  mesh.update(view, undefined);
});

afterEach(() => vi.unstubAllGlobals());

function happens<T extends CallEvent['type']>(type: T, data: Extract<CallEvent, { type: T }>['data']): void {
  const next: CallEvent = event(++sequence, type, data as never);
  view = evolveCall(view, next);
  mesh.update(view, next);
}

const guestJoins = () => happens('call.participant.joined', joined(0, guest, guestInstance).data);
const guestIs = (instanceId: string) =>
  happens('call.participant.reconnected', {
    participantId: guest,
    instanceId,
    sessionId: uuid(9_003),
    gateway: 'g',
  });
const loses = (participantId: string) =>
  happens('call.participant.disconnected', {
    participantId,
    sessionId: uuid(9_001),
    reason: 'socket-closed',
    graceUntil: '2027-01-15T08:00:30.000Z',
  });
const leaves = (participantId: string) => happens('call.participant.left', { participantId, reason: 'lost' });
const guestPublishes = (trackId: string) =>
  happens('call.track.published', {
    participantId: guest,
    track: { trackId, kind: 'video', source: 'camera', muted: false },
  });
const sent = (type: ClientCommandType) => commands.filter((c) => c.type === type).map((c) => c.data);
const states = () => connections.map((c) => (c.signalingState === 'closed' ? 'closed' : 'open'));
const remote = () =>
  emitted
    .filter((e) => e.name.startsWith('remote-track'))
    .map((e) => `${e.name} ${(e.payload as RemoteTrack).trackId}`);

describe('who has a connection', () => {
  it('everybody who is connected, with an id that both sides work out', async () => {
    guestJoins();
    await settle();
    expect(connections).toHaveLength(1);
    expect(sent('call.offer')).toMatchObject([
      { to: guest, connectionId: `${hostInstance}~${guestInstance}` },
    ]);
    expect(connectionIdOf(guestInstance, hostInstance)).toBe(connectionIdOf(hostInstance, guestInstance));
  });

  it('not those who announced that they have no codecs', () => {
    const capabilities = {
      version: 1 as const,
      audioCodecs: [],
      videoCodecs: [],
      screenShare: false,
      userAgent: 'bot',
    };
    happens('call.participant.joined', { ...joined(0, guest, guestInstance).data, capabilities });
    expect(connections).toHaveLength(0);
  });

  it('the same one through a lost socket, a new one after a reload', () => {
    guestJoins();
    loses(guest);
    guestIs(guestInstance);
    expect(states()).toEqual(['open']);
    loses(guest);
    guestIs(uuid(203));
    expect(states()).toEqual(['closed', 'open']);
  });

  it('nobody who left, and nobody while we are out of the call', () => {
    guestJoins();
    leaves(guest);
    expect(states()).toEqual(['closed']);
    guestJoins();
    leaves(host);
    expect(states()).toEqual(['closed', 'closed']);
    happens('call.participant.joined', joined(0, host, hostInstance).data);
    expect(states()).toEqual(['closed', 'closed', 'open']);
  });

  it('is known from a snapshot as well', () => {
    const { participants } = foldCall([
      created,
      joined(2, host, hostInstance),
      joined(3, guest, guestInstance),
    ])!;
    mesh.update({ ...view, participants }, undefined);
    expect(states()).toEqual(['open']);
  });
});

describe('what we send', () => {
  it('is announced, and added to connections there are and to those that come', async () => {
    const trackId = await mesh.local.publish(fakeTrack('video'), 'camera');
    guestJoins();
    const microphone = await mesh.local.publish(fakeTrack('audio'), 'microphone');
    expect(sent('call.publish').map((d) => d['track'])).toEqual([
      { trackId, kind: 'video', source: 'camera', muted: false },
      { trackId: microphone, kind: 'audio', source: 'microphone', muted: false },
    ]);
    const senders = connections[0]!.transceivers.map((t) => t.sender.streams);
    // The shared stream first, for lip sync; then the one whose id is the track's.
    expect(senders.map((s) => s[1])).toEqual([trackId, microphone]);
    expect(senders[0]![0]).toBe(senders[1]![0]);
  });

  it('is taken back when the platform refuses it', async () => {
    guestJoins();
    refuse = new RingbackError('screen_share_exists', 'You are sharing a screen already.');
    await expect(mesh.local.publish(fakeTrack('video'), 'screen')).rejects.toBe(refuse);
    expect(mesh.local.tracks).toEqual([]);
    expect(connections[0]!.transceivers.every((t) => t.sender.track === null)).toBe(true);
  });

  it('is one track a source', async () => {
    await mesh.local.publish(fakeTrack('video'), 'camera');
    await expect(mesh.local.publish(fakeTrack('video'), 'camera')).rejects.toMatchObject({
      code: 'track_exists',
    });
  });

  it('can be replaced and muted without a new track id', async () => {
    guestJoins();
    const first = fakeTrack('video');
    const trackId = await mesh.local.publish(first, 'camera');
    await mesh.local.setMuted(trackId, true);
    const second = fakeTrack('video');
    await mesh.local.replace(trackId, second);
    expect([first.enabled, second.enabled]).toEqual([false, false]);
    expect(connections[0]!.transceivers.map((t) => t.sender.track)).toContain(second);
    expect([sent('call.publish').length, sent('call.mute')]).toEqual([1, [{ trackId }]]);
  });

  it('ends when the browser ends it', async () => {
    const screen = fakeTrack('video');
    const trackId = await mesh.local.publish(screen, 'screen');
    screen.dispatchEvent(new Event('ended'));
    expect([mesh.local.tracks, sent('call.unpublish')]).toEqual([[], [{ trackId }]]);
  });

  it('is announced again when we had been gone too long', async () => {
    const trackId = await mesh.local.publish(fakeTrack('video'), 'camera');
    const track = { trackId, kind: 'video' as const, source: 'camera' as const, muted: false };
    happens('call.track.published', { participantId: host, track });
    leaves(host);
    happens('call.participant.joined', joined(0, host, hostInstance).data);
    expect(sent('call.publish')).toHaveLength(2);
  });
});

describe('what we receive', () => {
  const arrives = (...ids: string[]) => {
    const track = fakeTrack('video');
    connections.at(-1)!.ontrack?.({ track, streams: ids.map(fakeStream) });
  };

  it('is matched to its publication, whichever comes first', () => {
    guestJoins();
    arrives('group', 'camera-1');
    expect(remote()).toEqual([]);
    guestPublishes('camera-1');
    expect(remote()).toEqual(['remote-track camera-1']);
    expect(mesh.remoteTracks[0]).toMatchObject({
      participantId: guest,
      source: 'camera',
      stream: { id: 'group' },
    });
    happens('call.track.unpublished', { participantId: guest, trackId: 'camera-1' });
    guestPublishes('camera-2');
    arrives('group', 'camera-2');
    expect(remote().slice(1)).toEqual(['remote-track-ended camera-1', 'remote-track camera-2']);
  });

  it('may change what one receiver carries', () => {
    guestJoins();
    guestPublishes('camera-1');
    const track = fakeTrack('video');
    const arrive = (id: string) =>
      connections[0]!.ontrack?.({ track, streams: [fakeStream('group'), fakeStream(id)] });
    arrive('camera-1');
    guestPublishes('camera-2');
    arrive('camera-2');
    expect(mesh.remoteTracks.map((t) => t.trackId)).toEqual(['camera-2']);
  });

  it('ends with its peer connection', () => {
    guestJoins();
    guestPublishes('camera-1');
    arrives('group', 'camera-1');
    guestIs(uuid(203));
    expect(remote()).toEqual(['remote-track camera-1', 'remote-track-ended camera-1']);
  });
});

describe('reports', () => {
  const pair = [
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    {
      id: 'P',
      type: 'candidate-pair',
      localCandidateId: 'L',
      remoteCandidateId: 'R',
      currentRoundTripTime: 0.05,
    },
    {
      id: 'L',
      type: 'local-candidate',
      candidateType: 'relay',
      protocol: 'udp',
      relayProtocol: 'tls',
      address: '10.0.0.1',
    },
    { id: 'R', type: 'remote-candidate', candidateType: 'srflx', protocol: 'udp', address: '192.0.2.1' },
  ];

  it('tell each state and the pair in use, but no addresses, and not our own closing', async () => {
    guestJoins();
    const [connection] = connections;
    connection!.stats = pair;
    for (const state of ['connecting', 'connected', 'disconnected', 'failed'] as const) {
      connection!.become(state);
      await settle();
    }
    leaves(guest);
    await settle();
    const used = {
      localCandidateType: 'relay',
      remoteCandidateType: 'srflx',
      protocol: 'udp',
      relayProtocol: 'tls',
      currentRoundTripTime: 0.05,
    };
    const about = { peerId: guest, connectionId: connectionIdOf(hostInstance, guestInstance) };
    expect(sent('call.connection')).toEqual([
      { ...about, state: 'connecting' },
      { ...about, state: 'connected', pair: used },
      { ...about, state: 'disconnected' },
      { ...about, state: 'failed' },
    ]);
  });

  it('tell another pair in use once, though the state is the same, and not another round trip', async () => {
    guestJoins();
    const [connection] = connections;
    const [transport, used, relay, remote] = pair;
    const pairs = () => sent('call.connection').map((data) => (data as { pair?: object }).pair);
    connection!.stats = pair;
    connection!.become('connected');
    await settle();
    connection!.stats = [transport!, { ...used!, currentRoundTripTime: 0.2 }, relay!, remote!];
    await gateway.clock.pass(2 * sdkLimits.qualityMs);
    expect(pairs()).toHaveLength(1);
    connection!.stats = [transport!, used!, { ...relay!, relayProtocol: 'tcp' }, remote!];
    await gateway.clock.pass(3 * sdkLimits.qualityMs);
    expect(pairs().map((one) => (one as { relayProtocol?: string }).relayProtocol)).toEqual(['tls', 'tcp']);
  });

  it('of quality come every two seconds, with a word and a reason', async () => {
    guestJoins();
    const [connection] = connections;
    connection!.connectionState = 'connected';
    const inbound = { id: 'I', type: 'inbound-rtp', bytesReceived: 0, packetsReceived: 0, packetsLost: 0 };
    connection!.stats = [...pair, inbound];
    await gateway.clock.pass(sdkLimits.qualityMs);
    connection!.stats = [
      ...pair,
      { ...inbound, bytesReceived: 250_000, packetsReceived: 90, packetsLost: 10 },
    ];
    await gateway.clock.pass(sdkLimits.qualityMs);
    expect(mesh.quality).toEqual([emitted.filter((e) => e.name === 'quality').at(-1)!.payload]);
    expect(mesh.quality[0]).toMatchObject({
      participantId: guest,
      word: 'poor',
      reason: '10 % of what they send is lost.',
      bitrateIn: 1_000_000,
      packetsLost: 10,
      currentRoundTripTime: 0.05,
    });
  });
});

describe('the network', () => {
  it('that changed restarts ICE everywhere', () => {
    guestJoins();
    connections[0]!.become('connected');
    gateway.changeNetwork();
    expect(connections[0]!.restarts).toBe(1);
  });

  it('needs credentials that are renewed before they expire', async () => {
    guestJoins();
    const expiry = Math.floor(gateway.clock.now() / 1000) + 600;
    mesh.setIceServers([{ urls: ['turn:example.org'], username: `${expiry}:host`, credential: 'x' }]);
    await gateway.clock.pass(600_000 - sdkLimits.iceServersRenewMs - 1);
    expect(connections[0]!.configuration.iceServers?.[0]?.urls).toEqual(['turn:example.org']);
    await gateway.clock.pass(1);
    expect(connections[0]!.configuration.iceServers?.[0]?.urls).toEqual(['stun:renewed.example.org']);
  });
});

describe('closing', () => {
  it('ends everything and leaves no timer', async () => {
    await mesh.local.publish(fakeTrack('video'), 'camera');
    guestJoins();
    connections[0]!.become('disconnected');
    mesh.close();
    await settle();
    expect([states(), mesh.remoteTracks, gateway.clock.timers]).toEqual([['closed'], [], 0]);
  });
});
