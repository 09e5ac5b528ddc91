import type { Bus, Clock, Ids } from '@ringback/runtime';
import { partitionOf, subjects, timeOfMs, type TransportSampled } from '@ringback/schemas';
import { limits } from './limits.ts';
import { estimateBandwidth, type LiveEndpoint } from './live.ts';
import type { MediaCall } from './media-call.ts';

export interface SamplerPorts {
  readonly calls: () => Iterable<MediaCall>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly gateway: string;
}

/** A perfect score says nothing: most of them are. */
const perfect = 10;

/** Every few seconds what mediasoup thinks of each participant, as telemetry. Losing some loses a hint, never a fact. */
export class Sampler {
  readonly #ports: SamplerPorts;
  #cancel: () => void;

  constructor(ports: SamplerPorts) {
    this.#ports = ports;
    this.#cancel = this.#later();
  }

  stop(): void {
    this.#cancel();
  }

  #later(): () => void {
    return this.#ports.clock.after(limits.sampleEveryMs, () => {
      this.#cancel = this.#later();
      for (const call of this.#ports.calls()) void this.#sample(call);
    });
  }

  async #sample(call: MediaCall): Promise<void> {
    await Promise.all([...call.media.endpoints.values()].map(estimateBandwidth));
    let batch: TransportSampled[] = [];
    let bytes = 0;
    for (const endpoint of call.media.endpoints.values()) {
      const sample = this.#sampleOf(call, endpoint);
      const size = JSON.stringify(sample).length;
      if (bytes + size > limits.telemetryBatchBytesMax) {
        this.#publish(call.callId, batch);
        [batch, bytes] = [[], 0];
      }
      batch.push(sample);
      bytes += size + 1;
    }
    this.#publish(call.callId, batch);
  }

  #publish(callId: string, batch: readonly TransportSampled[]): void {
    // The stream takes what is published on its subject; nobody waits for that it did.
    if (batch.length > 0) this.#ports.bus.publish(subjects.telemetry(partitionOf(callId)), batch);
  }

  #sampleOf(call: MediaCall, endpoint: LiveEndpoint): TransportSampled {
    const { clock, ids, gateway } = this.#ports;
    const { availableOutgoingBitrate } = endpoint;
    const producers = [...call.media.producers.values()].filter((producer) => producer.endpoint === endpoint);
    return {
      specversion: '1.0',
      id: ids.uuid(),
      source: `/gateways/${gateway}`,
      type: 'call.transport.sampled',
      subject: call.callId,
      time: timeOfMs(clock.now()),
      tenantid: call.view.tenantId,
      schemaversion: 1,
      data: {
        participantId: endpoint.participantId,
        ...(availableOutgoingBitrate === undefined ? {} : { availableOutgoingBitrate }),
        producerScores: Object.fromEntries(
          producers.map(({ trackId, producer }) => [
            trackId,
            producer.score.map(({ score }) => score).slice(0, 4),
          ]),
        ),
        consumerScores: Object.fromEntries(
          [...endpoint.consumers].flatMap(({ consumer }) =>
            consumer.score.score < perfect ? [[consumer.id, consumer.score.score]] : [],
          ),
        ),
      },
    };
  }
}
