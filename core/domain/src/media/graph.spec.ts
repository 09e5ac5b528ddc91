import type { CallView, ParticipantView, Route } from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callId, uuid } from '../testing.ts';
import { devices } from './devices.fixture.ts';
import {
  diff,
  endpointKey,
  isHostedBy,
  isUnchanged,
  nothingExcluded,
  producerKey,
  wantedGraph,
  type ActualGraph,
  type Changes,
  type MediaGraph,
} from './graph.ts';

const us = 'media-1/1';
const fingerprints = [
  { algorithm: 'sha-256' as const, value: Array.from({ length: 32 }, () => 'AB').join(':') },
];
const codecs = {
  video: { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
  audio: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 },
};
const server = { gateway: us, region: 'local', load: 0 };
const route = (more: Partial<Route> = {}): Route => ({
  ...{ kind: 'call-server', epoch: 1, reason: 'third-joined', since: 0, server, failedConnections: [] },
  ...more,
});

interface Sent {
  readonly kind: 'audio' | 'video';
  readonly epoch?: number;
  readonly producerId?: string;
}

function someone(
  n: number,
  sent: readonly Sent[] = [],
  more: Partial<ParticipantView> = {},
): ParticipantView {
  const tracks: ParticipantView['tracks'] = {};
  const producers: NonNullable<ParticipantView['producers']> = {};
  for (const [index, { kind, epoch = 1, producerId = uuid(n * 100 + index) }] of sent.entries()) {
    const trackId = `${kind}-${index}`;
    tracks[trackId] = { trackId, kind, source: kind === 'video' ? 'camera' : 'microphone', muted: false };
    producers[trackId] = {
      producerId,
      trackId,
      epoch,
      rtpParameters: { codecs: [codecs[kind]], encodings: [{ ssrc: 1 }] },
    };
  }
  return {
    ...{
      participantId: uuid(n),
      userId: `user-${n}`,
      displayName: 'A',
      guest: false,
      role: 'participant' as const,
    },
    ...{
      presence: 'connected' as const,
      instanceId: uuid(0xb00 + n),
      sessionId: uuid(0xc00 + n),
      gateway: 'edge-1/1',
    },
    ...{ joinedAt: n, capabilities: devices.all, fingerprints, tracks, producers, connections: {} },
    ...more,
  };
}

function view(people: readonly ParticipantView[], more: Partial<CallView> = {}): CallView {
  return {
    ...{ callId, tenantId: 'default', seq: 1, status: 'open' as const, createdBy: 'user-1', createdAt: 0 },
    ...{ guestsAllowed: true, participantsMax: 50, durationMsMax: 1, emptyTimeoutMs: 0, locked: false },
    participants: Object.fromEntries(people.map((p) => [p.participantId, p])),
    route: route(),
    ...more,
  };
}

const nothing: ActualGraph = { endpoints: new Map(), producers: new Map(), consumers: new Map() };
const wanted = (call: CallView, actual: ActualGraph = nothing) => wantedGraph(call, us, actual);
const sizes = (graph: MediaGraph) => [graph.endpoints.size, graph.producers.size, graph.consumers.size];
const both: Sent[] = [{ kind: 'audio' }, { kind: 'video' }];

