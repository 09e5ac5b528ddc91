import {
  MemoryViewStore,
  UnfitData,
  type Change,
  type View,
  type ViewStore,
  type ViewTransaction,
} from '@ringback/projections';
import type { Chance } from './chance.ts';
import type { Plant } from './plant.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** One transaction, as the server has it: open until somebody says how it ends. */
class Session {
  readonly begun: Promise<ViewTransaction>;
  readonly #end = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;
  readonly #lose: (error: Error) => void;
  /** The planted bug: what counts, however this ends. */
  readonly loose: ((trx: ViewTransaction) => Promise<void>)[] = [];
  #failure: Error | undefined;

  constructor(store: MemoryViewStore) {
    const begun = Promise.withResolvers<ViewTransaction>();
    this.begun = begun.promise;
    this.#lose = begun.reject;
    this.#ended = store.transaction((trx) => {
      begun.resolve(trx);
      return this.#end.promise;
    });
    for (const promise of [this.begun, this.#end.promise, this.#ended]) promise.catch(() => {});
  }

  async run<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> {
    const trx = await this.begun;
    if (this.#failure !== undefined) throw this.#failure;
    return work(trx);
  }

  commit(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#end.resolve();
    return this.#ended;
  }

  rollback(error: Error): void {
    this.#failure ??= error;
    this.#end.reject(error);
    this.#lose(error);
  }
}

/** Postgres: the twin that the views' contract knows, which takes its time and has connections that break. */
export class ViewsServer {
  readonly store = new MemoryViewStore();
  /** `view callId`: rows that it will not have. */
  readonly unfit = new Set<string>();
  readonly #world: World;
  readonly #chance: Chance;
  readonly #delayMs: number;
  readonly #plant: Plant;
  readonly #sessions = new Set<Session>();
  #awayUntil = 0;
  #slow = { factor: 1, until: 0 };
  #acksToLose = 0;

  constructor(world: World, delayMs: number, plant: Plant) {
    this.#world = world;
    this.#chance = world.chance.fork();
    this.#delayMs = delayMs;
    this.#plant = plant;
  }

  /** It dies and is started again: what was open is undone. */
  away(ms: number): void {
    this.#world.note('postgres', `is away for ${ms.toFixed(0)} ms`);
    this.#awayUntil = this.#world.now + ms;
    for (const session of [...this.#sessions]) this.rollback(session, new Error('Postgres is away'));
  }

  slow(factor: number, ms: number): void {
    this.#world.note('postgres', `is ${factor.toFixed(0)} times slower for ${ms.toFixed(0)} ms`);
    this.#slow = { factor, until: this.#world.now + ms };
  }

  /** So many transactions are committed, and nobody hears of it. */
  loseAcks(count: number): void {
    this.#world.note('postgres', `will break off behind ${count} commits`);
    this.#acksToLose += count;
  }

  heal(): void {
    this.unfit.clear();
    this.#acksToLose = 0;
  }

  begin(): Session {
    const session = new Session(this.store);
    this.#sessions.add(session);
    return session;
  }

  async commit(session: Session): Promise<void> {
    await session.commit();
    this.#sessions.delete(session);
    if (this.#acksToLose === 0) return;
    this.#acksToLose -= 1;
    throw new Error('the connection to Postgres is over');
  }

  rollback(session: Session, error: Error): void {
    if (!this.#sessions.delete(session)) return;
    session.rollback(error);
    for (const work of session.loose) this.store.transaction(work).catch(() => {});
  }

  /** Has it done at the server, after what the way there takes. A process hears of it as long as it lives. */
  ask<T>(process: Process, atServer: () => Promise<T>): Promise<T> {
    const slower = this.#world.now < this.#slow.until ? this.#slow.factor : 1;
    const delayMs = this.#delayMs * slower * this.#chance.between(0.5, 1.5);
    return new Promise((resolve, reject) => {
      this.#world.after(delayMs, () => {
        if (!process.alive) return;
        const done =
          this.#world.now < this.#awayUntil ? Promise.reject(new Error('no Postgres')) : atServer();
        done.then(
          (value) => process.enter(() => resolve(value)),
          (error: unknown) => process.enter(() => reject(error)),
        );
      });
    });
  }

  /** @throws UnfitData */
  async save(trx: ViewTransaction, view: View, changes: readonly Change[]): Promise<void> {
    const isUnfit = ({ callId, upserts }: Change) =>
      upserts.length > 0 && this.unfit.has(`${view.projection.name} ${callId}`);
    if (changes.some(isUnfit)) throw new UnfitData('a row that Postgres will not have');
    await trx.save(view, changes);
  }

  /** The planted bug: the position is written beside the transaction. */
  move(session: Session, move: (trx: ViewTransaction) => Promise<void>): Promise<void> {
    if (this.#plant.looseMove === true) session.loose.push(move);
    return session.run(move);
  }
}

/** Postgres as one process has it. */
export class ProcessViewStore implements ViewStore {
  readonly #server: ViewsServer;
  readonly #process: Process;
  readonly #sessions = new Set<Session>();

  constructor(server: ViewsServer, process: Process) {
    this.#server = server;
    this.#process = process;
    process.onKill(() => {
      for (const session of this.#sessions) server.rollback(session, new Error('its client is dead'));
    });
  }

  prepare(): Promise<void> {
    return this.#server.ask(this.#process, () => this.#server.store.prepare());
  }

  async transaction<T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> {
    const [server, process] = [this.#server, this.#process];
    const session = await server.ask(process, async () => {
      const begun = server.begin();
      this.#sessions.add(begun);
      return begun;
    });
    try {
      const done = await work(this.#through(session));
      if (process.crash === 'before-commit') process.kill();
      await server.ask(process, async () => {
        await server.commit(session);
        if (process.crash === 'after-commit') process.kill();
      });
      return done;
    } catch (error) {
      server.rollback(session, error as Error);
      throw error;
    } finally {
      this.#sessions.delete(session);
    }
  }

  #through(session: Session): ViewTransaction {
    const server = this.#server;
    const at = <T>(work: (trx: ViewTransaction) => Promise<T>): Promise<T> =>
      server.ask(this.#process, () => session.run(work));
    return {
      position: (view, partition) => at((trx) => trx.position(view, partition)),
      positions: (view) => at((trx) => trx.positions(view)),
      load: (view, callIds) => at((trx) => trx.load(view, callIds)),
      save: (view, changes) => at((trx) => server.save(trx, view, changes)),
      attempt: (work) => session.run((trx) => trx.attempt(work)),
      move: (view, partition, position) =>
        server.ask(this.#process, () => server.move(session, (trx) => trx.move(view, partition, position))),
      reset: (view, partition) => at((trx) => trx.reset(view, partition)),
      waiting: (view, callId) => at((trx) => trx.waiting(view, callId)),
      forget: (view, callId, before) => at((trx) => trx.forget(view, callId, before)),
      builds: () => at((trx) => trx.builds()),
      make: (view, live) => at((trx) => trx.make(view, live)),
      drop: (build) => at((trx) => trx.drop(build)),
      setLive: (view) => at((trx) => trx.setLive(view)),
    };
  }
}
