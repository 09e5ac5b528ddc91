import {
  diff,
  endpointKey,
  isHostedBy,
  isPresent,
  isUnchanged,
  routerCodecs,
  wantedGraph,
  type MediaGraph,
} from '@ringback/domain';
import type { Clock, Logger } from '@ringback/runtime';
import type {
  CallEvent,
  CallServer,
  CallView,
  CommandData,
  MediaSignal,
  QualitySample,
} from '@ringback/schemas';
import type { types } from 'mediasoup';
import { CallMedia } from './call-media.ts';
import type { AboutCall, MediaCommandType, SendCommand } from './commands.ts';
import { Exclusions } from './exclusions.ts';
import { LayerFacts } from './layer-facts.ts';
import { limits } from './limits.ts';
import type { LiveConsumer, LiveEndpoint } from './live.ts';
import { announce, close, open } from './opening.ts';
import { Unwatched } from './unwatched.ts';
import { Viewing } from './viewing.ts';
import type { MediaWorker } from './worker-pool.ts';

export interface MediaCallPorts {
  /** The worker with the most room; undefined while none lives. */
  readonly leastWorker: () => MediaWorker | undefined;
  /** Who we are, as events say it. */
  readonly callServer: () => CallServer;
  readonly send: SendCommand;
  readonly clock: Clock;
  readonly logger: Logger;
}

type IceRestart = Pick<CommandData<'call.transport'>, 'direction' | 'epoch' | 'state'> & {
  readonly participantId: string;
};

/** Events after which the wanted graph may be another one. */
const changing = new Set<CallEvent['type']>([
  'call.participant.joined',
  'call.participant.reconnected',
  'call.participant.left',
  'call.track.published',
  'call.track.unpublished',
  'call.track.produced',
  'call.capabilities.announced',
  'call.route.changed',
  'call.route.settled',
  'call.ended',
]);

/**
 * One call on this Call Server. Whatever happens only says that there may be something to do; one pass at a time then
 * compares what the facts want with what there is, makes the difference and tells the owner of the call.
 */
export class MediaCall {
  readonly callId: string;
  readonly media: CallMedia;
  readonly #ports: MediaCallPorts;
  readonly #viewing: Viewing;
  readonly #layers: LayerFacts;
  readonly #unwatched: Unwatched;
  readonly #excluded: Exclusions;
  readonly #restarts = new Map<string, IceRestart>();
  readonly #samples = new Map<string, QualitySample>();
  readonly #timers = new Set<() => void>();
  #view: CallView;
  #about: AboutCall;
  #home: { worker: MediaWorker; router: types.Router } | undefined;
  /** The epoch that went down with its worker, and whether the owner was told. */
  #lost: { epoch: number; told: boolean } | undefined;
  #dirty = true;
  #running: Promise<void> | undefined;
  #failures = 0;
  #closed = false;

