import {
  limits,
  type Command,
  type CommandData,
  type CommandType,
  type TransportOptions,
} from '@ringback/schemas';
import {
  able,
  ask,
  callServer,
  camera,
  capabilities,
  join,
  person,
  producer,
  reloaded,
  sdp,
  settings,
  socketGone,
  uuid,
  type Person,
} from '../../core/domain/src/testing.ts';

/** What is asked of one call, in order, each so many milliseconds after the one before. */
export interface Script {
  readonly callId: string;
  readonly steps: readonly (readonly [afterMs: number, command: Command])[];
}

const named = (n: number, userId: string, displayName: string): Person =>
  able({ ...person(n, userId), displayName }, { version: 2 });
const host = named(1, 'host', 'Host');
const guest = { ...named(2, 'guest-1', 'Guest'), guest: true };
const third = named(3, 'third', 'C');
const microphone = { trackId: 'microphone-1', kind: 'audio', source: 'microphone', muted: false } as const;

const create = ask(host, 'call.create', { ...settings, name: 'Weekly review' });
const platform = <T extends CommandType>(type: T, data: CommandData<T>) => ask('system', type, data);
const tick = platform('call.deadline', {});
const connectionId = (a: Person, b: Person) => [a.instanceId, b.instanceId].sort().join('~');
const pair = { localCandidateType: 'host', remoteCandidateType: 'srflx', protocol: 'udp' } as const;
const connected = (who: Person, peer: Person, state: 'connected' | 'closed' = 'connected') =>
  ask(who, 'call.connection', {
    ...{ peerId: peer.participantId, connectionId: connectionId(who, peer), state },
    ...(state === 'closed' ? {} : { pair: { ...pair, currentRoundTripTime: 0.012 } }),
  });
const toPeer = (who: Person, peer: Person) => ({
  to: peer.participantId,
  connectionId: connectionId(who, peer),
});

const [here, there] = [callServer(1), callServer(2)];
const route = (...servers: ReturnType<typeof callServer>[]) => platform('call.route', { servers });
const end = (n: number): TransportOptions => ({
  id: uuid(0xd00 + n),
  iceParameters: { usernameFragment: `frag${n}`, password: `password${n}`, iceLite: true },
  iceCandidates: [
    {
      foundation: 'udpcandidate',
      priority: 1_076_302_079,
      address: '192.0.2.10',
      ip: '192.0.2.10',
      protocol: 'udp',
      port: 44_444,
      type: 'host',
    },
  ],
  dtlsParameters: {
    role: 'auto',
    fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('CD').join(':') }],
  },
});
/** The camera of somebody, number `n`, on its way to somebody else. */
const consumer = (from: Person, n: number) => ({
  consumerId: uuid(0xe00 + n),
  ...producer(n),
  participantId: from.participantId,
  kind: 'video' as const,
});
const transports = ({ participantId, instanceId }: Person, epoch: number, n: number) =>
  platform('call.transports', {
    ...{ to: participantId, instanceId, epoch, send: end(n), recv: end(n + 1), consumers: [] },
  });
const produce = (who: Person, epoch: number, n: number) =>
  ask(who, 'call.produce', { epoch, producers: [producer(n)] });
const transport = (
  who: Person,
  epoch: number,
  direction: 'send' | 'recv',
  more: Partial<CommandData<'call.transport'>> = {},
) => ask(who, 'call.transport', { direction, epoch, state: 'connected', pair, ...more });
const swapped = (who: Person, epoch: number) =>
  ask(who, 'call.swapped', { epoch, samples: { longestFrameGapMs: 117, concealedMs: 11 } });
const layers = (
  decision: CommandData<'call.layers'>['decision'],
  reason: CommandData<'call.layers'>['reason'],
  spatialLayer: number | null,
) =>
  platform('call.layers', {
    ...{ to: guest.participantId, participantId: host.participantId, trackId: camera.trackId, epoch: 1 },
    ...{ decision, reason, before: null },
    layers: spatialLayer === null ? null : { spatialLayer, temporalLayer: 2 },
    samples: { availableOutgoingBitrate: 900_000 },
  });

const consumers = (to: Person, ...made: ReturnType<typeof consumer>[]) =>
  platform('call.consumers', {
    ...{ to: to.participantId, instanceId: to.instanceId },
    ...{ epoch: 1, consumers: made },
  });

