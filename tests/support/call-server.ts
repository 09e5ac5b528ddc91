import { randomBytes, randomUUID } from 'node:crypto';
import { OwnerLink } from '@ringback/link';
import { startMedia, type Media } from '@ringback/media';
import { makeLogger, makeMetrics, systemClock, systemIds, type Bus } from '@ringback/runtime';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import {
  makeCallId,
  subjects,
  timeOfMs,
  type CallEvent,
  type CallView,
  type Capabilities,
  type Command,
  type CommandData,
  type CommandType,
  type MediaSignal,
  type RtpParameters,
  type TrackSource,
} from '@ringback/schemas';
import { partitions, type Stage } from './stage.ts';
import { waitFor } from './wait-for.ts';

const logger = makeLogger('test', process.env.RINGBACK_LOG_LEVEL ?? 'silent');

/** A Call Server on loopback, whose workers are real. */
export async function startCallServer(
  stage: Stage,
  gateway = 'media-1',
  workers = 1,
  bus?: Bus,
): Promise<Media> {
  const workerBin = mediasoupWorkerPath();
  if (workerBin === undefined) throw new Error('the mediasoup worker is not in the cache: run npm run setup');
  return startMedia({
    gateway,
    region: 'local',
    partitions,
    workers,
    workerBin,
    // Anywhere: tests run beside each other and beside a platform.
    port: 20_000 + Math.floor(Math.random() * 8_000),
    addresses: ['127.0.0.1'],
    bus: bus ?? (await stage.newBus()),
    clock: systemClock,
    ids: systemIds,
    logger,
    registry: makeMetrics('media'),
  });
}

/** Hears nothing of what owners feed while it is deaf. */
export class DeafBus implements Bus {
  isDeaf = false;
  missed = 0;
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  publish(subject: string, message: unknown): void {
    this.#bus.publish(subject, message);
  }

  subscribe: Bus['subscribe'] = (subject, handler) =>
    this.#bus.subscribe(subject, (message, on, reply) => {
      if (this.isDeaf && on.startsWith('feed.')) this.missed += 1;
      else handler(message, on, reply);
    });

  request: Bus['request'] = (subject, message, timeoutMs) => this.#bus.request(subject, message, timeoutMs);
}

/** The path that an edge gives its clients, without sockets. */
export class PlainEdge {
  readonly link: OwnerLink;
  readonly #bus: Bus;
  readonly events: CallEvent[] = [];

  constructor(bus: Bus, gateway = 'edge-1') {
    this.#bus = bus;
    const ids = systemIds;
    this.link = new OwnerLink({
      bus,
      clock: systemClock,
      logger,
      gateway,
      incarnation: ids.uuid(),
      partitions,
      random: () => ids.random(),
      beat: () => ({ region: 'local' }),
      onEvents: (events) => this.events.push(...events),
      onHead: () => {},
    });
  }

  /** @returns a call that nobody is in yet. */
  async createCall(): Promise<string> {
    const callId = makeCallId(0, systemIds.uuidV7(Date.now()));
    this.link.follow(callId);
    const settings = {
      guestsAllowed: true,
      participantsMax: 50,
      durationMsMax: 3_600_000,
      emptyTimeoutMs: 0,
    };
    await this.ask(callId, 'call.create', settings, 'maker');
    return callId;
  }

  async ask<T extends CommandType>(
    callId: string,
    type: T,
    data: CommandData<T>,
    userId: string,
    who: { participantId?: string; sessionId?: string } = {},
  ): Promise<void> {
    const id = randomUUID();
    const command = {
      id,
      type,
      callId,
      tenantId: 'default',
      actor: { kind: 'user', userId, guest: false, admin: true },
      receivedTime: timeOfMs(Date.now()),
      correlationId: id,
      data,
      ...who,
    };
    const outcome = await this.link.submit(command as unknown as Command);
    if (!outcome.ok) throw new Error(`${type}: ${outcome.error.code} ${outcome.error.message}`);
  }

