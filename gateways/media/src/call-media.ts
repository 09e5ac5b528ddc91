import type { ActualGraph } from '@ringback/domain';
import type { LiveConsumer, LiveEndpoint, LiveProducer } from './live.ts';

export interface CallMediaEvents {
  /** DTLS of its receive transport stands: a client starts it with its first consumers, so it has those. */
  readonly onReceiving: (endpoint: LiveEndpoint) => void;
  /** One of its transports failed or was closed by the client. */
  readonly onEndpointLost: (endpoint: LiveEndpoint) => void;
  readonly onConsumerClosed: (consumer: LiveConsumer) => void;
  readonly onProducerClosed: (producer: LiveProducer) => void;
}

/** All that is alive of one call. What mediasoup closes by itself leaves here too, so the graph is never wrong. */
export class CallMedia {
  readonly endpoints = new Map<string, LiveEndpoint>();
  readonly producers = new Map<string, LiveProducer>();
  readonly consumers = new Map<string, LiveConsumer>();
  readonly #events: CallMediaEvents;

  constructor(events: CallMediaEvents) {
    this.#events = events;
  }

  get graph(): ActualGraph {
    return {
      endpoints: this.endpoints,
      producers: new Map([...this.producers].map(([key, p]) => [key, { endpoint: p.endpoint.key }])),
      consumers: new Map(
        [...this.consumers].map(([key, c]) => [key, { endpoint: c.endpoint.key, producer: c.from.key }]),
      ),
    };
  }

  addEndpoint(endpoint: LiveEndpoint): void {
    this.endpoints.set(endpoint.key, endpoint);
    for (const direction of ['send', 'recv'] as const) {
      const transport = endpoint[direction];
      const seen = () => void endpoint.restarted.delete(direction);
      transport.on('icestatechange', seen).on('iceselectedtuplechange', seen);
      transport.observer.once('close', () => {
        if (this.endpoints.get(endpoint.key) === endpoint) this.endpoints.delete(endpoint.key);
        // Where the router or its worker went, the other one is closed by now.
        queueMicrotask(() => close(endpoint));
      });
      transport.on('dtlsstatechange', (state) => {
        if (state === 'connected' && transport === endpoint.recv) this.#events.onReceiving(endpoint);
        if (state !== 'failed' && state !== 'closed') return;
        if (this.endpoints.get(endpoint.key) === endpoint) this.#events.onEndpointLost(endpoint);
      });
    }
    // The worker may have died while this was on its way here.
    if (endpoint.send.closed || endpoint.recv.closed) this.closeEndpoint(endpoint.key);
  }

  /** @returns whether it lives: what it hangs on may have been closed while it was made, and mediasoup does not see that. */
  addProducer(producer: LiveProducer): boolean {
    if (producer.endpoint.send.closed) producer.producer.close();
    if (producer.producer.closed) return false;
    this.producers.set(producer.key, producer);
    producer.producer.observer.once('close', () => {
      if (this.producers.get(producer.key) === producer) this.producers.delete(producer.key);
      // mediasoup closes them, but says so only when its worker has: until then the graph would be wrong.
      for (const consumer of [...producer.consumers]) this.#forget(consumer);
      this.#events.onProducerClosed(producer);
    });
    return true;
  }

  /** @returns as for a producer. */
  addConsumer(consumer: LiveConsumer): boolean {
    if (consumer.endpoint.recv.closed || consumer.from.producer.closed) consumer.consumer.close();
    if (consumer.consumer.closed) return false;
    this.consumers.set(consumer.key, consumer);
    consumer.endpoint.consumers.add(consumer);
    consumer.from.consumers.add(consumer);
    consumer.consumer.observer.once('close', () => this.#forget(consumer));
    return true;
  }

  #forget(consumer: LiveConsumer): void {
    if (this.consumers.get(consumer.key) !== consumer) return;
    this.consumers.delete(consumer.key);
    consumer.endpoint.consumers.delete(consumer);
    consumer.from.consumers.delete(consumer);
    this.#events.onConsumerClosed(consumer);
  }

  /** With both transports go its producers, everybody's consumers of them, and its own consumers. */
  closeEndpoint(key: string): void {
    const endpoint = this.endpoints.get(key);
    if (endpoint === undefined) return;
    this.endpoints.delete(key);
    close(endpoint);
  }

  endpointsOf(participantId: string): LiveEndpoint[] {
    return [...this.endpoints.values()].filter((endpoint) => endpoint.participantId === participantId);
  }
}

function close({ send, recv }: LiveEndpoint): void {
  send.close();
  recv.close();
}
