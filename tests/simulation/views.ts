import type { EventLog } from '@ringback/eventlog';
import { addHash, hashOf, retryParked, rowText, startPosition, viewName } from '@ringback/projections';
import type { MemoryViewStore, Projection, View } from '@ringback/projections';
import { Registry, type Logger } from '@ringback/runtime';
import { current, partitionOf, type CallEvent } from '@ringback/schemas';
import { makeViewsMetrics, projections } from '@ringback/views-worker';
import { Keeper } from '../../workers/views/src/keeper.ts';
import type { Process } from './process.ts';
import type { Truth } from './truth.ts';
import { ProcessViewStore, type ViewsServer } from './views-store.ts';

export const viewNames = projections.map(({ name }) => name);

/** What views can not fold for now, whoever runs them. */
export class Unfoldable {
  /** `view callId`: from which event on. */
  readonly #from = new Map<string, number>();
  /** Views that had a call parked, or may have: a copy made anew may be another then. */
  readonly #hurt = new Set<string>();

  add(view: string, callId: string, fromSeq: number): void {
    this.#hurt.add(view);
    this.#from.set(`${view} ${callId}`, fromSeq);
  }

  /** Something else parks calls of this view. */
  hurt(view: string): void {
    this.#hurt.add(view);
  }

  isHurt(view: string): boolean {
    return this.#hurt.has(view);
  }

  mend(view: string, callId: string): void {
    this.#from.delete(`${view} ${callId}`);
  }

  mendAll(): void {
    this.#from.clear();
  }

  /** As the worker has it: with this in the way. */
  around(projection: Projection): Projection {
    const evolve = (state: unknown, event: CallEvent) => {
      const from = this.#from.get(`${projection.name} ${event.subject}`) ?? Infinity;
      if (event.sequence >= from) throw new Error(`${event.id} can not be folded for now`);
      return projection.evolve(state, event);
    };
    return { ...projection, evolve };
  }
}

interface ViewsPorts {
  readonly log: EventLog;
  readonly head: (partition: number) => Promise<number>;
  readonly server: ViewsServer;
  readonly unfoldable: Unfoldable;
  readonly partitions: number;
}

/** One life of one views worker: all of it but its answers, which are SQL. */
export class ViewsLife {
  readonly process: Process;
  readonly keeper: Keeper;
  readonly #store: ProcessViewStore;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(process: Process, { log, head, server, unfoldable, partitions }: ViewsPorts) {
    this.process = process;
    this.#store = new ProcessViewStore(server, process);
    const ports = {
      ...{ log, head, store: this.#store, clock: process.clock },
      logger: lenient(process, unfoldable),
      metrics: makeViewsMetrics(new Registry()),
    };
    const planned = projections.map((projection) => unfoldable.around(projection));
    this.keeper = new Keeper(ports, planned, partitions);
    this.#running = this.keeper.run(this.#stop.signal);
  }

  /** An operator's orders, as `Answers` carries them out. */
  rebuild(name: string): void {
    void this.#note(`is to build ${name} anew`, this.keeper.rebuild(name));
  }

  async retry(name: string, callId: string): Promise<void> {
    const view = this.keeper.followed(name);
    if (view === undefined) return;
    await this.#note(
      `is to fold ${callId} in ${viewName(view)} again`,
      retryParked(this.#store, view, callId),
    );
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.process.world.note(this.process.name, 'is told to stop');
    this.#stop.abort();
    await this.#running;
    this.process.kill();
  }

  /** Everything that the log has is in all views, and none is being built. */
  isLevel(heads: readonly number[]): boolean {
    const all = [...this.keeper.positions()];
    return (
      this.process.alive &&
      all.length === projections.length * heads.length &&
      all.every(({ partition, position }) => position.position === heads[partition])
    );
  }

  /** For who looks at a failure. */
  describe(): string {
    const all = [...this.keeper.positions()].map(
      ({ view, partition, position }) => `${viewName(view)} is at ${position.position} of ${partition}`,
    );
    return `${this.process.name}: ${all.join(', ')}`;
  }

  #note(what: string, done: Promise<unknown>): Promise<void> {
    const { world, name } = this.process;
    world.note(name, what);
    return done.then(
      (outcome) => world.note(name, `${what}: ${JSON.stringify(outcome ?? 'done')}`),
      (error: unknown) => world.note(name, `${what}: ${String(error)}`),
    );
  }
}

/** Calls that are parked are judged at the end; and where some were, the next copy may be another. */
function lenient({ logger }: Process, unfoldable: Unfoldable): Logger {
  const error = (fields: { view: string }, message: string) => {
    const isOther = message.startsWith('the rows of the former copy were others');
    const isFair =
      message === 'a call is parked in this view' ||
      (isOther && unfoldable.isHurt(fields.view.split('@')[0]!));
    if (isFair) logger.warn(fields, message);
    else logger.error(fields, message);
  };
  return { ...logger, error } as unknown as Logger;
}

/** Each view that is read from, beside a fresh fold of the log: its rows and their hash. @returns what is wrong */
export function compareViews(
  { keeper }: ViewsLife,
  { store }: ViewsServer,
  truth: Truth,
): string | undefined {
  for (const projection of projections) {
    const view = keeper.followed(projection.name)!;
    const fresh = freshRows(projection, truth);
    const found = store.rows(view).map(({ callId, table, row }) => ({ callId, text: rowText(table, row) }));
    const what = `the view ${viewName(view)} is not a fresh fold of the log`;
    const [is, should] = [found, fresh].map((rows) => rows.map(({ callId, text }) => callId + text).sort());
    const parked = store.parked(view);
    if (parked.length > 0) return `${what}: ${parked.join(', ')} can not be folded`;
    const missing = should!.find((text) => !is!.includes(text));
    if (missing !== undefined) return `${what}: it lacks ${missing}`;
    const extra = is!.find((text) => !should!.includes(text));
    if (extra !== undefined || is!.length !== should!.length) return `${what}: it has ${extra}`;
    const wrong = wrongHash(keeper, store, view, fresh);
    if (wrong !== undefined) return `${what}: its hash of partition ${wrong} is another`;
  }
  return undefined;
}

/** Without the runner: event by event. */
function freshRows(projection: Projection, truth: Truth): { callId: string; text: string }[] {
  return truth.callIds().flatMap((callId) => {
    const events = truth.events(callId).filter(({ type }) => projection.handles.has(type));
    if (events.length === 0) return [];
    const state = events.reduce<unknown>((so, event) => projection.evolve(so, current(event)), undefined);
    const rows = projection.rows(callId, truth.head(callId), state);
    return Object.entries(rows).flatMap(([table, of]) =>
      of.map((row) => ({ callId, text: rowText(table, row) })),
    );
  });
}

function wrongHash(
  { partitions }: Keeper,
  store: MemoryViewStore,
  view: View,
  fresh: readonly { callId: string; text: string }[],
): number | undefined {
  const hashes = new Map<number, string>();
  for (const { callId, text } of fresh) {
    const partition = partitionOf(callId);
    const before = hashes.get(partition) ?? startPosition.hash;
    hashes.set(partition, addHash(before, hashOf(callId, text)));
  }
  return partitions.find(
    (partition) => store.positionOf(view, partition).hash !== (hashes.get(partition) ?? startPosition.hash),
  );
}