/** What carrying out changes does, with what goes by itself. */
function carryOut({ close, open }: Changes, actual: ActualGraph): ActualGraph {
  const endpoints = new Map(actual.endpoints);
  const producers = new Map(actual.producers);
  const consumers = new Map(actual.consumers);
  const closeProducer = (key: string) => {
    if (!producers.delete(key)) throw new Error(`no producer ${key}`);
    for (const [id, { producer }] of consumers) if (producer === key) consumers.delete(id);
  };
  for (const key of close.endpoints) {
    if (!endpoints.delete(key)) throw new Error(`no endpoint ${key}`);
    for (const [id, { endpoint }] of producers) if (endpoint === key) closeProducer(id);
    for (const [id, { endpoint }] of consumers) if (endpoint === key) consumers.delete(id);
  }
  for (const key of close.producers) closeProducer(key);
  for (const key of close.consumers) if (!consumers.delete(key)) throw new Error(`no consumer ${key}`);
  for (const [key, endpoint] of open.endpoints) endpoints.set(key, endpoint);
  for (const [key, producer] of open.producers) {
    if (!endpoints.has(producer.endpoint)) throw new Error(`no endpoint for ${key}`);
    producers.set(key, producer);
  }
  for (const [key, consumer] of open.consumers) {
    if (!endpoints.has(consumer.endpoint) || !producers.has(consumer.producer))
      throw new Error(`nothing for ${key}`);
    consumers.set(key, consumer);
  }
  return { endpoints, producers, consumers };
}

const keys = (graph: ActualGraph) =>
  [graph.endpoints, graph.producers, graph.consumers].map((map) => [...map.keys()].sort());

describe('the wanted graph', () => {
  it('connects everybody with everybody else', () => {
    expect(sizes(wanted(view([someone(1, both), someone(2, both), someone(3)])))).toEqual([3, 4, 2 + 2 + 4]);
  });

  it.each<[string, CallView]>([
    ['a call that has ended', view([someone(1, both), someone(2)], { status: 'ended' })],
    ['a call that was never anywhere', view([someone(1), someone(2)], { route: undefined })],
    ['peer to peer', view([someone(1), someone(2)], { route: route({ kind: 'p2p', server: undefined }) })],
    [
      'another Call Server',
      view([someone(1)], { route: route({ server: { ...server, gateway: 'media-2/1' } }) }),
    ],
    [
      'an earlier life of ours',
      view([someone(1)], { route: route({ server: { ...server, gateway: 'media-1/0' } }) }),
    ],
    ['somebody who left', view([someone(1, [], { presence: 'left' })])],
    ['a page without a certificate', view([someone(1, [], { fingerprints: undefined })])],
    ['nobody knows what it can do', view([someone(1, [], { capabilities: undefined })])],
    ['a bot without codecs', view([someone(1, [], { capabilities: devices.bot })])],
  ])('has nothing for: %s', (_, call) => {
    expect(sizes(wanted(call))).toEqual([0, 0, 0]);
  });

  it('keeps who is away for a moment', () => {
    expect(sizes(wanted(view([someone(1, both), someone(2, [], { presence: 'disconnected' })])))).toEqual([
      2, 2, 2,
    ]);
  });

  it('has nothing of tracks that are not published, and of other epochs', () => {
    const unpublished = someone(1, both, { tracks: {} });
    const earlier = someone(2, [{ kind: 'video', epoch: 0 }]);
    expect(sizes(wanted(view([unpublished, earlier, someone(3)])))).toEqual([3, 0, 0]);
  });

  it('gives nobody what they can not decode', () => {
    const sound = someone(2, [], { capabilities: devices.audioOnly });
    const other = someone(3, [], { capabilities: devices.h264Only });
    const graph = wanted(view([someone(1, both), sound, other]));
    const audio = producerKey(endpointKey(1, uuid(1), uuid(0xb01)), uuid(100));
    expect([...graph.consumers.values()].map(({ producer }) => producer)).toEqual([audio, audio]);
  });

  it('leaves out what is excluded, and what hangs on it', () => {
    const call = view([someone(1, both), someone(2, both), someone(3)]);
    const without = (more: Partial<typeof nothingExcluded>) =>
      sizes(wantedGraph(call, us, nothing, { ...nothingExcluded, ...more }));
    expect(without({ producers: new Set([uuid(100)]) })).toEqual([3, 3, 6]);
    expect(without({ endpoints: new Set([endpointKey(1, uuid(1), uuid(0xb01))]) })).toEqual([2, 2, 2]);
  });

  it('only keeps what there is of the route before', () => {
    const before = { kind: 'call-server' as const, epoch: 1, server };
    const people = [someone(1, both), someone(2), someone(3)];
    const back = route({ kind: 'p2p', epoch: 2, server: undefined, before });
    const actual = wanted(view(people.slice(0, 2)));
    const call = view(people, { route: back });
    expect(isHostedBy(call, us)).toBe(true);
    expect(sizes(wanted(call))).toEqual([0, 0, 0]);
    expect(keys(wanted(call, actual))).toEqual(keys(actual));
    const gone = view(people.slice(0, 1), { route: back });
    expect(sizes(wanted(gone, actual))).toEqual([1, 2, 0]);
    const settled = view(people, { route: route({ kind: 'p2p', epoch: 2, server: undefined }) });
    expect(isHostedBy(settled, us)).toBe(false);
    expect(sizes(wanted(settled, actual))).toEqual([0, 0, 0]);
  });

  it('makes all transports anew in a new epoch', () => {
    const people = [someone(1), someone(2)];
    const actual = wanted(view(people));
    const changes = diff(wanted(view(people, { route: route({ epoch: 2 }) }), actual), actual);
    expect(changes.close.endpoints).toHaveLength(2);
    expect(changes.open.endpoints.size).toBe(2);
  });
});