/** Two, then three through a Call Server, then two again. */
export const callServerCall: Script = {
  callId: '02-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e11',
  steps: [
    [0, create],
    [40, join(host)],
    [300, ask(host, 'call.publish', { track: camera })],
    [900, join(guest)],
    [200, ask(guest, 'call.publish', { track: camera })],
    [20, ask(host, 'call.offer', { ...toPeer(host, guest), sdp })],
    [30, ask(guest, 'call.answer', { ...toPeer(guest, host), sdp })],
    [5, ask(guest, 'call.candidate', { ...toPeer(guest, host), candidate: { candidate: '' } })],
    [60, connected(host, guest)],
    [4, connected(guest, host)],
    [5_000, join(third)],
    [0, route(here, there)],
    [15, transports(host, 1, 1)],
    [2, transports(guest, 1, 3)],
    [2, transports(third, 1, 5)],
    [40, transport(host, 1, 'send')],
    [10, produce(host, 1, 1)],
    [10, produce(guest, 1, 2)],
    [100, ask(third, 'call.publish', { track: camera })],
    [10, produce(third, 1, 3)],
    [30, consumers(host, consumer(guest, 2), consumer(third, 3))],
    [0, consumers(guest, consumer(host, 1))],
    [20, layers('video-on', 'started', 1)],
    [300, swapped(host, 1)],
    [20, swapped(guest, 1)],
    [60, swapped(third, 1)],
    [8, connected(host, guest, 'closed')],
    [3, connected(guest, host, 'closed')],
    [2_000, layers('layer-up', 'tile-size', 2)],
    [3_000, layers('video-off', 'downlink', null)],
    [
      10,
      platform('call.encodings', {
        ...{ to: host.participantId, epoch: 1, trackId: camera.trackId },
        ...{ producerId: producer(1).producerId, maxSpatialLayer: -1 },
      }),
    ],
    [1_000, ask(third, 'call.publish', { track: microphone })],
    [
      20,
      platform('call.producer-refused', {
        ...{ to: third.participantId, epoch: 1, trackId: microphone.trackId },
        ...{ producerId: uuid(0xf009), reason: 'media codec not found' },
      }),
    ],
    [2_000, transport(guest, 1, 'send', { state: 'disconnected', restart: true })],
    [
      15,
      platform('call.transport-restarted', {
        ...{ to: guest.participantId, epoch: 1, direction: 'send', transportId: end(3).id },
        iceParameters: { usernameFragment: 'again', password: 'another', iceLite: true },
      }),
    ],
    [
      900,
      ask(guest, 'call.bandwidth', {
        decision: 'audio-only',
        samples: { availableOutgoingBitrate: 90_000 },
      }),
    ],
    [
      9_000,
      ask(guest, 'call.bandwidth', { decision: 'video', samples: { availableOutgoingBitrate: 700_000 } }),
    ],
    [
      500,
      ask(third, 'call.capabilities', { capabilities: { ...capabilities, version: 2, screenShare: false } }),
    ],
    [6_000, ask(third, 'call.leave', {})],
    [limits.routeCalmMs, tick],
    [80, connected(host, guest)],
    [90, swapped(host, 2)],
    [30, swapped(guest, 2)],
    [4_000, ask(guest, 'call.leave', {})],
    [1_000, ask(host, 'call.end', {})],
  ],
};

/** What a host may do to others, and everybody to their own. */
export const hostActions: Script = {
  callId: '01-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e12',
  steps: [
    [0, create],
    [40, join(host)],
    [900, join(guest)],
    [200, ask(guest, 'call.publish', { track: microphone })],
    [10, ask(guest, 'call.publish', { track: camera })],
    [700, ask(guest, 'call.raise-hand', {})],
    [2_000, ask(guest, 'call.lower-hand', {})],
    [400, ask(guest, 'call.raise-hand', {})],
    [900, ask(host, 'call.lower-hand', { participantId: guest.participantId })],
    [300, ask(host, 'call.lock', {})],
    [
      100,
      ask(host, 'call.mute-participant', {
        participantId: guest.participantId,
        trackId: microphone.trackId,
      }),
    ],
    [1_500, ask(guest, 'call.unmute', { trackId: microphone.trackId })],
    [500, ask(guest, 'call.mute', { trackId: microphone.trackId })],
    [50, ask(guest, 'call.unpublish', { trackId: camera.trackId })],
    [600, ask(host, 'call.unlock', {})],
    [800, ask(host, 'call.remove', { participantId: guest.participantId })],
    [3_000, ask(host, 'call.end', {})],
  ],
};

const guestAgain = able({ ...reloaded(guest), displayName: 'Guest again' }, { version: 2 });

/** Sockets, pages, gateways and Call Servers that go, and what comes back. */
export const losses: Script = {
  callId: '00-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e13',
  steps: [
    [0, create],
    [40, join(host)],
    [300, join(guest)],
    [200, ask(guest, 'call.publish', { track: camera })],
    [300, join(third)],
    [0, route(here)],
    [20, transports(guest, 1, 1)],
    [5, produce(guest, 1, 1)],
    // The socket, and back on the same page.
    [2_000, socketGone(guest)],
    [400, join({ ...guest, sessionId: uuid(0xc102) })],
    // The gateway, and back with a new page.
    [
      3_000,
      ask(
        'system',
        'call.disconnect',
        { reason: 'gateway-lost' },
        { participantId: guest.participantId, sessionId: uuid(0xc102) },
      ),
    ],
    [2_500, join(guestAgain)],
    // The Call Server: the media of this call, then the process, then all of them.
    [1_000, platform('call.server-failed', { epoch: 1, server: here })],
    [6_000, route(there)],
    [30_000, route()],
    // One does not come back, the others leave; nobody is left to end it.
    [1_000, socketGone(third)],
    [limits.graceMs, tick],
    [1_000, ask(guestAgain, 'call.leave', {})],
    [1_000, ask(host, 'call.leave', {})],
    [settings.emptyTimeoutMs, tick],
  ],
};
