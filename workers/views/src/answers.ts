import {
  dropParked,
  listBuilds,
  listParked,
  liveBuild,
  positionsOf,
  PostgresViewStore,
  retryParked,
  showParked,
  startPosition,
  viewNameOf,
  viewTransaction,
  type Build,
  type Database,
  type Trx,
  type View,
} from '@ringback/projections';
import type { Clock, Logger } from '@ringback/runtime';
import {
  limits as callLimits,
  reject,
  rejectInput,
  viewOrderSchema,
  viewQuestionSchema,
  type ParkedInView,
  type ViewAnswer,
  type ViewOrder,
  type ViewQuestion,
  type ViewStatus,
} from '@ringback/schemas';
import type { Keeper } from './keeper.ts';
import { limits } from './limits.ts';
import { listCalls, seqOf, type CallsQuestion } from './list-calls.ts';
import { calls } from './projections/calls.ts';

/** What the views worker says when it is asked, and does when it is told. Never throws. */
export class Answers {
  readonly #db: Database;
  readonly #store: PostgresViewStore;
  readonly #keeper: Keeper;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #open = 0;

  constructor(db: Database, keeper: Keeper, clock: Clock, logger: Logger) {
    this.#db = db;
    this.#store = new PostgresViewStore(db);
    this.#keeper = keeper;
    this.#clock = clock;
    this.#logger = logger;
  }

  toQuestion(message: unknown): Promise<ViewAnswer> {
    return this.#guard(async () => {
      const question = viewQuestionSchema.safeParse(message);
      return question.success
        ? this.#answer(question.data)
        : { ok: false, error: rejectInput(question.error) };
    });
  }

  toOrder(message: unknown): Promise<ViewAnswer> {
    return this.#guard(async () => {
      const order = viewOrderSchema.safeParse(message);
      return order.success ? this.#carryOut(order.data) : { ok: false, error: rejectInput(order.error) };
    });
  }

  async #guard(work: () => Promise<ViewAnswer>): Promise<ViewAnswer> {
    if (!this.#keeper.isOpen) return { ok: false, error: reject('views_unavailable') };
    if (this.#open >= limits.questionsMax) return { ok: false, error: reject('overloaded') };
    this.#open += 1;
    try {
      return await work();
    } catch (error) {
      this.#logger.warn({ err: error }, 'a question to the views could not be answered');
      return { ok: false, error: reject('views_unavailable') };
    } finally {
      this.#open -= 1;
    }
  }

  async #answer(question: ViewQuestion): Promise<ViewAnswer> {
    switch (question.ask) {
      case 'calls':
        return this.#calls(question);
      case 'views':
        return { ok: true, views: await this.#status(), rebuilt: this.#keeper.rebuilt };
      case 'parked':
        return { ok: true, parked: await this.#parked() };
      case 'parked-call': {
        const view = this.#view(question.view);
        if (view === undefined) return noView(question.view);
        const found = await this.#read((trx) => showParked(viewTransaction(trx), view, question.callId));
        if (found === undefined) return notParked(question);
        const call = { view: question.view, callId: question.callId, ...found.call.parked };
        return { ok: true, call, events: found.events };
      }
      default:
        return question satisfies never;
    }
  }

  async #carryOut(order: ViewOrder): Promise<ViewAnswer> {
    if (order.do === 'rebuild')
      return (await this.#keeper.rebuild(order.view)) ? { ok: true } : noView(order.view);
    const view = this.#view(order.view);
    if (view === undefined) return noView(order.view);
    if (order.do === 'drop')
      return (await dropParked(this.#store, view, order.callId)) ? { ok: true } : notParked(order);
    const still = await retryParked(this.#store, view, order.callId);
    if (still === 'unknown') return notParked(order);
    if (still === undefined) return { ok: true };
    const lost = still.over === undefined ? '' : ' What followed was not kept: only a rebuild puts it back.';
    const sentence = `Event ${still.seq} can not be folded: ${still.reason}.${lost}`;
    return { ok: false, error: reject('call_parked', sentence) };
  }

  async #calls(question: CallsQuestion): Promise<ViewAnswer> {
    const { atLeast } = question;
    const until = this.#clock.monotonic() + limits.atLeastMs;
    for (;;) {
      const found = await this.#read(async (trx) => {
        const build = await liveBuild(trx, calls.name);
        if (build === undefined) return undefined;
        const schema = viewNameOf(build);
        const isThere = atLeast === undefined || (await seqOf(trx, schema, atLeast.callId)) >= atLeast.seq;
        if (!isThere && this.#clock.monotonic() < until) return 'later';
        const stale = !isThere || !this.#keeper.isFollowed(build) || !this.#keeper.isCurrent(calls.name);
        return { ok: true, ...(await listCalls(trx, schema, question)), stale } as const;
      });
      if (found === undefined) return { ok: false, error: reject('views_unavailable') };
      if (found !== 'later') return found;
      await new Promise<void>((resolve) => this.#clock.after(limits.atLeastPollMs, resolve));
    }
  }

  async #status(): Promise<ViewStatus[]> {
    const heads = await Promise.all(this.#keeper.partitions.map((partition) => this.#keeper.head(partition)));
    return this.#read(async (trx) => {
      const views: ViewStatus[] = [];
      for (const { name, version, build, live } of await listBuilds(trx)) {
        const of: Build = { name, version, build, live };
        const at = await positionsOf(trx, of);
        const partitions = heads.map((head, partition) => {
          const { position, hash } = at.get(partition) ?? startPosition;
          return { partition, position, head, hash };
        });
        views.push({ ...of, followed: !live || this.#keeper.isFollowed(of), partitions });
      }
      return views;
    });
  }

  #parked(): Promise<ParkedInView[]> {
    return this.#read(async (trx) => {
      const found: ParkedInView[] = [];
      for (const build of (await listBuilds(trx)).filter(({ live }) => live))
        for (const call of await listParked(trx, viewNameOf(build), callLimits.parkedPageMax))
          found.push({ view: build.name, ...call });
      return found;
    });
  }

  #view(name: string): View | undefined {
    return this.#keeper.followed(name);
  }

  #read<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(work);
  }
}

function noView(name: string): ViewAnswer {
  return { ok: false, error: reject('not_found', `There is no view "${name}" that is kept up now.`, 'view') };
}

function notParked({ view, callId }: { view: string; callId: string }): ViewAnswer {
  return {
    ok: false,
    error: reject('not_found', `${callId} is not parked in the view "${view}".`, 'callId'),
  };
}
