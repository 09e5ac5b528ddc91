import { OwnerLink } from '@ringback/link';
import { listen, type Bus, type Clock, type Ids, type Logger, type Registry } from '@ringback/runtime';
import { busForms, subjects, type BeatMessage, type CallServer } from '@ringback/schemas';
import type { types } from 'mediasoup';
import { CallBook } from './call-book.ts';
import { commandSender } from './commands.ts';
import { ownAddresses } from './listen.ts';
import { MediaCall } from './media-call.ts';
import { makeMediaMetrics } from './metrics.ts';
import { Placement, stateAsker } from './placement.ts';
import { Sampler } from './sampler.ts';
import { WorkerPool } from './worker-pool.ts';

export interface MediaOptions {
  /** Unique among gateways. */
  readonly gateway: string;
  /** Where it runs: calls go to the nearest. */
  readonly region: string;
  readonly partitions: number;
  readonly workers: number;
  /** The mediasoup worker's binary. */
  readonly workerBin: string;
  /** First of the ports for media, UDP and TCP: one for each worker, the next free ones where they are taken. */
  readonly port: number;
  /** Where clients reach this machine beside its own addresses. */
  readonly announcedAddress?: string | undefined;
  /** Default: this machine's own. */
  readonly addresses?: readonly string[];
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** A running Call Server. */
export interface Media {
  /** `<gateway>/<incarnation>`, as events name it. */
  readonly server: string;
  /** Process ids of the mediasoup workers that live. */
  workerPids(): number[];
  callIds(): string[];
  /** What a call has on its router, as mediasoup says it; undefined where it has none. */
  dump(callId: string): Promise<MediaDump | undefined>;
  /** How many routers each worker has, as mediasoup says it. */
  routers(): Promise<number[]>;
  stop(): Promise<void>;
}

export interface MediaDump {
  readonly workerPid: number;
  readonly router: types.RouterDump;
}

/**
 * A Call Server: mediasoup workers, and the calls that owners place on them. Settles when the workers have started, or
 * failed for the first time; those that fail are tried again, and as long as none lives no call comes.
 */
export async function startMedia(options: MediaOptions): Promise<Media> {
  const { gateway, region, partitions, bus, clock, ids, logger, registry } = options;
  const calls = new Map<string, MediaCall>();
  const metrics = makeMediaMetrics(
    registry,
    () => pool,
    () => calls.size,
  );
  const pool = new WorkerPool({
    count: options.workers,
    workerBin: options.workerBin,
    firstPort: options.port,
    listen: { addresses: options.addresses ?? ownAddresses(), announcedAddress: options.announcedAddress },
    clock,
    logger,
    onDied: (worker) => {
      metrics.workerDeaths.inc();
      for (const call of calls.values()) call.onWorkerDied(worker);
    },
    onStarted: () => {
      for (const call of calls.values()) call.onWorkerStarted();
    },
  });
  // Nothing is said before there is something to say it of: a first beat with a load is an invitation.
  await pool.start();
  const incarnation = ids.uuid();
  const link: OwnerLink = new OwnerLink({
    bus,
    clock,
    logger,
    gateway,
    incarnation,
    partitions,
    random: () => ids.random(),
    fedByPlacement: true,
    beat: () => {
      const load = pool.load();
      return load === undefined ? { region } : { region, load };
    },
    onEvents: (events) => {
      for (const event of events) book.fold(event);
    },
    onHead: (callId, seq) => book.head(callId, seq),
  });
  const server = link.ref;
  const callServer = (): CallServer => ({ gateway: server, region, load: pool.load() ?? 1 });
  const insist = commandSender(link, clock, ids);
  const book: CallBook = new CallBook({
    ask: stateAsker(() => link),
    server,
    clock,
    logger,
    onView: (view, event) => {
      const call = calls.get(view.callId);
      if (call !== undefined) return call.update(view, event);
      const send: typeof insist = (about, type, data) => {
        if (type === 'call.producer-refused') metrics.refused.inc();
        insist(about, type, data);
      };
      const leastWorker = () => pool.least();
      calls.set(view.callId, new MediaCall(view, { leastWorker, callServer, send, clock, logger }));
    },
    onGone: (callId) => {
      const call = calls.get(callId);
      calls.delete(callId);
      void call?.close();
    },
  });
  const endSignals = listen(bus, subjects.media('*'), busForms.mediaSignal, (signal) =>
    calls.get(signal.callId)?.signal(signal),
  );
  const placement = new Placement({ link, bus, clock, partitions, book });
  const sampler = new Sampler({ calls: () => calls.values(), bus, clock, ids, gateway });
  return {
    server,
    workerPids: () => pool.workers.map(({ worker }) => worker.pid),
    callIds: () => [...calls.keys()],
    dump: async (callId) => {
      const { worker, router } = calls.get(callId) ?? {};
      if (worker === undefined || router === undefined) return undefined;
      return { workerPid: worker.worker.pid, router: await router.dump() };
    },
    routers: () =>
      Promise.all(pool.workers.map(async ({ worker }) => (await worker.dump()).routerIds.length)),
    stop: async () => {
      sampler.stop();
      placement.stop();
      endSignals();
      book.stop();
      // Without a load: owners need not wait for our silence to move our calls.
      bus.publish(subjects.beat(gateway), { gateway, incarnation, region } satisfies BeatMessage);
      link.stop();
      await Promise.all([...calls.values()].map((call) => call.close()));
      calls.clear();
      pool.stop();
    },
  };
}