  signal(signal: MediaSignal): void {
    this.#bus.publish(subjects.media(signal.callId), signal);
  }

  async view(callId: string): Promise<CallView> {
    const answer = await this.link.ask(0, { ask: 'state', callId });
    if (!answer.ok || !('state' in answer)) throw new Error('no state');
    return answer.state;
  }

  /** Events of this type, in order. */
  of<T extends CallEvent['type']>(callId: string, type: T): Extract<CallEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<CallEvent, { type: T }> => event.subject === callId && event.type === type,
    );
  }
}

/** Somebody whose page speaks for itself, without a browser: signalling only, no packets. */
export class SignallingPerson {
  readonly participantId = randomUUID();
  instanceId = randomUUID();
  sessionId = randomUUID();
  readonly #edge: PlainEdge;
  readonly #callId: string;
  readonly #capabilities: Capabilities | undefined;
  #tracks = 0;

  constructor(edge: PlainEdge, callId: string, capabilities?: Capabilities) {
    this.#edge = edge;
    this.#callId = callId;
    this.#capabilities = capabilities;
  }

  async join(): Promise<this> {
    const { participantId, instanceId } = this;
    const fingerprints = [{ algorithm: 'sha-256' as const, value: fingerprint() }];
    await this.#edge.ask(
      this.#callId,
      'call.join',
      {
        participantId,
        instanceId,
        displayName: 'A person',
        ...(this.#capabilities === undefined ? {} : { capabilities: this.#capabilities }),
        fingerprints,
        gateway: this.#edge.link.ref,
      },
      participantId,
      { sessionId: this.sessionId },
    );
    return this;
  }

  /** The page is loaded anew: another instance, another socket, nothing left of its tracks. */
  async reload(): Promise<void> {
    this.instanceId = randomUUID();
    this.sessionId = randomUUID();
    await this.join();
  }

  ask<T extends CommandType>(type: T, data: CommandData<T>): Promise<void> {
    const { participantId, sessionId } = this;
    return this.#edge.ask(this.#callId, type, data, participantId, { participantId, sessionId });
  }

  /** Publishes a track and sends it. @returns the ids of both */
  async produce(
    rtpParameters: RtpParameters,
    source: TrackSource = 'camera',
  ): Promise<{ trackId: string; producerId: string }> {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio';
    const trackId = `${source}-${this.#tracks++}`;
    await this.ask('call.publish', { track: { trackId, kind, source, muted: false } });
    const producerId = await this.produceAgain(trackId, rtpParameters);
    return { trackId, producerId };
  }

  /** Sends a published track, as after new transports. */
  async produceAgain(trackId: string, rtpParameters: RtpParameters): Promise<string> {
    const { epoch } = await this.transports();
    const producerId = randomUUID();
    await this.ask('call.produce', { epoch, producers: [{ producerId, trackId, rtpParameters }] });
    return producerId;
  }

  /** The last transports made for this page, for the route as it is now; waits for them. */
  async transports() {
    return waitFor(async () => {
      const { route } = await this.#edge.view(this.#callId);
      const mine = this.#edge
        .of(this.#callId, 'call.transports.created')
        .filter(({ data }) => data.to === this.participantId && data.instanceId === this.instanceId);
      return mine.findLast(({ data }) => data.epoch === route?.epoch)?.data;
    }, 'transports');
  }

  /** Everything offered to this page so far, of all epochs. */
  consumers() {
    const to = this.participantId;
    return [
      ...this.#edge.of(this.#callId, 'call.transports.created'),
      ...this.#edge.of(this.#callId, 'call.consumers.created'),
    ].flatMap(({ data }) => (data.to === to ? data.consumers : []));
  }

  signal(signal: Pick<MediaSignal, 'tiles' | 'samples'>): void {
    const { participantId, sessionId } = this;
    this.#edge.signal({ callId: this.#callId, participantId, sessionId, ...signal });
  }
}

function fingerprint(): string {
  return randomBytes(32).toString('hex').toUpperCase().match(/../g)!.join(':');
}
