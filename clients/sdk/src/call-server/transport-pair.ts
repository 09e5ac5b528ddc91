import type { CallEvent, CallView, ConsumerDescription, IceServer } from '@ringback/schemas';
import type { CommandDataOf } from '../client.ts';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { entriesOf, kindOf, selectedPair, type Stats } from '../media/candidate-pair.ts';
import type { ReceiverStats, SendCommand } from '../media/leg.ts';
import type { OutgoingTrack } from '../media/local-media.ts';
import { Recovery } from '../media/recovery.ts';
import type { Ports } from '../ports.ts';
import type { CandidatePair, RemoteTrack } from '../types.ts';
import type { CallServerDevice, DeviceTransport } from './device.ts';
import { Incoming, type Received } from './incoming.ts';
import { Outgoing } from './outgoing.ts';

export type TransportsCreated = Extract<CallEvent, { type: 'call.transports.created' }>['data'];
export type Direction = 'send' | 'recv';

export interface TransportPairOptions {
  ports: Ports;
  epoch: number;
  participantId: string;
  loadDevice(): Promise<CallServerDevice>;
  certificate(): Promise<RTCCertificate | undefined>;
  command: SendCommand;
  tracks(): readonly OutgoingTrack[];
  iceServers(): IceServer[];
  view(): CallView | undefined;
  arrived(track: RemoteTrack, stats: ReceiverStats): void;
  ended(track: RemoteTrack): void;
  /** Consumers, or the state of a transport. */
  changed(): void;
  /** One of the transports is connected, by this path. */
  connected(path: CandidatePair | undefined): void;
  mark(name: 'ice' | 'dtls'): void;
  failed(error: RingbackError): void;
  /** It can not be made here. */
  broken(error: RingbackError): void;
}

interface End {
  transport: DeviceTransport;
  recovery: Recovery;
  /** A restart that was asked for and is not answered. */
  isAsking: boolean;
  /** Of the pair last reported as connected. */
  reportedKind: string | undefined;
}

/** Both transports to the Call Server, as one event made them: what is sent, and what is received. */
export class TransportPair {
  readonly sendId: string;
  readonly #options: TransportPairOptions;
  readonly #description: TransportsCreated;
  readonly #closing = new AbortController();
  #ends: Record<Direction, End> | undefined;
  #outgoing: Outgoing | undefined;
  #incoming: Incoming | undefined;
  /** Consumers that came before the transports were made here. */
  #queued: ConsumerDescription[] = [];

  constructor(description: TransportsCreated, options: TransportPairOptions) {
    this.sendId = description.send.id;
    this.#description = description;
    this.#options = options;
    void this.#open();
  }

  /** Both transports are there, be it that they carry nothing yet. */
  get isOpen(): boolean {
    return this.#ends !== undefined;
  }

  get received(): readonly Received[] {
    return this.#incoming?.received ?? [];
  }

