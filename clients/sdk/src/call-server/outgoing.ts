import type { CallView, ParticipantView, ProducerDescription } from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import type { SendCommand } from '../media/leg.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import type { DeviceProducer, DeviceTransport } from './device.ts';
import { isOutgrown, producerOptionsFor } from './sending.ts';

export interface OutgoingOptions {
  epoch: number;
  participantId: string;
  uuid(): string;
  command: SendCommand;
  tracks(): readonly OutgoingTrack[];
  view(): CallView | undefined;
  failed(error: RingbackError): void;
}

/** What is sent on one transport to the Call Server, by track id. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #transport: DeviceTransport;
  readonly #producers = new Map<string, DeviceProducer>();
  /** Of those whose announcement is without an answer, and of those that are being made. */
  readonly #pending = new Set<string>();
  /** Ids of producers that were announced once more at once. */
  readonly #repeated = new Set<string>();
  readonly #closing = new AbortController();

  constructor(transport: DeviceTransport, options: OutgoingOptions) {
    this.#transport = transport;
    this.#options = options;
    // Both answers are known before they are asked: the certificate went ahead with the join, and ids are our own.
    transport.on('produce', (_, callback) => callback({ id: options.uuid() }));
  }

  /** Nothing to be sent, so that nothing connects either. */
  get isIdle(): boolean {
    return this.#producers.size === 0 && this.#pending.size === 0;
  }

  /** Sends these, and announces them all at once. */
  async produce(tracks: readonly OutgoingTrack[]): Promise<void> {
    const made = await Promise.all(tracks.map((track) => this.#make(track)));
    await this.#announce(made.flatMap((producer) => producer ?? []));
  }

  replace(trackId: string, track: MediaStreamTrack): void {
    const producer = this.#producers.get(trackId);
    // A track that has ended shows nothing; what is sent now goes on until there is another one.
    if (track.readyState === 'ended') return;
    if (producer !== undefined)
      producer.replaceTrack({ track }).catch(() => this.#isClosed() || this.#broke());
    else void this.produce(this.#options.tracks().filter((outgoing) => outgoing.trackId === trackId));
  }

  remove(trackId: string): void {
    this.#producers.get(trackId)?.close();
    this.#producers.delete(trackId);
  }

  /** The Call Server can not take it: nothing of it need be sent. Says whether it was one of ours. */
  refused(trackId: string, producerId: string): boolean {
    if (this.#producers.get(trackId)?.id !== producerId) return false;
    this.remove(trackId);
    return true;
  }

  /** Only layers up to this one are needed; -1: none. */
  setMaxSpatialLayer(trackId: string, producerId: string, maxSpatialLayer: number): void {
    const producer = this.#producers.get(trackId);
    if (producer?.id !== producerId) return;
    producer.setMaxSpatialLayer(maxSpatialLayer).catch(() => this.#isClosed() || this.#broke());
  }

  /** Until told otherwise: what was said of layers that nobody watches may have been taken back unheard. */
  sendAllLayers(): void {
    for (const [trackId, { id, maxSpatialLayer, rtpParameters }] of this.#producers)
      if (maxSpatialLayer !== undefined)
        this.setMaxSpatialLayer(trackId, id, (rtpParameters.encodings?.length ?? 1) - 1);
  }

  /** Announces again what the platform does not list: an announcement that was given up, or one of another life. */
  reconcile(me: ParticipantView): void {
    const unlisted = [...this.#producers].flatMap(([trackId, producer]) =>
      this.#pending.has(trackId) || me.producers?.[trackId]?.producerId === producer.id
        ? []
        : describe(trackId, producer),
    );
    void this.#announce(unlisted);
  }

  /** Sends anew, in a codec that reaches more people, what somebody who came later can not decode. */
  rechoose(): void {
    const { tracks, view: viewNow, participantId } = this.#options;
    const view = viewNow();
    if (view === undefined || this.#isClosed()) return;
    const outgrown = tracks().filter(({ track, trackId, source }) => {
      const producer = this.#producers.get(trackId);
      if (track.kind !== 'video' || producer === undefined || this.#pending.has(trackId)) return false;
      return isOutgrown(describe(trackId, producer).rtpParameters, source, view, participantId);
    });
    for (const { trackId } of outgrown) this.remove(trackId);
    void this.produce(outgrown);
  }

  close(): void {
    this.#closing.abort();
    this.#producers.clear();
  }

  async #make(outgoing: OutgoingTrack): Promise<ProducerDescription | undefined> {
    const { trackId, track } = outgoing;
    // A camera that is off for now has ended; it is sent once it is replaced.
    if (this.#producers.has(trackId) || this.#pending.has(trackId) || track.readyState === 'ended')
      return undefined;
    const options = producerOptionsFor(outgoing, this.#options.view(), this.#options.participantId);
    if (options === undefined) {
      this.#broke();
      return undefined;
    }
    this.#pending.add(trackId);
    try {
      const made = this.#keep(trackId, await this.#transport.produce(options));
      // Else it is pending until its announcement is answered.
      if (made === undefined) this.#pending.delete(trackId);
      return made;
    } catch (error) {
      this.#pending.delete(trackId);
      if (!this.#isClosed()) this.#broke(error);
      return undefined;
    }
  }

  /** Making takes a while: by now the track may be unpublished, or another one. */
  #keep(trackId: string, producer: DeviceProducer): ProducerDescription | undefined {
    const now = this.#options.tracks().find((outgoing) => outgoing.trackId === trackId);
    if (this.#isClosed() || now === undefined) {
      producer.close();
      return undefined;
    }
    this.#producers.set(trackId, producer);
    if (now.track !== producer.track) this.replace(trackId, now.track);
    return describe(trackId, producer);
  }

  async #announce(producers: ProducerDescription[]): Promise<void> {
    for (const { trackId } of producers) this.#pending.add(trackId);
    let refusal: unknown;
    const current = producers.filter((producer) => this.#isCurrent(producer));
    try {
      const { epoch } = this.#options;
      if (current.length > 0)
        await this.#options.command('call.produce', { epoch, producers: current }, this.#closing.signal);
    } catch (error) {
      refusal = error;
    }
    for (const { trackId } of producers) this.#pending.delete(trackId);
    if (refusal === undefined && producers.length > 0) this.rechoose();
    if (refusal === undefined || this.#isClosed()) return;
    if (isOfOne(refusal) && current.length > 1) {
      // One of them takes all the others with it.
      await Promise.all(current.map((producer) => this.#announce([producer])));
    } else if (!isOvertaken(refusal)) this.#broke(refusal);
    else if (isUnknown(refusal) && !this.#repeated.has(current[0]!.producerId)) this.#repeat(current[0]!);
  }

  /** Published meanwhile: that event came while the refusal was on its way, so that it is not to be waited for. */
  #repeat(producer: ProducerDescription): void {
    const { view, participantId } = this.#options;
    if (view()?.participants[participantId]?.tracks[producer.trackId] === undefined) return;
    this.#repeated.add(producer.producerId);
    void this.#announce([producer]);
  }

  #isCurrent({ trackId, producerId }: ProducerDescription): boolean {
    return !this.#isClosed() && this.#producers.get(trackId)?.id === producerId;
  }

  #broke(cause?: unknown): void {
    if (cause instanceof RingbackError) return this.#options.failed(cause);
    const message = 'A track could not be sent to the Call Server.';
    this.#options.failed(new RingbackError('rtp_unsupported', message, { cause }));
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

function describe(trackId: string, producer: DeviceProducer): ProducerDescription {
  return {
    producerId: producer.id,
    trackId,
    rtpParameters: producer.rtpParameters as ProducerDescription['rtpParameters'],
  };
}

/** Refused for one track of perhaps several. */
function isOfOne(error: unknown): boolean {
  return isUnknown(error) || (error instanceof RingbackError && error.code === 'producer_exists');
}

function isUnknown(error: unknown): boolean {
  return error instanceof RingbackError && error.code === 'track_unknown';
}

/** The track or the route is gone meanwhile, or it is announced already. */
function isOvertaken(error: unknown): boolean {
  const codes = ['route_stale', 'producer_exists', 'track_unknown', 'closed', 'call_ended'];
  return error instanceof RingbackError && codes.includes(error.code);
}
