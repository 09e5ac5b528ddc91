/** A call's media as its page has it: people, routes and transports come as a test tells them. */
import { evolveCall, foldCall } from '@ringback/domain';
import type {
  CallEvent,
  CallView,
  ClientCommandType,
  ConsumerDescription,
  Report,
  Tiles,
} from '@ringback/schemas';
import { vi } from 'vitest';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { portsOf } from '../ports.ts';
import { settle } from './fake-clock.ts';
import { FakeDevice } from './fake-device.ts';
import { FakeGateway, created, event, guest, host, joined, uuid } from './fake-gateway.ts';
import { FakeMediaStream, FakePeerConnection, fakeStream, fakeTrack } from './fake-peer-connection.ts';
import type { RemoteTrack } from '../types.ts';
import { Media } from '../media/media.ts';

export const me = uuid(201);
export const guestPage = uuid(202);
export const third = uuid(103);
export const capabilities = {
  version: 2 as const,
  audioCodecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  videoCodecs: [
    { mimeType: 'video/VP8', clockRate: 90_000 },
    { mimeType: 'video/VP9', clockRate: 90_000, sdpFmtpLine: 'profile-id=0' },
  ],
  screenShare: false,
  userAgent: 'test',
};
export const server = { gateway: 'media-1/a', region: 'here', load: 0 };
export const transport = (n: number) => ({
  id: uuid(n),
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [],
  dtlsParameters: { role: 'auto' as const, fingerprints: [] },
});

export let gateway: FakeGateway;
export let connections: FakePeerConnection[];
export let device: FakeDevice;
export let deviceLoads: number;
export let deviceFails: boolean;
export let commands: {
  type: ClientCommandType;
  data: Record<string, unknown>;
  signal: AbortSignal | undefined;
}[];
export let refuse: RingbackError | undefined;
export let emitted: { name: string; payload: unknown }[];
export let tiles: Tiles[];
export let reports: Report[];
export let media: Media;
export let view: CallView;
export let sequence: number;

/** For `beforeEach`. */
export function openStage(): void {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  gateway = new FakeGateway();
  connections = [];
  device = new FakeDevice();
  [deviceLoads, deviceFails, refuse] = [0, false, undefined];
  [commands, emitted, tiles, reports] = [[], [], [], []];
  sequence = 2;
  open();
}

/** For `afterEach`. */
export function closeStage(): void {
  media.close();
  vi.unstubAllGlobals();
}

