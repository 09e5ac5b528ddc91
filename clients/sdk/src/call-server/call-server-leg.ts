import type { CallEvent, CallView, ConsumerDescription, IceServer, ParticipantView } from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { Leg, LegMeasures } from '../media/leg.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import type { CandidatePair } from '../types.ts';
import { Asking } from './asking.ts';
import type { Received } from './incoming.ts';
import { LegQuality } from './leg-quality.ts';
import { TransportPair, type TransportPairOptions, type TransportsCreated } from './transport-pair.ts';

export type CallServerLegOptions = Omit<TransportPairOptions, 'view' | 'broken' | 'connected'> & {
  instanceId: string;
};

/**
 * Media through the Call Server, for one epoch of the call's route. It begins with transports that the Call Server made
 * for this page; a second set of them replaces the first.
 */
export class CallServerLeg implements Leg {
  readonly epoch: number;
  readonly #options: CallServerLegOptions;
  readonly #asking: Asking;
  readonly #quality: LegQuality;
  #view: CallView | undefined;
  #pair: TransportPair | undefined;
  /** Consumers that came before any transports. */
  #early: ConsumerDescription[] = [];
  #path: CandidatePair | undefined;
  #isOnline = false;
  /** After a snapshot, consumers that were told one by one may be missing. */
  #isUnsure = false;
  #closed = false;

  constructor(options: CallServerLegOptions) {
    this.epoch = options.epoch;
    this.#options = options;
    // Transports that lack consumers are given up: closing them is what the Call Server hears.
    this.#asking = new Asking(options.ports.clock, options.epoch, options.command, () => {
      if (this.#isUnsure) this.#dropPair();
    });
    this.#quality = new LegQuality(options.participantId);
  }

  /** Both transports carry what there is to carry. */
  get isConnected(): boolean {
    return this.#pair?.isConnected === true;
  }

  get received(): readonly Received[] {
    return this.#pair?.received ?? [];
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#pair?.connectionState ?? 'new';
  }

  /** The path to the Call Server, once there is one. */
  get path(): CandidatePair | undefined {
    return this.#path;
  }

  /** Whether commands get through now. */
  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline;
    this.#askIfNeeded();
  }

  /** Takes the call's new state; `event` is what led to it, absent for a snapshot. */
  update(view: CallView, event: CallEvent | undefined): void {
    this.#view = view;
    if (event === undefined && this.#pair !== undefined) {
      this.#isUnsure = true;
      this.#pair.outgoing?.sendAllLayers();
      this.#pair.outgoing?.rechoose();
      this.#asking.done();
    }
    this.#pair?.update();
    if (event !== undefined) this.#receive(event);
    this.#askIfNeeded();
  }

  /** What is sent, as the platform lists it after a (re)join. */
  reconcile(me: ParticipantView): void {
    this.#pair?.outgoing?.reconcile(me);
  }

  addTrack(track: OutgoingTrack): void {
    void this.#pair?.outgoing?.produce([track]);
  }

  replaceTrack(trackId: string, track: MediaStreamTrack): void {
    this.#pair?.outgoing?.replace(trackId, track);
  }

  removeTrack(trackId: string): void {
    this.#pair?.outgoing?.remove(trackId);
  }

  setIceServers(servers: IceServer[]): void {
    this.#pair?.setIceServers(servers);
  }

  networkChanged(): void {
    this.#pair?.networkChanged();
  }

  async measure(nowMs: number): Promise<LegMeasures> {
    return this.#pair === undefined ? { people: [], samples: [] } : this.#quality.measure(this.#pair, nowMs);
  }

  close(): void {
    this.#closed = true;
    this.#asking.pause();
    this.#pair?.close();
    this.#pair = undefined;
  }

  #receive(event: CallEvent): void {
    const { participantId } = this.#options;
    switch (event.type) {
      case 'call.transports.created':
        if (event.data.to === participantId) this.#replacePair(event.data);
        return;
      case 'call.consumers.created':
        if (event.data.to !== participantId || event.data.instanceId !== this.#options.instanceId) return;
        if (event.data.epoch === this.epoch) this.#consume(event.data.consumers);
        return;
      case 'call.transport.restarted':
        if (event.data.to !== participantId || event.data.epoch !== this.epoch) return;
        // Of transports that we never heard of: ours are gone at the other end.
        if (this.#pair?.restart(event.data) === false) this.#dropPair();
        return;
      case 'call.participant.joined':
        this.#pair?.outgoing?.rechoose();
        return;
      case 'call.encodings.changed': {
        const { to, trackId, producerId, maxSpatialLayer } = event.data;
        if (to === participantId)
          this.#pair?.outgoing?.setMaxSpatialLayer(trackId, producerId, maxSpatialLayer);
        return;
      }
      case 'call.producer.refused': {
        const { to, trackId, producerId, reason } = event.data;
        if (to === participantId && this.#pair?.outgoing?.refused(trackId, producerId) === true)
          this.#options.failed(new RingbackError('rtp_unsupported', reason));
        return;
      }
      case 'call.layers.changed':
        if (event.data.to === participantId) this.#quality.layersChanged(event.data);
        return;
      default:
      // Everything else is in the state.
    }
  }

  #replacePair(created: TransportsCreated): void {
    if (created.instanceId !== this.#options.instanceId || created.epoch !== this.epoch) return;
    if (this.#pair?.sendId === created.send.id) return;
    this.#pair?.close();
    this.#path = undefined;
    this.#asking.pause();
    this.#isUnsure = false;
    // One that the transports name themselves may come of transports that are gone: theirs is the right one.
    const named = new Set(created.consumers.map(({ producerId }) => producerId));
    const early = this.#early.filter(({ producerId }) => !named.has(producerId));
    this.#early = [];
    this.#pair = new TransportPair(created, {
      ...this.#options,
      view: () => this.#view,
      changed: () => {
        this.#askIfNeeded();
        this.#options.changed();
      },
      connected: (path) => {
        this.#path = path;
        this.#asking.done();
        this.#options.changed();
      },
      broken: (error) => {
        this.#options.failed(error);
        this.#dropPair();
      },
    });
    if (early.length > 0) this.#pair.consume(early);
  }

  #consume(consumers: readonly ConsumerDescription[]): void {
    if (this.#pair !== undefined) this.#pair.consume(consumers);
    else this.#early = [...this.#early, ...consumers].slice(0, sdkLimits.consumersQueuedMax);
  }

  #dropPair(): void {
    this.#pair?.close();
    this.#pair = undefined;
    this.#isUnsure = false;
    this.#options.changed();
    this.#askIfNeeded();
  }

  #askIfNeeded(): void {
    if (this.#closed || !this.#isOnline) return this.#asking.pause();
    if (this.#pair === undefined) return this.#asking.start();
    if (this.#isUnsure && this.#view !== undefined && this.#pair.isOpen) {
      const hasAll = this.#pair.incoming?.hasAll(this.#view, this.#options.participantId) === true;
      if (!hasAll) return this.#asking.start();
      this.#isUnsure = false;
    }
    this.#asking.pause();
  }
}
