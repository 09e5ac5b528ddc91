import { withoutCause } from '@ringback/domain';
import { claim, logLimits, type EventLog } from '@ringback/eventlog';
import type { Bus, Clock, Logger } from '@ringback/runtime';
import {
  partitionOf,
  reject,
  subjects,
  timeOfMs,
  type Answer,
  type BeatMessage,
  type CallEvent,
  type CallView,
  type Command,
  type CommandBatch,
  type CommandReply,
  type FeedMessage,
  type HeadMessage,
  type Question,
} from '@ringback/schemas';
import { Answers } from './answers.ts';
import { CallBook } from './call-book.ts';
import { CommandQueue, type Asker } from './command-queue.ts';
import { decideOn } from './decide-on.ts';
import { eventBytes } from './event-bytes.ts';
import { GatewayList } from './gateway-list.ts';
import { Hearing } from './hearing.ts';
import { limits } from './limits.ts';
import type { OwnerMetrics } from './metrics.ts';

export interface OwnerPorts {
  readonly log: EventLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OwnerMetrics;
  readonly codeVersion: string;
  /** Publish live events on `call.<callId>.<type>` for outsiders. */
  readonly tap: boolean;
}

/** Why an owner is one no longer. */
export type Lost = { readonly reason: 'fenced' | 'unknown' | 'stopped'; readonly cause?: unknown };