/** A page in the call with us alone. */
function open(): void {
  const Connection = class extends FakePeerConnection {
    constructor(configuration: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  media = new Media({
    ports: portsOf({
      ...gateway.ports,
      RTCPeerConnection: Connection as unknown as typeof RTCPeerConnection,
      loadDevice: async () => {
        deviceLoads += 1;
        if (deviceFails) throw new Error('offline');
        return device.device;
      },
    }),
    participantId: host,
    instanceId: me,
    certificate: Promise.resolve({
      certificate: 'certificate' as unknown as RTCCertificate,
      fingerprints: [],
    }),
    command: async (type, data, signal) => {
      commands.push({ type, data, signal });
      if (refuse !== undefined) throw refuse;
    },
    sendTiles: (sent) => tiles.push(sent),
    sendReport: (report) => reports.push(report),
    getIceServers: async () => ({ iceServers: [], ttlSeconds: 3_600 }),
    emit: (name, payload) => emitted.push({ name, payload }),
  });
  view = foldCall([created, withCapabilities(2, host, me)])!;
  media.update(view, undefined);
  media.setOnline(true);
}

export function withCapabilities(at: number, participantId: string, instanceId: string) {
  const arrival = joined(at, participantId, instanceId);
  return { ...arrival, data: { ...arrival.data, capabilities } };
}

export function happens<T extends CallEvent['type']>(
  type: T,
  data: Extract<CallEvent, { type: T }>['data'],
): void {
  const next: CallEvent = event(++sequence, type, data as never);
  view = evolveCall(view, next);
  media.update(view, next);
}

export const joins = (participantId: string, instanceId: string) =>
  happens('call.participant.joined', withCapabilities(0, participantId, instanceId).data);
export const leaves = (participantId: string) =>
  happens('call.participant.left', { participantId, reason: 'left' });
export const publishes = (
  participantId: string,
  trackId: string,
  source: 'camera' | 'microphone',
  muted = false,
) =>
  happens('call.track.published', {
    participantId,
    track: { trackId, kind: source === 'camera' ? 'video' : 'audio', source, muted },
  });
export const routed = (
  kind: 'p2p' | 'call-server',
  epoch: number,
  reason: 'third-joined' | 'two-again' | 'call-server-lost' | 'p2p-failed',
) =>
  happens('call.route.changed', {
    kind,
    epoch,
    reason,
    policy: 1,
    people: 3,
    ...(kind === 'call-server' ? { server } : {}),
  });
export const shows = (participantId: string, epoch: number) =>
  happens('call.leg.switched', { participantId, epoch });
export const settles = (epoch: number) => happens('call.route.settled', { epoch, missing: [] });
export const produced = (
  participantId: string,
  trackId: string,
  epoch: number,
  producerId: string,
  mimeType = 'video/VP8',
) =>
  happens('call.track.produced', {
    participantId,
    epoch,
    trackId,
    producerId,
    rtpParameters: {
      codecs: [{ mimeType, payloadType: 96, clockRate: 90_000 }],
      encodings: [{}],
    },
  });
export const consumer = (
  n: number,
  participantId: string,
  trackId: string,
  producer = 500 + n,
): ConsumerDescription => ({
  consumerId: uuid(n),
  producerId: uuid(producer),
  participantId,
  trackId,
  kind: trackId.startsWith('mic') ? 'audio' : 'video',
  rtpParameters: {
    codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
    encodings: [{ ssrc: n }],
  },
});
export async function transports(
  epoch: number,
  consumers: ConsumerDescription[],
  first = 301,
): Promise<void> {
  const [send, recv] = [transport(first), transport(first + 1)];
  happens('call.transports.created', { to: host, instanceId: me, epoch, send, recv, consumers });
  await settle();
}
export const consumers = async (epoch: number, ...created: ConsumerDescription[]) => {
  happens('call.consumers.created', { to: host, instanceId: me, epoch, consumers: created });
  await settle();
};

/** Guest is in the call with a camera, which is shown peer to peer. */
export async function twoPeople(): Promise<void> {
  joins(guest, guestPage);
  publishes(guest, 'cam', 'camera');
  const connection = connections.at(-1)!;
  connection.become('connected');
  connection.stats = [{ id: 'I', type: 'inbound-rtp', framesDecoded: 9, kind: 'video' }];
  connection.ontrack?.({ track: fakeTrack('video'), streams: [fakeStream('group'), fakeStream('cam')] });
  await settle();
}

/** A third is there, and the Call Server's leg has Guest's camera. */
export async function onTheWay(): Promise<void> {
  await twoPeople();
  joins(third, uuid(203));
  routed('call-server', 1, 'third-joined');
  await transports(1, [consumer(401, guest, 'cam')]);
}

/** … and everything is shown and settled. */
export async function switched(): Promise<void> {
  await onTheWay();
  device.consumer(uuid(401)).flow();
  device.recv.become('connected');
  device.send.become('connected');
  await gateway.clock.pass(sdkLimits.shownMsMax + 2 * sdkLimits.lookMs);
  for (const id of [host, guest, third]) shows(id, 1);
  settles(1);
  await settle();
}

export const sent = (type: ClientCommandType) => commands.filter((c) => c.type === type).map((c) => c.data);
export const states = () => connections.map((c) => (c.signalingState === 'closed' ? 'closed' : 'open'));
export const names = () => emitted.map(({ name }) => name).filter((name) => name.includes('track'));
export const shown = () => media.remoteTracks.map(({ trackId, track }) => [trackId, legOf(track)]);
/** Which leg a track that is shown comes by. */
export function legOf(track: MediaStreamTrack): string {
  const isServers = device.recvs.some((t) => t.consumers.some((c) => (c.track as unknown) === track));
  return isServers ? 'call-server' : 'p2p';
}

/** From now on the platform refuses every command, or (undefined) takes them again. */
export const refuseAll = (error: RingbackError | undefined) => void (refuse = error);
export const failDevice = (fails: boolean) => void (deviceFails = fails);

/** A snapshot arrives in place of events. */
export function jump(state: CallView): void {
  view = state;
  sequence = state.seq;
  media.update(state, undefined);
}

/** The page has the arriving track on its screen. */
export function pageShows(): RemoteTrack {
  const arriving = emitted.find(({ name }) => name === 'track-arriving')!.payload as RemoteTrack;
  media.trackShown(arriving);
  return arriving;
}
