import type { CallView, Capabilities, Fingerprint, ParticipantView, RtpParameters } from '@ringback/schemas';
import { isPresent } from '../call/state.ts';
import { canCome } from '../routing/people.ts';
import { producedKeys, receivableKeys } from './codecs.ts';
import type { MediaKind } from './router-capabilities.ts';

/**
 * The media of one call on one Call Server as it should be, as a fold of facts, and what to do where the actual one
 * differs. An endpoint is both transports of one page in one epoch of the route; producers and consumers hang on it.
 */

export interface Endpoint {
  readonly participantId: string;
  readonly instanceId: string;
  readonly epoch: number;
  readonly fingerprints: readonly Fingerprint[];
  readonly capabilities: Capabilities;
}

export interface GraphProducer {
  readonly endpoint: string;
  readonly producerId: string;
  readonly trackId: string;
  readonly kind: MediaKind;
  readonly rtpParameters: RtpParameters;
}

export interface GraphConsumer {
  /** Who receives it. */
  readonly endpoint: string;
  /** Key of what is received. */
  readonly producer: string;
}

/** By key: an endpoint's, a producer's, a consumer's. */
export interface MediaGraph {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly producers: ReadonlyMap<string, GraphProducer>;
  readonly consumers: ReadonlyMap<string, GraphConsumer>;
}

/** What there is, as far as it decides what to do: the keys, and what hangs on what. */
export interface ActualGraph {
  readonly endpoints: ReadonlyMap<string, Pick<Endpoint, 'epoch'>>;
  readonly producers: ReadonlyMap<string, Pick<GraphProducer, 'endpoint'>>;
  readonly consumers: ReadonlyMap<string, GraphConsumer>;
}

export interface Changes {
  /** Keys to close, in this order. What goes with something closed is not named: closing an endpoint closes its producers and consumers, closing a producer everybody's consumers of it. */
  readonly close: {
    readonly endpoints: readonly string[];
    readonly producers: readonly string[];
    readonly consumers: readonly string[];
  };
  /** What to make, in this order. */
  readonly open: MediaGraph;
}

/** What can not be had, whatever the facts say: refused or left over producers, endpoints whose transports keep failing. */
export interface Excluded {
  readonly endpoints: ReadonlySet<string>;
  readonly producers: ReadonlySet<string>;
}

export function endpointKey(epoch: number, participantId: string, instanceId: string): string {
  return `${epoch}/${participantId}/${instanceId}`;
}

export function producerKey(endpoint: string, producerId: string): string {
  return `${endpoint}/${producerId}`;
}

export function consumerKey(endpoint: string, producer: string): string {
  return `${endpoint}<${producer}`;
}

export const nothingExcluded: Excluded = { endpoints: new Set(), producers: new Set() };

/** Does this life of a media gateway serve the call, now or until everybody has switched away from it? */
export function isHostedBy(view: CallView, server: string): boolean {
  const { route } = view;
  if (view.status === 'ended' || route === undefined) return false;
  return [route, route.before].some((leg) => leg?.kind === 'call-server' && leg.server?.gateway === server);
}

/**
 * The wanted graph. Of the current route: an endpoint for everybody in the call whose page gave a certificate and has a
 * codec of ours, a producer for everything they send, a consumer for each other endpoint that can receive it. Of the
 * route before it: what there is of it, for as long as its people and tracks are there; nothing new is made for it.
 *
 * @param server `<gateway>/<incarnation>` whose part is asked for
 */
export function wantedGraph(
  view: CallView,
  server: string,
  actual: ActualGraph,
  excluded: Excluded = nothingExcluded,
): MediaGraph {
  const graph = {
    endpoints: new Map<string, Endpoint>(),
    producers: new Map<string, GraphProducer>(),
    consumers: new Map<string, GraphConsumer>(),
  };
  const { route } = view;
  if (view.status === 'ended' || route === undefined) return graph;
  for (const leg of [route, route.before]) {
    if (leg?.kind !== 'call-server' || leg.server?.gateway !== server) continue;
    const isNew = leg === route;
    addLeg(graph, view, leg.epoch, {
      endpoint: (key) => !excluded.endpoints.has(key) && (isNew || actual.endpoints.has(key)),
      producer: (key, id) => !excluded.producers.has(id) && (isNew || actual.producers.has(key)),
      consumer: (key) => isNew || actual.consumers.has(key),
    });
  }
  return graph;
}

