import { randomUUID } from 'node:crypto';
import type {
  CallEvent,
  ConsumerDescription,
  QualitySample,
  Tiles,
  TransportOptions,
} from '@ringback/schemas';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { WsClient } from '../../../tests/support/ws-client.ts';
import { loadCapabilities } from './capabilities.ts';
import { limits } from './limits.ts';
import type { sentTracks } from './mediasoup-sdp.ts';

/** Signalling of one person as the SDK does it; the media is the load's. */
export class OursPerson {
  readonly name: string;
  readonly sends: boolean;
  readonly #socket: WsClient;
  readonly #callId: string;
  #epoch = 0;

  private constructor(name: string, sends: boolean, socket: WsClient, callId: string) {
    this.name = name;
    this.sends = sends;
    this.#socket = socket;
    this.#callId = callId;
  }

  static async join(
    url: string,
    {
      name,
      sends,
      token,
      callId,
      fingerprint,
    }: {
      name: string;
      sends: boolean;
      token: string;
      callId: string;
      fingerprint: string;
    },
  ): Promise<OursPerson> {
    const person = new OursPerson(name, sends, await WsClient.open(url, token), callId);
    const participantId = randomUUID();
    const data = {
      participantId,
      instanceId: participantId,
      displayName: name,
      capabilities: loadCapabilities,
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
    };
    // Every event from the first on, no snapshot: a snapshot may cover the one that brings the transports.
    await person.#command('call.join', data, { after: 0 });
    return person;
  }

  /** The Call Server's ends, once it has made them: from the third person on. */
  async transports(): Promise<{ send: TransportOptions; recv: TransportOptions }> {
    const { data } = await waitFor(
      () => this.#events('call.transports.created').at(-1),
      `${this.name}'s transports`,
      limits.connectMs,
    );
    this.#epoch = data.epoch;
    return data;
  }

  /** Publishes a microphone and a camera and sends them. */
  async produce(tracks: ReturnType<typeof sentTracks>): Promise<void> {
    for (const { kind } of tracks) {
      const source = sourceOf[kind];
      await this.#command('call.publish', { track: { trackId: source, kind, source, muted: false } });
    }
    const producers = tracks.map(({ kind, rtpParameters }) => ({
      producerId: randomUUID(),
      trackId: sourceOf[kind],
      rtpParameters,
    }));
    await this.#command('call.produce', { epoch: this.#epoch, producers });
  }

  /** As soon as there are so many. */
  consumers(count: number): Promise<ConsumerDescription[]> {
    return waitFor(
      () => {
        const first = this.#events('call.transports.created').at(-1)?.data.consumers ?? [];
        const later = this.#events('call.consumers.created').flatMap(({ data }) => data.consumers);
        const all = [...first, ...later];
        return all.length === count && all;
      },
      `${this.name}'s ${count} consumers`,
      limits.connectMs,
    );
  }

  /** Everybody is on the screen. */
  async shown(consumers: readonly ConsumerDescription[]): Promise<void> {
    const tiles: Tiles = {};
    for (const { consumerId, kind } of consumers) tiles[consumerId] = kind === 'video' ? tile : noTile;
    this.#socket.send({ type: 'tiles', id: randomUUID(), callId: this.#callId, tiles });
    for (const direction of ['send', 'recv'])
      await this.#command('call.transport', { direction, epoch: this.#epoch, state: 'connected' });
    await this.#command('call.swapped', { epoch: this.#epoch });
  }

  /** What a client says of its two transports every few seconds. */
  report(): void {
    const samples = (['send', 'recv'] as const).map((leg): QualitySample => ({ leg, ...goodQuality }));
    const report = { kind: 'quality', samples };
    this.#socket.send({ type: 'report', id: randomUUID(), callId: this.#callId, report });
  }

  endCall(): Promise<void> {
    return this.#command('call.end', {});
  }

  close(): void {
    this.#socket.close();
  }

  #events<T extends CallEvent['type']>(type: T): Extract<CallEvent, { type: T }>[] {
    return this.#socket
      .deliveries(this.#callId)
      .map(({ event }) => event)
      .filter((event): event is Extract<CallEvent, { type: T }> => event.type === type);
  }

  async #command(type: string, data: object, more: object = {}): Promise<void> {
    const reply = await this.#socket.ask({ type, callId: this.#callId, data, ...more });
    if (!reply.ok) throw new Error(`${this.name}'s ${type}: ${JSON.stringify(reply.error)}`);
  }
}

const sourceOf = { audio: 'microphone', video: 'camera' } as const;
const tile = { width: 640, height: 360 };
const noTile = { width: 0, height: 0 };
const goodQuality = {
  connectionState: 'connected',
  currentRoundTripTime: 0.02,
  bitrateIn: 1_000_000,
  bitrateOut: 1_000_000,
  packetsLost: 0,
  packetsReceived: 300,
  jitter: 0.002,
  framesPerSecond: 30,
} satisfies Partial<QualitySample>;
