import type { CallServerDevice } from '../call-server/device.ts';
import { FakeTrack } from './fake-peer-connection.ts';

/** As much of mediasoup-client as a leg needs, and what was asked of it. No media. */

type Listener = (...args: never[]) => void;

export class FakeProducer {
  readonly id: string;
  readonly rtpParameters;
  track: unknown;
  closed = false;
  maxSpatialLayer: number | undefined;
  /** What it was made with. */
  readonly options: Record<string, unknown>;

  constructor(id: string, options: Record<string, unknown>) {
    this.id = id;
    this.options = options;
    this.track = options['track'];
    const { mimeType = 'video/VP8' } = (options['codec'] ?? {}) as { mimeType?: string };
    this.rtpParameters = { codecs: [{ mimeType, payloadType: 96, clockRate: 90_000 }], encodings: [{}] };
  }

  async replaceTrack({ track }: { track: unknown }): Promise<void> {
    this.track = track;
  }

  async setMaxSpatialLayer(layer: number): Promise<void> {
    this.maxSpatialLayer = layer;
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeConsumer {
  readonly id: string;
  readonly streamId: string;
  readonly track: FakeTrack;
  rtpReceiver = undefined;
  /** Its inbound-rtp statistics; undefined: nothing arrived yet. */
  inbound: Record<string, unknown> | undefined;
  closed = false;

  constructor(options: { id: string; streamId: string; kind: 'audio' | 'video' }) {
    this.id = options.id;
    this.streamId = options.streamId;
    this.track = new FakeTrack(options.kind);
  }

  /** Enough media for it to be shown. */
  flow(): void {
    this.inbound = { framesDecoded: 5, totalSamplesReceived: 4_000, concealedSamples: 0 };
  }

  async getStats(): Promise<Map<string, unknown>> {
    const entry = { id: 'I', type: 'inbound-rtp', ...this.inbound };
    return new Map(this.inbound === undefined ? [] : [['I', entry]]);
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeTransport {
  readonly id: string;
  readonly options: Record<string, unknown>;
  readonly producers: FakeProducer[] = [];
  readonly consumers: FakeConsumer[] = [];
  readonly restarts: unknown[] = [];
  stats: Record<string, unknown>[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  closed = false;
  /** Takes no consumer. */
  refuses = false;
  readonly #listeners = new Map<string, Listener>();

  constructor(options: { id: string }) {
    this.id = options.id;
    this.options = options;
  }

  on(name: string, listener: Listener): void {
    this.#listeners.set(name, listener);
  }

  async produce(options: Record<string, unknown>): Promise<FakeProducer> {
    const id = await new Promise<string>((resolve) =>
      this.#emit('produce', {}, (answer: { id: string }) => resolve(answer.id)),
    );
    const producer = new FakeProducer(id, options);
    this.producers.push(producer);
    return producer;
  }

  async consume(options: ConstructorParameters<typeof FakeConsumer>[0]): Promise<FakeConsumer> {
    await Promise.resolve();
    if (this.refuses) throw new Error('no such codec');
    const consumer = new FakeConsumer(options);
    this.consumers.push(consumer);
    return consumer;
  }

  async restartIce(parameters: unknown): Promise<void> {
    this.restarts.push(parameters);
  }

  async updateIceServers(): Promise<void> {}

  async getStats(): Promise<Map<string, unknown>> {
    return new Map(this.stats.map((entry) => [String(entry['id']), entry]));
  }

  close(): void {
    this.closed = true;
  }

  /** The connection's state, as the browser would change it. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.#emit('connectionstatechange', state);
  }

  #emit(name: string, ...args: unknown[]): void {
    this.#listeners.get(name)?.(...(args as never[]));
  }
}

export class FakeDevice {
  readonly sends: FakeTransport[] = [];
  readonly recvs: FakeTransport[] = [];

  get device(): CallServerDevice {
    return this as unknown as CallServerDevice;
  }

  createSendTransport(options: { id: string }): FakeTransport {
    const transport = new FakeTransport(options);
    this.sends.push(transport);
    return transport;
  }

  createRecvTransport(options: { id: string }): FakeTransport {
    const transport = new FakeTransport(options);
    this.recvs.push(transport);
    return transport;
  }

  get send(): FakeTransport {
    return this.sends.at(-1)!;
  }

  get recv(): FakeTransport {
    return this.recvs.at(-1)!;
  }

  consumer(consumerId: string): FakeConsumer {
    const found = this.recvs.flatMap((t) => t.consumers).find(({ id }) => id === consumerId);
    if (found === undefined) throw new Error(`no consumer ${consumerId}`);
    return found;
  }
}