  constructor(view: CallView, ports: MediaCallPorts) {
    this.callId = view.callId;
    this.#view = view;
    this.#about = { callId: view.callId, tenantId: view.tenantId };
    this.#ports = ports;
    const { clock, logger } = ports;
    this.media = new CallMedia({
      onReceiving: (endpoint) => {
        this.#excluded.connected(endpoint.key);
        this.#viewing.ready([...endpoint.consumers]);
      },
      onEndpointLost: (endpoint) => this.#onEndpointLost(endpoint),
      onConsumerClosed: (consumer) => {
        this.#viewing.remove(consumer);
        this.#layers.remove(consumer);
        this.#unwatched.look(consumer.from);
      },
      onProducerClosed: (producer) => this.#unwatched.remove(producer),
    });
    this.#excluded = new Exclusions((ms, task) => this.#after(ms, task));
    this.#viewing = new Viewing(clock, logger, ({ from }) => this.#unwatched.look(from));
    this.#layers = new LayerFacts({
      clock,
      viewing: this.#viewing,
      sampleOf: (participantId) => this.#samples.get(participantId),
      tell: (data) => this.#send('call.layers', data),
    });
    this.#unwatched = new Unwatched({
      clock,
      preferredOf: (producer) => [...producer.consumers].map((consumer) => this.#viewing.preferred(consumer)),
      tell: ({ endpoint, trackId, producer }, maxSpatialLayer) =>
        this.#send('call.encodings', {
          to: endpoint.participantId,
          epoch: endpoint.epoch,
          trackId,
          producerId: producer.id,
          maxSpatialLayer,
        }),
    });
    this.#kick();
  }

  get worker(): MediaWorker | undefined {
    return this.#home?.worker;
  }

  get router(): types.Router | undefined {
    return this.#home?.router;
  }

  get view(): CallView {
    return this.#view;
  }

  /** The facts moved on; by this event, or (undefined) by some that were missed. */
  update(view: CallView, event: CallEvent | undefined): void {
    this.#view = view;
    if (event === undefined || changing.has(event.type)) {
      if (event !== undefined) this.#about = { ...this.#about, correlationId: event.correlationid };
      this.#kick();
    }
    if (event === undefined || event.type === 'call.participant.left')
      for (const id of this.#samples.keys()) if (!isPresent(view.participants[id])) this.#samples.delete(id);
    if (event === undefined) this.#restartBroken(view);
    if (event?.type === 'call.transport.changed' && event.data.restart === true) this.#restart(event.data);
  }

  /** Who asked for a restart among the facts that were missed is not known: all who may need one get it. */
  #restartBroken({ participants }: CallView): void {
    for (const { participantId, instanceId, transports } of Object.values(participants))
      for (const direction of ['send', 'recv'] as const) {
        const { epoch, state } = transports?.[direction] ?? {};
        if (epoch === undefined || (state !== 'disconnected' && state !== 'failed')) continue;
        const endpoint = this.media.endpoints.get(endpointKey(epoch, participantId, instanceId));
        // One that was restarted and not seen since was heard: its client asks again by itself.
        if (endpoint?.restarted.has(direction) === false)
          this.#restart({ participantId, direction, epoch, state });
      }
  }

  #restart({ participantId, direction, epoch, state }: IceRestart): void {
    this.#restarts.set(`${epoch}/${participantId}/${direction}`, { participantId, direction, epoch, state });
    this.#kick();
  }

  /** What a client says beside the log; only the page that is in the call now has a say. */
  signal({ participantId, sessionId, tiles, samples }: MediaSignal): void {
    const person = Object.hasOwn(this.#view.participants, participantId)
      ? this.#view.participants[participantId]
      : undefined;
    if (!isPresent(person) || person.sessionId !== sessionId) return;
    const mine = samples?.find(({ leg }) => leg === 'recv');
    if (mine !== undefined) this.#samples.set(participantId, mine);
    if (tiles === undefined) return;
    for (const endpoint of this.media.endpointsOf(participantId))
      this.#viewing.show([...endpoint.consumers], tiles);
  }

  /** Everything on that worker is closed already. */
  onWorkerDied(worker: MediaWorker): void {
    if (this.#home?.worker !== worker) return;
    this.#home = undefined;
    const { route } = this.#view;
    if (route?.kind === 'call-server' && route.server?.gateway === this.#ports.callServer().gateway)
      this.#lost = { epoch: route.epoch, told: false };
    this.#kick();
  }

  onWorkerStarted(): void {
    if (this.#home === undefined) this.#kick();
  }

  /** The call is not ours any more. Nobody is told: whoever decided that knows. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#running;
    this.#home?.router.close();
    this.#home = undefined;
  }

  #kick(): void {
    this.#dirty = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      // Facts come several at a time: what they want together is made together.
      await Promise.resolve();
      while (this.#dirty && !this.#closed) {
        this.#dirty = false;
        await this.#pass();
        this.#failures = 0;
      }
    } catch (error) {
      const waitMs = Math.min(limits.passAgainMsMin * 2 ** this.#failures++, limits.passAgainMsMax);
      this.#ports.logger.error({ callId: this.callId, waitMs, err: error }, 'media not brought up to date');
      this.#after(waitMs, () => this.#kick());
    } finally {
      // In the same tick as the last look at `dirty`: a kick between the two would be nobody's.
      this.#running = undefined;
    }
  }

  async #pass(): Promise<void> {
    const view = this.#view;
    const server = this.#ports.callServer();
    if (!isHostedBy(view, server.gateway)) return;
    if (this.#isDown(view)) return this.#reportDown(server);
    const wanted = this.#wanted(view, server.gateway);
    const changes = diff(wanted, this.media.graph);
    if (!isUnchanged(changes)) {
      close(this.media, changes.close);
      await this.#open(view, changes.open);
    }
    await this.#restartIce();
  }

  #isDown({ route }: CallView): boolean {
    return this.#lost !== undefined && route?.kind === 'call-server' && route.epoch === this.#lost.epoch;
  }

  /** Said once there is a worker that can take the call again. */
  #reportDown(server: CallServer): void {
    if (this.#lost === undefined || this.#lost.told || this.#ports.leastWorker() === undefined) return;
    this.#lost.told = true;
    this.#send('call.server-failed', { epoch: this.#lost.epoch, server });
  }

  #wanted(view: CallView, server: string): MediaGraph {
    this.#excluded.prune(view);
    const graph = () => wantedGraph(view, server, this.media.graph, this.#excluded);
    const wanted = graph();
    // What was produced before these transports were made is not sent on them: its page will produce anew.
    const fresh = [...wanted.endpoints.keys()].filter((key) => !this.media.endpoints.has(key));
    const leftOver = [...wanted.producers.values()].filter(({ endpoint }) => fresh.includes(endpoint));
    if (leftOver.length === 0) return wanted;
    for (const { producerId } of leftOver) this.#excluded.producer(producerId);
    return graph();
  }

  async #open(view: CallView, wanted: MediaGraph): Promise<void> {
    if (wanted.endpoints.size + wanted.producers.size + wanted.consumers.size === 0) return;
    const home = await this.#findHome();
    if (home === undefined) return;
    const about = this.#about;
    const { send, logger } = this.#ports;
    const opened = await open(
      {
        media: this.media,
        router: home.router,
        webRtcServer: home.worker.server,
        send,
        logger: logger.child({ callId: this.callId }),
        onRefused: (what, key) => {
          if (what === 'endpoint') this.#rest(key);
          else if (what === 'producer') this.#excluded.producer(key);
          else this.#excluded.consumer(key);
        },
      },
      view,
      this.#excluded.withoutConsumers(wanted),
      about,
    );
    for (const consumer of opened.consumers) {
      // Closed while the others were made: nobody would take it out again.
      if (this.media.consumers.get(consumer.key) !== consumer) continue;
      this.#viewing.add(consumer);
      this.#layers.add(consumer);
    }
    for (const producer of this.media.producers.values())
      if (wanted.producers.has(producer.key)) this.#unwatched.look(producer);
    announce(send, about, opened);
    this.#resumeLater(opened.consumers);
  }

  /** A router on the least loaded worker; undefined while there is none: it is waited for. */
  async #findHome(): Promise<{ worker: MediaWorker; router: types.Router } | undefined> {
    if (this.#home !== undefined) return this.#home;
    const worker = this.#ports.leastWorker();
    if (worker === undefined) return undefined;
    const router = await worker.worker.createRouter({ mediaCodecs: structuredClone([...routerCodecs]) });
    if (this.#closed || router.closed) {
      router.close();
      return undefined;
    }
    return (this.#home = { worker, router });
  }

  /** At the latest: for clients that never say what they show. */
  #resumeLater(consumers: readonly LiveConsumer[]): void {
    if (consumers.length === 0) return;
    this.#after(limits.resumeMs, () => {
      // Before DTLS there is no client that could have them; then it brings its own sign.
      this.#viewing.ready(consumers.filter(({ endpoint }) => endpoint.recv.dtlsState === 'connected'));
    });
  }

  #onEndpointLost(endpoint: LiveEndpoint): void {
    this.media.closeEndpoint(endpoint.key);
    this.#rest(endpoint.key);
  }

  /** Not at once: most who close their transports are leaving or reloading. */
  #rest(key: string): void {
    this.#excluded.endpoint(key, () => this.#kick());
    this.#kick();
  }

  async #restartIce(): Promise<void> {
    const restarts = [...this.#restarts.values()];
    this.#restarts.clear();
    for (const { participantId, direction, epoch, state } of restarts) {
      const person = this.#view.participants[participantId];
      const endpoint =
        person && this.media.endpoints.get(endpointKey(epoch, participantId, person.instanceId));
      if (endpoint === undefined) continue;
      if (state === 'failed' && isPastRestart(endpoint, direction)) {
        this.#onEndpointLost(endpoint);
        continue;
      }
      const transport = endpoint[direction];
      endpoint.restarted.add(direction);
      // Closed meanwhile: that is told by itself, and is no reason to forget the other restarts.
      const iceParameters = await transport.restartIce().catch((error: unknown) => {
        if (!transport.closed) throw error;
        return undefined;
      });
      if (iceParameters === undefined) continue;
      this.#send('call.transport-restarted', {
        to: participantId,
        epoch,
        direction,
        transportId: transport.id,
        iceParameters,
      });
    }
  }

  /** What comes of nothing but what we see ourselves. */
  #send<T extends MediaCommandType>(type: T, data: CommandData<T>): void {
    this.#ports.send({ callId: this.callId, tenantId: this.#view.tenantId }, type, data);
  }

  #after(ms: number, task: () => void): void {
    const cancel = this.#ports.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#closed) task();
    });
    this.#timers.add(cancel);
  }
}

/**
 * New credentials do not help a page that has never used these transports (it did not hear of them), nor one that was
 * given some already and has not been seen since (it has no such transports any more): it needs others.
 */
function isPastRestart({ send, recv, restarted }: LiveEndpoint, direction: 'send' | 'recv'): boolean {
  return (send.iceState === 'new' && recv.iceState === 'new') || restarted.has(direction);
}