interface Allowed {
  readonly endpoint: (key: string) => boolean;
  readonly producer: (key: string, producerId: string) => boolean;
  readonly consumer: (key: string) => boolean;
}

type MutableGraph = {
  [K in keyof MediaGraph]: MediaGraph[K] extends ReadonlyMap<string, infer V> ? Map<string, V> : never;
};

function addLeg(graph: MutableGraph, view: CallView, epoch: number, allowed: Allowed): void {
  const producers: [string, GraphProducer][] = [];
  const endpoints: [string, Endpoint][] = [];
  for (const person of Object.values(view.participants)) {
    const endpoint = endpointOf(person, epoch);
    if (endpoint === undefined) continue;
    const key = endpointKey(epoch, endpoint.participantId, endpoint.instanceId);
    if (!allowed.endpoint(key)) continue;
    endpoints.push([key, endpoint]);
    for (const producer of producersOf(person, epoch, key)) {
      const id = producerKey(key, producer.producerId);
      if (allowed.producer(id, producer.producerId)) producers.push([id, producer]);
    }
  }
  for (const [key, endpoint] of endpoints) graph.endpoints.set(key, endpoint);
  for (const [key, producer] of producers) graph.producers.set(key, producer);
  // Everybody's track to everybody else is thousands of pairs: what each end can do is worked out once.
  const sent = producers.map(([key, producer]) => ({
    key,
    ...producer,
    keys: producedKeys(producer.rtpParameters),
  }));
  for (const [endpoint, { capabilities }] of endpoints) {
    const received = {
      audio: receivableKeys(capabilities, 'audio'),
      video: receivableKeys(capabilities, 'video'),
    };
    for (const { key: producer, endpoint: from, kind, keys } of sent) {
      const key = consumerKey(endpoint, producer);
      if (from !== endpoint && allowed.consumer(key) && keys.some((codec) => received[kind].has(codec)))
        graph.consumers.set(key, { endpoint, producer });
    }
  }
}

function endpointOf(person: ParticipantView, epoch: number): Endpoint | undefined {
  if (!isPresent(person) || !canCome(person)) return undefined;
  const { participantId, instanceId, fingerprints, capabilities } = person;
  return { participantId, instanceId, epoch, fingerprints, capabilities };
}

function producersOf(person: ParticipantView, epoch: number, endpoint: string): GraphProducer[] {
  return Object.values(person.producers ?? {}).flatMap((producer) => {
    const track = Object.hasOwn(person.tracks, producer.trackId)
      ? person.tracks[producer.trackId]
      : undefined;
    if (producer.epoch !== epoch || track === undefined) return [];
    const { producerId, trackId, rtpParameters } = producer;
    return [{ endpoint, producerId, trackId, kind: track.kind, rtpParameters }];
  });
}

/**
 * What to do so that the actual graph becomes the wanted one. Nothing where they are the same. Keys name what a thing
 * hangs on: whatever goes with something that is closed is not wanted itself.
 */
export function diff(wanted: MediaGraph, actual: ActualGraph): Changes {
  const endpoints = missing(actual.endpoints, wanted.endpoints);
  const goneEndpoints = new Set(endpoints);
  const goneProducers = new Set(missing(actual.producers, wanted.producers));
  const hangsOnGone = ({ endpoint, producer }: { endpoint: string; producer?: string }) =>
    goneEndpoints.has(endpoint) || (producer !== undefined && goneProducers.has(producer));
  return {
    close: {
      endpoints,
      producers: [...goneProducers].filter((key) => !hangsOnGone(actual.producers.get(key)!)),
      consumers: missing(actual.consumers, wanted.consumers).filter(
        (key) => !hangsOnGone(actual.consumers.get(key)!),
      ),
    },
    open: {
      endpoints: added(wanted.endpoints, actual.endpoints),
      producers: added(wanted.producers, actual.producers),
      consumers: added(wanted.consumers, actual.consumers),
    },
  };
}

/** Is there nothing to do? */
export function isUnchanged({ close, open }: Changes): boolean {
  return (
    close.endpoints.length + close.producers.length + close.consumers.length === 0 &&
    open.endpoints.size + open.producers.size + open.consumers.size === 0
  );
}

function missing(from: ReadonlyMap<string, unknown>, where: ReadonlyMap<string, unknown>): string[] {
  return [...from.keys()].filter((key) => !where.has(key));
}

function added<V>(wanted: ReadonlyMap<string, V>, actual: ReadonlyMap<string, unknown>): Map<string, V> {
  return new Map([...wanted].filter(([key]) => !actual.has(key)));
}
