import type { Changes, GraphConsumer, GraphProducer, MediaGraph } from '@ringback/domain';
import type { Logger } from '@ringback/runtime';
import type { CallView, ConsumerDescription } from '@ringback/schemas';
import type { types } from 'mediasoup';
import type { CallMedia } from './call-media.ts';
import type { AboutCall, SendCommand } from './commands.ts';
import { limits } from './limits.ts';
import {
  capabilitiesFor,
  describeConsumer,
  describeTransport,
  openConsumer,
  openEndpoint,
  openProducer,
  type LiveConsumer,
  type LiveEndpoint,
} from './live.ts';

export interface OpeningPorts {
  readonly media: CallMedia;
  readonly router: types.Router;
  readonly webRtcServer: types.WebRtcServer;
  readonly send: SendCommand;
  readonly logger: Logger;
  /** mediasoup does not take it, for a reason that its client gave. */
  readonly onRefused: (what: 'endpoint' | 'producer' | 'consumer', key: string) => void;
}

/** What one pass made. */
export interface Opened {
  readonly endpoints: readonly LiveEndpoint[];
  readonly consumers: readonly LiveConsumer[];
}

/** Closes what is not wanted: with an endpoint or producer goes what hangs on it. */
export function close(media: CallMedia, { endpoints, producers, consumers }: Changes['close']): void {
  for (const key of endpoints) media.closeEndpoint(key);
  for (const key of producers) media.producers.get(key)?.producer.close();
  for (const key of consumers) media.consumers.get(key)?.consumer.close();
}

/**
 * Makes what is missing: endpoints, then producers on them, then consumers of those. What mediasoup refuses for its
 * client's reasons is left out and told; everything else is thrown once all that is under way has ended.
 */
export async function open(
  ports: OpeningPorts,
  view: CallView,
  wanted: MediaGraph,
  about: AboutCall,
): Promise<Opened> {
  const endpoints = await all(wanted.endpoints, async ([key, endpoint]) => {
    try {
      const made = await openEndpoint(ports.router, ports.webRtcServer, key, endpoint);
      ports.media.addEndpoint(made);
      return made;
    } catch (error) {
      refused(ports, 'endpoint', key, error);
      return undefined;
    }
  });
  await all(wanted.producers, (entry) => produce(ports, view, entry, about));
  const consumers = await all(wanted.consumers, (entry) => consume(ports, entry));
  return { endpoints, consumers };
}

async function produce(
  ports: OpeningPorts,
  view: CallView,
  [key, wanted]: [string, GraphProducer],
  about: AboutCall,
): Promise<undefined> {
  const endpoint = ports.media.endpoints.get(wanted.endpoint);
  if (endpoint === undefined) return;
  const { participantId, epoch } = endpoint;
  const track = view.participants[participantId]?.tracks[wanted.trackId];
  try {
    ports.media.addProducer(await openProducer(endpoint, key, wanted, track?.source === 'screen'));
  } catch (error) {
    if (endpoint.send.closed) return;
    refused(ports, 'producer', wanted.producerId, error);
    const { trackId, producerId } = wanted;
    const reason = sentence(error);
    ports.send(about, 'call.producer-refused', { to: participantId, epoch, trackId, producerId, reason });
  }
}

async function consume(
  ports: OpeningPorts,
  [key, wanted]: [string, GraphConsumer],
): Promise<LiveConsumer | undefined> {
  const { media } = ports;
  const endpoint = media.endpoints.get(wanted.endpoint);
  const from = media.producers.get(wanted.producer);
  if (endpoint === undefined || from === undefined) return undefined;
  try {
    const consumer = await openConsumer(endpoint, from, key, capabilitiesFor(endpoint, from.kind));
    return media.addConsumer(consumer) ? consumer : undefined;
  } catch (error) {
    if (!endpoint.recv.closed && !from.producer.closed) refused(ports, 'consumer', key, error);
    return undefined;
  }
}

function refused(
  { router, logger, onRefused }: OpeningPorts,
  what: 'endpoint' | 'producer' | 'consumer',
  key: string,
  error: unknown,
): void {
  // A worker that died refuses everything: its calls are built anew.
  if (router.closed) return;
  logger.warn({ what, key, err: error }, 'refused by mediasoup');
  onRefused(what, key);
}

/** mediasoup's own words, for a developer. */
function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `The Call Server can not take it: ${text}`.slice(0, 500);
}

/** So many requests to a worker at a time that the other calls on it are not kept waiting. */
async function all<T, R>(entries: Iterable<T>, task: (entry: T) => Promise<R | undefined>): Promise<R[]> {
  const done: R[] = [];
  const waiting = [...entries];
  for (let from = 0; from < waiting.length; from += limits.requestsAtOnce) {
    const results = await Promise.all(waiting.slice(from, from + limits.requestsAtOnce).map(task));
    for (const result of results) if (result !== undefined) done.push(result);
  }
  return done;
}

/** Tells those whom it concerns: one command for each endpoint that is new or has new consumers; more where it is long. */
export function announce(send: SendCommand, about: AboutCall, { endpoints, consumers }: Opened): void {
  const alive = consumers.filter(({ consumer }) => !consumer.closed);
  const of = Map.groupBy(alive, ({ endpoint }) => endpoint);
  const fresh = new Set(endpoints);
  for (const endpoint of new Set([...endpoints, ...of.keys()])) {
    const { participantId, instanceId, epoch } = endpoint;
    const to = { to: participantId, instanceId, epoch };
    const parts = inCommands((of.get(endpoint) ?? []).map(describeConsumer));
    if (fresh.has(endpoint)) {
      if (endpoint.send.closed) continue;
      send(about, 'call.transports', {
        ...to,
        send: describeTransport(endpoint.send),
        recv: describeTransport(endpoint.recv),
        consumers: parts.shift() ?? [],
      });
    }
    for (const consumers of parts) send(about, 'call.consumers', { ...to, consumers });
  }
}

/** Cut so that each part fits a command. */
function inCommands(described: readonly ConsumerDescription[]): ConsumerDescription[][] {
  const parts: ConsumerDescription[][] = [];
  let bytes = Infinity;
  for (const each of described) {
    const size = Buffer.byteLength(JSON.stringify(each));
    if (bytes + size > limits.consumersBytesPerCommand) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(each);
    bytes += size;
  }
  return parts;
}
