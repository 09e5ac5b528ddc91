import { producedKeys, receivableKeys } from '@ringback/domain';
import type { CallView, ConsumerDescription, TrackSource } from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import type { Stats } from '../media/candidate-pair.ts';
import type { ReceiverStats } from '../media/leg.ts';
import { RemoteTracks } from '../media/remote-tracks.ts';
import type { RemoteTrack } from '../types.ts';
import type { DeviceConsumer, DeviceTransport } from './device.ts';

export interface IncomingOptions {
  epoch: number;
  view(): CallView | undefined;
  arrived(track: RemoteTrack, stats: ReceiverStats): void;
  ended(track: RemoteTrack): void;
  /** Consumers came or went. */
  changed(): void;
  failed(error: RingbackError): void;
}

export interface Received {
  description: ConsumerDescription;
  consumer: DeviceConsumer;
  stream: MediaStream;
}

/** What is received on one transport from the Call Server. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #transport: DeviceTransport;
  readonly #remote: RemoteTracks;
  readonly #received = new Map<string, Received>();
  readonly #streams = new Map<string, MediaStream>();
  /** What this device could not take; to be sent it again would not help. */
  readonly #failedIds = new Set<string>();
  /** Of those that are being made. Count. */
  #making = 0;
  #closed = false;

  constructor(transport: DeviceTransport, options: IncomingOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#remote = new RemoteTracks({ started: options.arrived, ended: options.ended });
  }

  get received(): readonly Received[] {
    return [...this.#received.values()];
  }

  /** Nothing to be received, so that nothing connects either. */
  get isIdle(): boolean {
    return this.#received.size === 0 && this.#making === 0;
  }

  /** Takes them all in one negotiation; one that can not be taken does not keep the others. */
  async consume(descriptions: readonly ConsumerDescription[]): Promise<void> {
    const fresh = descriptions.filter(({ consumerId }) => !this.#received.has(consumerId));
    this.#making += fresh.length;
    const made = await Promise.all(fresh.map((description) => this.#make(description)));
    this.#making -= fresh.length;
    if (this.#closed) return;
    for (const received of made.flatMap((one) => one ?? [])) this.#keep(received);
    this.update();
    this.#options.changed();
  }

  /** Lets go of what is published no more, or is produced anew: its successor comes by itself. */
  update(): void {
    const view = this.#options.view();
    if (view === undefined || this.#closed) return;
    const stale = this.received.filter(({ description }) => !this.#isWanted(description, view));
    for (const received of stale) this.#drop(received);
    this.#remote.update(view);
    if (stale.length > 0) this.#options.changed();
  }

  /** Whether everything is received that the others produce on this route and this device can take. */
  hasAll(view: CallView, participantId: string): boolean {
    const device = view.participants[participantId]?.capabilities;
    const known = new Set(this.received.map(({ description }) => description.producerId));
    return Object.values(view.participants)
      .filter((person) => person.participantId !== participantId)
      .flatMap((person) => Object.values(person.producers ?? {}).map((producer) => ({ person, producer })))
      .filter(({ producer }) => producer.epoch === this.#options.epoch)
      .filter(({ producer }) => !known.has(producer.producerId) && !this.#failedIds.has(producer.producerId))
      .every(({ person, producer }) => {
        const kind = person.tracks[producer.trackId]?.kind;
        if (kind === undefined || device === undefined) return true;
        const receivable = receivableKeys(device, kind);
        return !producedKeys(producer.rtpParameters).every((key) => receivable.has(key));
      });
  }

  /** Of a report of the transport, what belongs to these consumers alone: their streams, and the path. */
  static entriesFor(entries: ReadonlyMap<string, Stats>, received: readonly Received[]): Map<string, Stats> {
    const ssrcs = new Set(
      received.flatMap(({ description }) => description.rtpParameters.encodings.map(({ ssrc }) => ssrc)),
    );
    const isTheirs = (entry: Stats) => entry.type !== 'inbound-rtp' || ssrcs.has(entry['ssrc'] as number);
    return new Map([...entries].filter(([, entry]) => isTheirs(entry)));
  }

  close(): void {
    this.#closed = true;
    this.#received.clear();
    this.#remote.close();
  }

  async #make(description: ConsumerDescription): Promise<Received | undefined> {
    const { consumerId, producerId, participantId, kind, rtpParameters } = description;
    try {
      const consumer = await this.#transport.consume({
        id: consumerId,
        producerId,
        kind,
        rtpParameters: rtpParameters as Parameters<DeviceTransport['consume']>[0]['rtpParameters'],
        // Tracks of one stream are kept in sync by the browser.
        streamId: `${participantId}-${this.#groupOf(description)}`,
      });
      return { description, consumer, stream: this.#streamOf(description) };
    } catch (cause) {
      const message = "Somebody's track can not be received from the Call Server.";
      this.#failedIds.add(producerId);
      if (!this.#closed) this.#options.failed(new RingbackError('rtp_unsupported', message, { cause }));
      return undefined;
    }
  }

  #keep(received: Received): void {
    const { description, consumer, stream } = received;
    const { participantId, trackId } = description;
    for (const other of this.received)
      if (other.description.participantId === participantId && other.description.trackId === trackId)
        this.#drop(other);
    this.#received.set(description.consumerId, received);
    stream.addTrack(consumer.track);
    const stats = () => consumer.getStats();
    this.#remote.arrived({ participantId, track: consumer.track, ids: [trackId], stream, stats });
  }

  #drop({ description, consumer, stream }: Received): void {
    this.#received.delete(description.consumerId);
    this.#remote.gone(consumer.track);
    stream.removeTrack(consumer.track);
    consumer.close();
  }

  #isWanted({ participantId, trackId, producerId }: ConsumerDescription, view: CallView): boolean {
    const person = view.participants[participantId];
    if (person?.tracks[trackId] === undefined) return false;
    const producer = person.producers?.[trackId];
    // Of another epoch: says nothing about this leg.
    return producer?.epoch !== this.#options.epoch || producer.producerId === producerId;
  }

  #streamOf(description: ConsumerDescription): MediaStream {
    const key = `${description.participantId}-${this.#groupOf(description)}`;
    const stream = this.#streams.get(key) ?? new MediaStream();
    this.#streams.set(key, stream);
    return stream;
  }

  /** Camera and microphone share one stream, screen and its sound another. The publication comes before the media. */
  #groupOf({ participantId, trackId }: ConsumerDescription): 'person' | 'screen' {
    const source: TrackSource | undefined =
      this.#options.view()?.participants[participantId]?.tracks[trackId]?.source;
    return source === 'screen' || source === 'screen-audio' ? 'screen' : 'person';
  }
}