  /**
   * That of receiving; where nothing is received, that of sending. Who neither sends nor receives has all the
   * connection they need.
   */
  get connectionState(): RTCPeerConnectionState {
    if (this.#ends === undefined) return 'new';
    const { send, recv } = this.#ends;
    if (recv.transport.connectionState !== 'new') return recv.transport.connectionState;
    const isIdle = this.#incoming?.isIdle === true && this.#outgoing?.isIdle === true;
    return isIdle ? 'connected' : send.transport.connectionState;
  }

  /** Whatever there is to send and to receive is connected. One without anything never begins to. */
  get isConnected(): boolean {
    if (this.#ends === undefined) return false;
    const isUp = (end: End, isIdle: boolean | undefined) => {
      const { connectionState } = end.transport;
      return connectionState === 'connected' || (connectionState === 'new' && isIdle === true);
    };
    const { send, recv } = this.#ends;
    return isUp(send, this.#outgoing?.isIdle) && isUp(recv, this.#incoming?.isIdle);
  }

  stateOf(direction: Direction): RTCPeerConnectionState {
    return this.#ends?.[direction].transport.connectionState ?? 'new';
  }

  consume(consumers: readonly ConsumerDescription[]): void {
    if (this.#incoming !== undefined) void this.#incoming.consume(consumers);
    else this.#queued = [...this.#queued, ...consumers].slice(0, sdkLimits.consumersQueuedMax);
  }

  update(): void {
    this.#incoming?.update();
  }

  get outgoing(): Outgoing | undefined {
    return this.#outgoing;
  }

  get incoming(): Incoming | undefined {
    return this.#incoming;
  }

  /** New credentials for a transport; says whether it is one of these. */
  restart(event: Extract<CallEvent, { type: 'call.transport.restarted' }>['data']): boolean {
    const { direction, transportId, iceParameters } = event;
    if (this.#description[direction].id !== transportId) return false;
    const end = this.#ends?.[direction];
    if (end !== undefined)
      end.transport.restartIce({ iceParameters }).catch((cause: unknown) => {
        const message = 'The connection to the Call Server could not be restarted.';
        if (!this.#isClosed()) this.#options.failed(new RingbackError('protocol', message, { cause }));
      });
    return true;
  }

  networkChanged(): void {
    this.#ends?.send.recovery.networkChanged();
    this.#ends?.recv.recovery.networkChanged();
  }

  setIceServers(iceServers: IceServer[]): void {
    for (const { transport } of Object.values(this.#ends ?? {}))
      transport.updateIceServers({ iceServers }).catch(() => {});
  }

  async entries(direction: Direction): Promise<Map<string, Stats>> {
    const transport = this.#ends?.[direction].transport;
    return transport === undefined ? new Map() : entriesOf(await transport.getStats());
  }

  /** ICE moves to a better pair, or to another when the one in use dies, without a change of state. */
  measured(direction: Direction, pair: CandidatePair | undefined): void {
    const end = this.#ends?.[direction];
    if (end?.reportedKind === undefined || pair === undefined || kindOf(pair) === end.reportedKind) return;
    void this.#report(direction, end, end.transport.connectionState);
  }

  close(): void {
    this.#closing.abort();
    this.#outgoing?.close();
    this.#incoming?.close();
    for (const { transport, recovery } of Object.values(this.#ends ?? {})) {
      recovery.close();
      transport.close();
    }
  }

  async #open(): Promise<void> {
    try {
      const [device, certificate] = await Promise.all([
        this.#options.loadDevice(),
        this.#options.certificate(),
      ]);
      if (this.#isClosed()) return;
      this.#build(device, certificate);
    } catch (cause) {
      if (this.#isClosed()) return;
      const message = 'The connection to the Call Server could not be made on this device.';
      this.#options.broken(new RingbackError('unsupported', message, { cause }));
    }
  }

  #build(device: CallServerDevice, certificate: RTCCertificate | undefined): void {
    const { send, recv, consumers } = this.#description;
    const common = {
      iceServers: this.#options.iceServers() as RTCIceServer[],
      additionalSettings: certificate === undefined ? {} : { certificates: [certificate] },
    };
    type Options = Parameters<CallServerDevice['createSendTransport']>[0];
    const ends = {
      send: this.#end('send', device.createSendTransport({ ...(send as Options), ...common })),
      recv: this.#end('recv', device.createRecvTransport({ ...(recv as Options), ...common })),
    };
    this.#ends = ends;
    const { epoch, participantId, ports, command, tracks, view, arrived, ended, changed, failed } =
      this.#options;
    const uuid = () => ports.uuid();
    this.#outgoing = new Outgoing(ends.send.transport, {
      epoch,
      participantId,
      uuid,
      command,
      tracks,
      view,
      failed,
    });
    this.#incoming = new Incoming(ends.recv.transport, {
      epoch,
      view,
      arrived,
      ended,
      changed: () => {
        this.#watchIce();
        changed();
      },
      failed,
    });
    // Later news of the same track is the better one.
    const queued = this.#queued;
    this.#queued = [];
    const known = new Set(queued.map(({ participantId: id, trackId }) => `${id}/${trackId}`));
    const first = consumers.filter((c) => !known.has(`${c.participantId}/${c.trackId}`));
    void this.#incoming.consume([...first, ...queued]);
    void this.#outgoing.produce(tracks());
    changed();
  }

  #end(direction: Direction, transport: DeviceTransport): End {
    const end: End = {
      transport,
      // It is the client that asks, always: nobody else restarts at the same time.
      recovery: new Recovery(this.#options.ports.clock, false, () => void this.#askRestart(direction)),
      isAsking: false,
      reportedKind: undefined,
    };
    // The Call Server has our fingerprints already and has begun.
    transport.on('connect', (_, callback) => callback());
    transport.on('connectionstatechange', (state) => {
      end.recovery.stateChanged(state);
      this.#options.changed();
      void this.#report(direction, end, state);
    });
    return end;
  }

  async #askRestart(direction: Direction): Promise<void> {
    const end = this.#ends?.[direction];
    if (end === undefined || end.isAsking) return;
    end.isAsking = true;
    const state = reportable(end.transport.connectionState) ?? 'connecting';
    const { epoch } = this.#options;
    try {
      await this.#send({ direction, epoch, state, restart: true });
    } finally {
      end.isAsking = false;
    }
  }

  async #report(direction: Direction, end: End, state: RTCPeerConnectionState): Promise<void> {
    const reported = reportable(state);
    if (reported === undefined || this.#isClosed()) return;
    let pair: CandidatePair | undefined;
    if (state === 'connected') {
      this.#options.mark('ice');
      this.#options.mark('dtls');
      pair = await end.transport.getStats().then(
        (report) => selectedPair(entriesOf(report)),
        () => undefined,
      );
    }
    // Statistics take their time: by now it may be closed, or in another state that is reported by itself.
    if (this.#isClosed() || end.transport.connectionState !== state) return;
    if (state === 'connected') {
      end.reportedKind = kindOf(pair);
      this.#options.connected(pair);
    }
    const { epoch } = this.#options;
    await this.#send({ direction, epoch, state: reported, ...(pair === undefined ? {} : { pair }) });
  }

  /** A report that comes too late is about a route or a transport that is gone. */
  #send(data: CommandDataOf<'call.transport'>): Promise<void> {
    return this.#options.command('call.transport', data, this.#closing.signal).then(
      () => {},
      () => {},
    );
  }

  /** mediasoup-client keeps its RTCPeerConnection to itself, but a receiver names the transport it uses. */
  #watchIce(): void {
    const ice = this.received[0]?.consumer.rtpReceiver?.transport?.iceTransport;
    if (ice === undefined) return;
    const look = () => {
      if (ice.state === 'connected' || ice.state === 'completed') this.#options.mark('ice');
    };
    ice.onstatechange = look;
    look();
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

function reportable(state: RTCPeerConnectionState) {
  return state === 'new' || state === 'closed' ? undefined : state;
}
