import { logLimits, type Append, type EventLog, type SnapshotStore } from '@ringback/eventlog';
import { listen, type Bus, type Clock, type Logger } from '@ringback/runtime';
import {
  busForms,
  reject,
  subjects,
  type Answer,
  type Command,
  type CommandBatch,
  type HeadMessage,
  type Question,
  type Rejection,
} from '@ringback/schemas';
import { Answers } from './answers.ts';
import type { CallBook, Outcome } from './call-book.ts';
import { CallRates } from './call-rates.ts';
import { CommandForms } from './command-forms.ts';
import { CommandQueue, isByClient, type Asker } from './command-queue.ts';
import { decideOn, seqOfDone } from './decide-on.ts';
import { GatewayList } from './gateway-list.ts';
import { Hearing } from './hearing.ts';
import { limits } from './limits.ts';
import type { OwnerMetrics } from './metrics.ts';
import { disconnectsFor, ownCommand } from './own-commands.ts';
import { OwnerSnapshots } from './owner-snapshots.ts';
import { recover, type Recovered } from './recover.ts';
import type { Replay } from './replay.ts';
import { Routes, serversOf } from './routes.ts';
import { Telling, type AddressedReply, type News } from './telling.ts';
import type { Written } from './written.ts';

export interface OwnerPorts {
  readonly log: EventLog;
  /** Absent: every take-over replays the whole log. */
  readonly snapshots?: SnapshotStore | undefined;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OwnerMetrics;
  readonly codeVersion: string;
  /** Publish live events on `call.<callId>.<type>` for outsiders. */
  readonly tap: boolean;
  /** What people may ask of one call. Default: `callActionsPerSecond` of `limits.ts`. */
  readonly callActionsPerSecond?: number;
}

/** Why an owner is one no longer. */
export type Lost = { readonly reason: 'fenced' | 'unknown' | 'stopped'; readonly cause?: unknown };

/**
 * The one that decides for a partition, for as long as its claim holds. One append is in flight at a time;
 * every command that arrives meanwhile is decided together in the next. Nothing leaves before it is durable:
 * neither events nor replies, refusals or answers that rest on undurable events.
 */
export class PartitionOwner {
  readonly partition: number;
  readonly epoch: number;
  /** Settles when ownership is lost or given up. All memory is dropped then. */
  readonly lost: Promise<Lost>;
  readonly #owner: string;
  readonly #ports: OwnerPorts;
  readonly #book: CallBook;
  readonly #gateways = new GatewayList();
  readonly #queue = new CommandQueue();
  readonly #forms: CommandForms;
  readonly #endings: (() => void)[] = [];
  readonly #answers: Answers;
  readonly #telling: Telling;
  readonly #hearing: Hearing;
  readonly #routes: Routes;
  readonly #snapshots: OwnerSnapshots;
  readonly #rates: CallRates;
  #position: number;
  /** The position when it was last looked whether anybody else had written. */
  #checkedAt = 0;
  #afterCommit: (() => void)[] = [];
  #committing = false;
  #ended = false;
  #lose!: (lost: Lost) => void;