interface AddressedReply {
  readonly asker: Asker;
  readonly reply: CommandReply;
}

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
  readonly #changed = new Set<string>();
  readonly #endings: (() => void)[] = [];
  readonly #answers: Answers;
  #position: number;
  readonly #hearing: Hearing;
  #afterCommit: (() => void)[] = [];
  #committing = false;
  #ended = false;
  #lose!: (lost: Lost) => void;

  private constructor(partition: number, owner: string, epoch: number, book: CallBook, ports: OwnerPorts) {
    this.partition = partition;
    this.epoch = epoch;
    this.#owner = owner;
    this.#position = epoch;
    this.#book = book;
    this.#answers = new Answers(book, ports.log);
    this.#ports = ports;
    this.#hearing = new Hearing(ports.clock.monotonic());
    this.lost = new Promise((resolve) => (this.#lose = resolve));
  }

  /**
   * Claims the partition, replays it and starts to serve.
   *
   * @param owner unique for this life of this process and partition.
   * @throws ClaimFailed, UndecodableCommit; a call that can not be folded is parked and stops nobody else
   */
  static async take(partition: number, owner: string, ports: OwnerPorts): Promise<PartitionOwner> {
    const book = new CallBook((entry, event) => {
      ports.metrics.parked.inc();
      const { callId } = entry;
      ports.logger.error(
        { partition, callId, event: event.id, type: event.type, err: entry.parked },
        'call parked',
      );
    });
    let events = 0;
    const started = performance.now();
    const now = ports.clock.now();
    const epoch = await claim(ports.log, partition, owner, (commit) => {
      for (const event of commit.body.events) book.replay(event, now);
      events += commit.body.events.length;
      // So that a long log does not hold every call it ever had at once.
      if (commit.position % 1_000 === 0) book.settle(now);
    });
    book.settle(now);
    const ms = Math.round(performance.now() - started);
    ports.logger.info({ partition, epoch, events, liveCalls: book.liveCount, ms }, 'claimed and replayed');
    const taken = new PartitionOwner(partition, owner, epoch, book, ports);
    taken.#serve();
    return taken;
  }

  /** Gives the partition up: what is in flight is finished, nothing new is taken. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    while (this.#committing) await new Promise<void>((resolve) => this.#afterCommit.push(resolve));
    this.#end({ reason: 'stopped' });
  }

  #serve(): void {
    const { bus, clock } = this.#ports;
    for (const entry of this.#book.live()) this.#changed.add(entry.callId);
    this.#endings.push(
      bus.subscribe(subjects.commands(this.partition), (message) => this.#receive(message as CommandBatch)),
      bus.subscribe(subjects.questions(this.partition), (message, _, reply) =>
        this.#ask(message as Question, reply),
      ),
      bus.subscribe(subjects.allBeats, (message) =>
        this.#gateways.hear(message as BeatMessage, clock.monotonic()),
      ),
      bus.subscribe(subjects.heads(this.partition), (message) => this.#hearOwner(message as HeadMessage)),
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
    // At once: gateways learn the new epoch, announce their calls and fill what the last owner did not feed.
    this.#publishHeads();
  }

  #receive(batch: CommandBatch): void {
    this.#gateways.hear(batch, this.#ports.clock.monotonic());
    const order = this.#gateways.order(batch);
    if (order === 'again') this.#feed(batch.gateway, { again: true });
    if (order !== 'take') return;
    this.#gateways.follow(batch);
    // A gateway that follows late may have missed what was fed before: the next head tells it.
    for (const callId of batch.follow) if (this.#book.get(callId) !== undefined) this.#changed.add(callId);
    const commands = batch.commands.filter(({ command }) => partitionOf(command.callId) === this.partition);
    for (const { command, asker } of this.#queue.addBatch({ ...batch, commands })) {
      this.#ports.metrics.overloaded.inc();
      const reply = {
        ref: asker.ref,
        ok: false as const,
        callId: command.callId,
        error: reject('overloaded'),
      };
      this.#feed(asker.gateway, { replies: [reply] });
    }
    this.#pump();
  }

  #feed(gateway: string, content: Partial<FeedMessage>): void {
    const message: FeedMessage = {
      partition: this.partition,
      epoch: this.epoch,
      replies: [],
      events: [],
      ...content,
    };
    this.#ports.bus.publish(subjects.feed(gateway), message);
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
    const { log, metrics } = this.#ports;
    const { events, replies } = this.#decideWaiting();
    if (events.length > 0) {
      const started = performance.now();
      const result = await log.append({
        partition: this.partition,
        body: { kind: 'commit', epoch: this.epoch, owner: this.#owner, events },
        id: `${this.#owner}.${this.#position + 1}`,
        expected: this.#position,
      });
      metrics.appendSeconds.observe((performance.now() - started) / 1_000);
      // Replies that rest on it are not sent: the gateways ask again, by id.
      if (result.kind !== 'stored')
        return this.#end({
          reason: result.kind,
          ...(result.kind === 'unknown' ? { cause: result.cause } : {}),
        });
      this.#position = result.position;
      metrics.commits.inc();
      metrics.events.inc(events.length);
    }
    this.#tell(events, replies);
  }

  /** State moves on here, before the ack: if the append fails, all of it is dropped with this owner. */
  #decideWaiting(): { events: CallEvent[]; replies: AddressedReply[] } {
    const { clock, codeVersion, logger, metrics } = this.#ports;
    const events: CallEvent[] = [];
    const replies: AddressedReply[] = [];
    let bytes = 0;
    const taken = this.#queue.take(({ command, asker }) => {
      const decided = decideOn(this.#book, command, { now: clock.now(), codeVersion });
      const { id, callId } = command;
      if (decided.fault !== undefined)
        logger.error({ callId, commandId: id, type: command.type, err: decided.fault }, 'command failed');
      if (!decided.outcome.ok) metrics.rejections.inc({ code: decided.outcome.error.code });
      for (const event of decided.events) {
        events.push(event);
        bytes += eventBytes(event);
      }
      if (asker === undefined) this.#queue.ownDone(id);
      else replies.push({ asker, reply: { ref: asker.ref, callId, ...decided.outcome } });
      return events.length >= limits.commitEventsMax || bytes >= logLimits.commitBytesMax / 2
        ? 'enough'
        : 'more';
    });
    metrics.commands.inc(taken);
    return { events, replies };
  }

  /** One message a gateway with all its replies and events; then the tap. */
  #tell(events: readonly CallEvent[], replies: readonly AddressedReply[]): void {
    const feeds = new Map<string, { replies: CommandReply[]; events: CallEvent[] }>();
    const feed = (gateway: string) => {
      let found = feeds.get(gateway);
      if (found === undefined) feeds.set(gateway, (found = { replies: [], events: [] }));
      return found;
    };
    for (const event of events) {
      this.#changed.add(event.subject);
      for (const gateway of this.#gateways.followersOf(event.subject)) feed(gateway).events.push(event);
    }
    for (const { asker, reply } of replies) {
      this.#queue.answered(asker);
      feed(asker.gateway).replies.push(reply);
    }
    for (const [gateway, content] of feeds) this.#feed(gateway, content);
    if (!this.#ports.tap) return;
    for (const event of events)
      this.#ports.bus.publish(subjects.tap(event.subject, event.type), withoutCause(event));
  }

  /** A sign of life in any case, and the heads of what changed as soon as they are durable. */
  #publishHeads(): void {
    const publish = (heads: Record<string, number>) => {
      const message: HeadMessage = {
        partition: this.partition,
        epoch: this.epoch,
        owner: this.#owner,
        heads,
      };
      this.#ports.bus.publish(subjects.heads(this.partition), message);
    };
    if (this.#committing || this.#changed.size === 0) publish({});
    if (this.#changed.size === 0) return;
    this.#whenDurable(() => {
      let heads: Record<string, number> = {};
      let count = 0;
      for (const callId of this.#changed) {
        const seq = this.#book.get(callId)?.state.view?.seq;
        if (seq !== undefined) heads[callId] = seq;
        if (++count % limits.headsPerMessageMax !== 0) continue;
        publish(heads);
        heads = {};
      }
      this.#changed.clear();
      publish(heads);
    });
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

  #tick(): void {
    const { clock, metrics } = this.#ports;
    const now = clock.now();
    const elapsed = clock.monotonic();
    const canTellSilence = this.#hearing.canTellSilence(elapsed);
    if (canTellSilence) this.#gateways.prune(elapsed);
    for (const { deadline, state, parked } of this.#book.live()) {
      if (state.view === undefined || parked !== undefined) continue;
      if (deadline !== undefined && deadline <= now)
        this.#submit(state.view, 'deadline', { type: 'call.deadline', data: {} });
      if (canTellSilence) this.#loseSilent(state.view, elapsed);
    }
    this.#whenDurable(() => {
      for (const callId of this.#book.settle(now)) this.#gateways.dropCall(callId);
    });
    metrics.liveCalls.set({ partition: this.partition }, this.#book.liveCount);
    metrics.waiting.set({ partition: this.partition }, this.#queue.length);
    this.#pump();
  }

  /** Those whose gateway is gone can not say so themselves. */
  #loseSilent(view: CallView, now: number): void {
    if (view.status === 'ended') return;
    for (const p of Object.values(view.participants)) {
      if (p.presence !== 'connected' || this.#gateways.isAlive(p.gateway, now)) continue;
      this.#submit(view, `gateway-lost/${p.sessionId}`, {
        type: 'call.disconnect',
        participantId: p.participantId,
        sessionId: p.sessionId,
        data: { reason: 'gateway-lost' },
      });
    }
  }

  /** The owner's own commands; the id is derived, so that the next owner's is the same. */
  #submit(
    view: CallView,
    name: string,
    command:
      | Pick<Extract<Command, { type: 'call.deadline' }>, 'type' | 'data'>
      | Pick<Extract<Command, { type: 'call.disconnect' }>, 'type' | 'data' | 'participantId' | 'sessionId'>,
  ): void {
    const id = `${view.callId}/${view.seq}/${name}`;
    this.#queue.addOwn({
      id,
      callId: view.callId,
      tenantId: view.tenantId,
      actor: { kind: 'system', name: 'calls' },
      receivedTime: timeOfMs(this.#ports.clock.now()),
      correlationId: id,
      ...command,
    });
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