describe('the difference', () => {
  const person = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    page: fc.integer({ min: 0, max: 1 }),
    presence: fc.constantFrom('connected' as const, 'disconnected' as const, 'left' as const),
    capabilities: fc.constantFrom(devices.all, devices.h264Only, devices.audioOnly, devices.bot, undefined),
    sent: fc.array(
      fc.record({
        kind: fc.constantFrom('audio' as const, 'video' as const),
        epoch: fc.integer({ min: 1, max: 2 }),
      }),
      { maxLength: 3 },
    ),
  });
  const anyRoute = fc.constantFrom(
    route(),
    route({ epoch: 2 }),
    route({ epoch: 2, before: { kind: 'p2p', epoch: 1 } }),
    route({ kind: 'p2p', epoch: 2, server: undefined, before: { kind: 'call-server', epoch: 1, server } }),
    route({ server: { ...server, gateway: 'media-2/1' } }),
    undefined,
  );
  const anyView = fc
    .record({ people: fc.array(person, { maxLength: 6 }), way: anyRoute })
    .map(({ people, way }) =>
      view(
        people.map(({ n, page, presence, capabilities, sent }) =>
          someone(n, sent, { presence, capabilities, instanceId: uuid(0xb00 + n * 2 + page) }),
        ),
        { route: way },
      ),
    );

  it('carried out, makes the wanted graph of whatever there is', () => {
    fc.assert(
      fc.property(fc.array(anyView, { minLength: 2, maxLength: 5 }), (views) => {
        let actual = nothing;
        for (const call of views) {
          const want = wanted(call, actual);
          actual = carryOut(diff(want, actual), actual);
          expect(keys(actual)).toEqual(keys(want));
        }
      }),
    );
  });

  it('is nothing once it was carried out, and closes nothing that is wanted', () => {
    fc.assert(
      fc.property(anyView, anyView, (first, second) => {
        const before = wanted(first);
        expect(isUnchanged(diff(wanted(first, before), before))).toBe(true);
        const want = wanted(second, before);
        const { close } = diff(want, before);
        for (const key of close.endpoints) expect(want.endpoints.has(key)).toBe(false);
        for (const key of close.producers) expect(want.producers.has(key)).toBe(false);
        for (const key of close.consumers) expect(want.consumers.has(key)).toBe(false);
      }),
    );
  });

  it('names of what goes together only the first', () => {
    const first = wanted(view([someone(1, both), someone(2, both)]));
    const { close } = diff(wanted(view([someone(2, [both[0]!])])), first);
    expect(close.endpoints).toEqual([endpointKey(1, uuid(1), uuid(0xb01))]);
    expect(close.producers).toEqual([producerKey(endpointKey(1, uuid(2), uuid(0xb02)), uuid(201))]);
    expect(close.consumers).toEqual([]);
  });
});