  private constructor(
    partition: number,
    owner: string,
    { epoch, from, book, events }: Recovered,
    ports: OwnerPorts,
  ) {
    this.partition = partition;
    this.epoch = epoch;
    this.#owner = owner;
    this.#position = epoch;
    this.#book = book;
    this.#answers = new Answers(book, ports.log);
    this.#ports = ports;
    this.#telling = new Telling({ partition, epoch, owner }, ports, book, this.#gateways);
    this.#hearing = new Hearing(ports.clock.monotonic());
    this.#routes = new Routes(this.#gateways, this.#hearing);
    const whenDurable = (task: () => void) => this.#whenDurable(task);
    const owned = { partition, owner, book, position: () => this.#position, whenDurable };
    this.#snapshots = new OwnerSnapshots(owned, ports, { events, commits: epoch - from });
    this.#forms = new CommandForms(partition, ports);
    this.#rates = new CallRates(ports.callActionsPerSecond ?? limits.callActionsPerSecond);
    this.lost = new Promise((resolve) => (this.#lose = resolve));
  }

  /**
   * Claims the partition, brings its calls into memory and starts to serve.
   *
   * @param owner unique for this life of this process and partition.
   * @param replay what was read of the partition already; the rest follows.
   * @throws ClaimFailed, UndecodableCommit; a call that can not be folded is parked and stops nobody else
   */
  static async take(
    partition: number,
    owner: string,
    ports: OwnerPorts,
    replay?: Replay,
  ): Promise<PartitionOwner> {
    const recovered = await recover(partition, owner, ports, replay);
    const taken = new PartitionOwner(partition, owner, recovered, ports);
    taken.#serve();
    return taken;
  }

  /** Ends with a snapshot, if that is soon made. */
  async stop(): Promise<void> {
    if (!this.#ended) await this.#snapshots.atStop();
    await this.close();
  }

  /** Gives the partition up: what is in flight is finished, nothing new is taken. */
  async close(): Promise<void> {
    this.#unsubscribe();
    while (this.#committing) await new Promise<void>((resolve) => this.#afterCommit.push(resolve));
    this.#end({ reason: 'stopped' });
  }

  #serve(): void {
    const { bus, clock } = this.#ports;
    for (const entry of this.#book.live()) this.#telling.changed(entry.callId);
    this.#endings.push(
      listen(bus, subjects.commands(this.partition), busForms.batch, (batch) => this.#receive(batch)),
      listen(bus, subjects.questions(this.partition), busForms.question, (question, _, reply) =>
        this.#ask(question, reply),
      ),
      listen(bus, subjects.allBeats, busForms.beat, (beat) => {
        // Calls may be waiting for this one, without media: not for the next tick as well.
        if (this.#gateways.hear(beat, clock.monotonic())) this.#tick();
      }),
      listen(bus, subjects.heads(this.partition), busForms.head, (head) => this.#hearOwner(head)),
    );
    const every = (ms: number, task: () => void) => {
      let cancel = () => {};
      const again = () => {
        task();
        if (!this.#ended) cancel = clock.after(ms, again);
      };
      cancel = clock.after(ms, again);
      this.#endings.push(() => cancel());
    };
    every(limits.headMs, () => this.#publishHeads());
    every(limits.tickMs, () => this.#tick());
    every(limits.fenceCheckMs, () => void this.#checkFence());
    // At once: gateways learn the new epoch, announce their calls and fill what the last owner did not feed.
    this.#publishHeads();
  }

  #receive(batch: CommandBatch): void {
    this.#gateways.hear(batch, this.#ports.clock.monotonic());
    const order = this.#gateways.order(batch);
    if (order === 'again') this.#telling.feed(batch.gateway, { again: true });
    if (order !== 'take') return;
    this.#gateways.follow(batch);
    // A gateway that follows late may have missed what was fed before: the next head tells it.
    for (const callId of batch.follow)
      if (this.#book.get(callId) !== undefined) this.#telling.changed(callId);
    for (const turnedAway of this.#queue.addBatch(batch, this.#forms.look(batch)))
      this.#answerAtOnce(turnedAway);
    this.#pump();
  }

  /** There is no room for it. What is in the log already is said to be done, or it would be called undone. */
  #answerAtOnce({ command, asker }: { readonly command: Command; readonly asker: Asker }): void {
    const { callId } = command;
    const answer = (outcome: Outcome) =>
      this.#telling.feed(asker.gateway, { replies: [{ ref: asker.ref, callId, ...outcome }] });
    const seq = seqOfDone(this.#book, command);
    // A fact is one, whoever owns the partition by now: this needs no fence, but has to be durable.
    if (seq !== undefined) return this.#whenDurable(() => answer({ ok: true, seq }));
    this.#ports.metrics.overloaded.inc();
    answer({ ok: false, error: reject('overloaded') });
  }

  #pump(): void {
    if (this.#committing || this.#ended || this.#queue.length === 0) return;
    this.#committing = true;
    this.#commit().then(
      () => {
        this.#committing = false;
        for (const task of this.#afterCommit.splice(0)) task();
        this.#pump();
      },
      (error: unknown) => {
        this.#committing = false;
        this.#end({ reason: 'unknown', cause: error });
        for (const task of this.#afterCommit.splice(0)) task();
      },
    );
  }

  /** Decides what waits, appends it in one commit, then tells everyone. */
  async #commit(): Promise<void> {
    const { log, metrics, clock } = this.#ports;
    const news = this.#decideWaiting();
    const { events, replies } = news;
    // A refusal, too: who was fenced and does not know yet would refuse by what was true before.
    if (events.length > 0 || replies.length > 0) {
      const started = clock.monotonic();
      const result = await log.append({
        partition: this.partition,
        ...this.#bodyOf(events),
        id: `${this.#owner}.${this.#position + 1}`,
        expected: this.#position,
      });
      metrics.appendSeconds.observe((clock.monotonic() - started) / 1_000);
      // Replies that rest on it are not sent: the gateways ask again, by id.
      if (result.kind !== 'stored')
        return this.#end({
          reason: result.kind,
          ...(result.kind === 'unknown' ? { cause: result.cause } : {}),
        });
      this.#position = result.position;
      metrics.commits.inc();
      metrics.events.inc(events.length);
      this.#snapshots.committed(events.length);
    }
    for (const { asker } of replies) this.#queue.answered(asker);
    this.#telling.tell(news);
  }

  /** The commit, and its JSON made of what was written of each event already. */
  #bodyOf(written: readonly Written[]): Pick<Append, 'body' | 'text'> {
    const head = { kind: 'commit', epoch: this.epoch, owner: this.#owner } as const;
    const events = written.map(({ text }) => text).join(',');
    const text = `${JSON.stringify(head).slice(0, -1)},"events":[${events}]}`;
    return { body: { ...head, events: written.map(({ event }) => event) }, text };
  }

  /** State moves on here, before the ack: if the append fails, all of it is dropped with this owner. */
  #decideWaiting(): News {
    const { clock, codeVersion, logger, metrics } = this.#ports;
    const events: Written[] = [];
    const replies: AddressedReply[] = [];
    const served = new Map<string, string[]>();
    let bytes = 0;
    const taken = this.#queue.take(({ command, wrongForm, asker }) => {
      const { id, callId } = command;
      const before = this.#book.get(callId)?.state.view?.route;
      const bytesLeft = logLimits.commitBytesMax - bytes;
      const mayAct = () => this.#mayAct(command);
      const context = { now: clock.now(), codeVersion, bytesLeft, mayAct, wrongForm };
      const decided = decideOn(this.#book, command, context);
      if (decided === 'later') return 'later';
      if (decided.fault !== undefined)
        logger.error({ callId, commandId: id, type: command.type, err: decided.fault }, 'command failed');
      if (!decided.outcome.ok) metrics.rejections.inc({ code: decided.outcome.error.code });
      for (const came of [decided.events, this.#reroute(command, decided.events)])
        for (const written of came) {
          events.push(written);
          bytes += written.bytes;
        }
      if (before !== undefined && before !== this.#book.get(callId)?.state.view?.route)
        served.set(callId, [...(served.get(callId) ?? []), ...serversOf(before)]);
      if (asker === undefined) this.#queue.ownDone(id);
      else replies.push({ asker, reply: { ref: asker.ref, callId, ...decided.outcome } });
      return events.length >= limits.commitEventsMax || bytes >= logLimits.commitBytesMax / 2
        ? 'enough'
        : 'more';
    });
    metrics.commands.inc(taken);
    return { events, replies, served };
  }

  /** What people do is counted. What the platform does about it is not: it can not be left undone. */
  #mayAct(command: Command): Rejection | undefined {
    if (!isByClient(command) || this.#rates.take(command.callId, this.#ports.clock.monotonic()))
      return undefined;
    this.#ports.metrics.callOverloaded.inc();
    return reject('overloaded', this.#rates.sentence);
  }

  /** What happened may send the media another way: that is decided at once, in the same commit. */
  #reroute(command: Command, happened: readonly Written[]): readonly Written[] {
    const { clock, codeVersion, logger } = this.#ports;
    const { callId, correlationId, traceparent } = command;
    const view = this.#book.get(callId)?.state.view;
    const data = view && this.#routes.questionAfter(happened, view, clock.monotonic());
    if (view === undefined || data === undefined) return [];
    const own = ownCommand(view, 'route', { type: 'call.route', data }, clock.now());
    const caused = { ...own, correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
    // A few kB, and it must not be parted from what it follows: the bound of a commit has room for it.
    const decided = decideOn(this.#book, caused, { now: clock.now(), codeVersion, bytesLeft: Infinity });
    if (decided === 'later') return [];
    if (decided.fault !== undefined) logger.error({ callId, err: decided.fault }, 'route failed');
    return decided.events;
  }

  /** A sign of life in any case, and the heads of what changed as soon as they are durable. */
  #publishHeads(): void {
    if (this.#committing || !this.#telling.anyChanged) this.#telling.signOfLife();
    if (this.#telling.anyChanged) this.#whenDurable(() => this.#telling.publishHeads());
  }

  /** Runs `task` when nothing is undurable: now, or after the commit in flight. */
  #whenDurable(task: () => void): void {
    const run = () => {
      if (!this.#ended) task();
    };
    if (this.#committing) this.#afterCommit.push(run);
    else run();
  }

  #hearOwner({ epoch }: HeadMessage): void {
    // A sign of life of a later claim: this one is void, though nothing was refused yet.
    if (epoch > this.epoch) return this.#end({ reason: 'fenced' });
    if (epoch === this.epoch) this.#hearing.heardMyself(this.#ports.clock.monotonic());
  }

  /**
   * Who has nothing to append is refused nothing, and a later owner may have come and gone unheard: gateways that
   * heard that one pass this one over, and nobody else claims while this one says that it is there.
   */
  async #checkFence(): Promise<void> {
    const since = this.#checkedAt;
    this.#checkedAt = this.#position;
    if (this.#committing || since !== this.#position) return;
    try {
      for await (const { body } of this.#ports.log.read(this.partition, { from: since + 1 })) {
        if (body.owner !== this.#owner) this.#end({ reason: 'fenced' });
        return;
      }
    } catch {
      // The log is away: it proves nothing, and is looked at again.
    }
  }

  #tick(): void {
    const { clock, metrics } = this.#ports;
    const now = clock.now();
    const elapsed = clock.monotonic();
    const canTellSilence = this.#hearing.canTellSilence(elapsed);
    if (canTellSilence) this.#gateways.prune(elapsed);
    const serversChanged = this.#routes.serversChanged(elapsed);
    for (const { deadline, state, parked } of this.#book.live()) {
      const { view } = state;
      if (view === undefined || parked !== undefined) continue;
      if (deadline !== undefined && deadline <= now)
        this.#queue.addOwn(ownCommand(view, 'deadline', { type: 'call.deadline', data: {} }, now));
      if (canTellSilence)
        for (const lost of disconnectsFor(view, this.#gateways, elapsed, now)) this.#queue.addOwn(lost);
      const data = serversChanged ? this.#routes.question(view, elapsed) : undefined;
      if (data !== undefined)
        this.#queue.addOwn(ownCommand(view, 'route', { type: 'call.route', data }, now));
    }
    this.#whenDurable(() => {
      for (const callId of this.#book.settle(now)) this.#gateways.dropCall(callId);
    });
    this.#rates.prune(elapsed);
    metrics.liveCalls.set({ partition: this.partition }, this.#book.liveCount);
    metrics.waiting.set({ partition: this.partition }, this.#queue.length);
    this.#snapshots.tick();
    this.#pump();
  }

  #ask(question: Question, reply: (answer: Answer) => void): void {
    const base = { partition: this.partition, epoch: this.epoch, owner: this.#owner };
    const answer = () => void this.#answers.to(question).then((found) => reply({ ...base, ...found }));
    // Who is there rests on nothing undurable, and must be heard while an append takes its time.
    if (question.ask === 'who') answer();
    else if (this.#afterCommit.length < limits.questionsWaitingMax) this.#whenDurable(answer);
    else reply({ ...base, ok: false, error: reject('overloaded') });
  }

  #unsubscribe(): void {
    for (const end of this.#endings.splice(0)) end();
  }

  #end(lost: Lost): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    this.#lose(lost);
  }
}
