import { JsonText, listen, NoAnswer, type Bus, type Clock, type Logger } from '@ringback/runtime';
import {
  busForms,
  current,
  gatewayRef,
  partitionOf,
  reject,
  subjects,
  type Answer,
  type BeatMessage,
  type CallEvent,
  type Command,
  type CommandBatch,
  type CommandReply,
  type FeedMessage,
  type HeadMessage,
  type Question,
  type Rejection,
} from '@ringback/schemas';
import { limits } from './limits.ts';
import { PartitionLink, type Batch, type Outcome, type Pending } from './partition-link.ts';

export interface OwnerLinkPorts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateway: string;
  /** One life of this process (UUID). */
  readonly incarnation: string;
  readonly partitions: number;
  /** Even in [0, 1). */
  readonly random: () => number;
  /** What a sign of life says beyond who gives it; asked for each. */
  readonly beat?: () => Partial<BeatMessage>;
  /**
   * Owners feed this gateway the calls that were placed on it, without a `follow`: their events are no mistake,
   * and `onHead` is told the heads of all calls, since only the gateway knows which are its own. Default: false.
   */
  readonly fedByPlacement?: boolean;
  /** Events of the calls fed to us, as the owner sent them: maybe with gaps, maybe twice. */
  readonly onEvents: (events: readonly CallEvent[]) => void;
  /** An owner says how far a call is. */
  readonly onHead: (callId: string, seq: number) => void;
}

const stuckSentence = 'Nothing can be stored right now: the log does not answer. Try again in a moment.';

/**
 * The gateway's side of the path to the owners of partitions: commands gathered per tick and sent in one
 * message, repeated by id until they are answered, and the feed that comes back. What a lower epoch than
 * the highest one heard says is ignored: its owner was fenced, even if it does not know yet.
 */
export class OwnerLink {
  readonly #ports: OwnerLinkPorts;
  readonly #links: PartitionLink[];
  readonly #endings: (() => void)[] = [];
  #cancelBeat = () => {};
  #cancelSweep = () => {};
  /** Begins anywhere, so that a late answer to an earlier life of this gateway is not taken for ours. */
  #nextRef: number;
  #pendingBytes = 0;
  #flushing = false;
  #stopped = false;

  constructor(ports: OwnerLinkPorts) {
    this.#ports = ports;
    this.#nextRef = Math.floor(ports.random() * 2 ** 48);
    const now = ports.clock.monotonic();
    this.#links = Array.from({ length: ports.partitions }, () => new PartitionLink(now));
    this.#endings.push(
      listen(ports.bus, subjects.feed(ports.gateway), busForms.feed, (message) => this.#onFeed(message)),
      listen(ports.bus, subjects.allHeads, busForms.head, (message) => this.#onHead(message)),
    );
    this.#beat();
    this.#sweep();
  }

  get pendingCount(): number {
    return this.#links.reduce((sum, link) => sum + link.pendingCount, 0);
  }

  /** `<gateway>/<incarnation>`: stands in the events of those who join through us. */
  get ref(): string {
    return gatewayRef(this.#ports.gateway, this.#ports.incarnation);
  }

  /**
   * Partitions whose owner was heard lately, and not before the present connection.
   *
   * @param connectedAt monotonic milliseconds; what was heard before a break says nothing about who is there after it.
   */
  owned(connectedAt: number): boolean[] {
    const now = this.#ports.clock.monotonic();
    return this.#links.map(({ heardAt }) => heardAt >= connectedAt && now - heardAt <= limits.ownerSilentMs);
  }

  /**
   * For what nobody else will say: sent, in its order among all others, until the owner has answered. Never throws.
   *
   * @returns `overloaded` at once where there is no room here: the caller decides whether to say it later, behind
   * what was said since. `unknown_outcome` once we stop.
   */
  async insist(command: Command): Promise<Outcome> {
    if (this.#stopped) return { ok: false, error: reject('unknown_outcome') };
    const outcome = await this.#send(command, Infinity);
    if (!outcome.ok && outcome.error.code === 'too_large') {
      const { id, callId, type } = command;
      this.#ports.logger.error({ callId, commandId: id, type, err: outcome.error }, 'command given up');
    }
    return outcome;
  }

  /**
   * Sends a command to the owner of its call and waits for the outcome. Never throws.
   *
   * @returns `overloaded` and `too_large` at once, `unknown_outcome` where there was no answer in time.
   */
  submit(command: Command): Promise<Outcome> {
    return this.#send(command, limits.commandMs);
  }

  /**
   * A command that is still open is not sent again: what would be wrong by then. It may have arrived, so it ends as
   * `unknown_outcome`.
   */
  withdraw(command: Command): void {
    const pending = this.#links[partitionOf(command.callId)]?.withdraw(command);
    if (pending !== undefined) this.#settle(pending, { ok: false, error: reject('unknown_outcome') });
  }

  #send(command: Command, patienceMs: number): Promise<Outcome> {
    const link = this.#links[partitionOf(command.callId)];
    // A partition that this layout does not have holds no call.
    if (link === undefined) return Promise.resolve({ ok: false, error: reject('call_unknown') });
    // Measured as it is sent: what carries SDP or capabilities is a hundred times as long as what does not.
    const text = JSON.stringify(command);
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.commandBytesMax) {
      const sentence = `A command may have ${limits.commandBytesMax} bytes, this one has ${bytes}.`;
      return Promise.resolve({ ok: false, error: reject('too_large', sentence) });
    }
    const fits =
      this.pendingCount < limits.pendingMax && this.#pendingBytes + bytes <= limits.pendingBytesMax;
    if (!fits || this.#stopped) return Promise.resolve({ ok: false, error: reject('overloaded') });
    const now = this.#ports.clock.monotonic();
    // Never sent, so surely not done. What is insisted on keeps its place however long it takes.
    if (patienceMs < Infinity && link.isStuck(now))
      return Promise.resolve({ ok: false, error: reject('overloaded', stuckSentence) });
    return new Promise((settle) => {
      const giveUpAt = now + patienceMs;
      this.#pendingBytes += bytes;
      const ref = this.#nextRef++;
      link.add({ ref, command, text, bytes, settle, giveUpAt, askedAt: now, sentAt: now, sends: 0 });
      this.#flushSoon();
    });
  }

  /** From now on this call's events are fed to us; sent before any later command. */
  follow(callId: string): void {
    const link = this.#links[partitionOf(callId)];
    if (link === undefined) return;
    link.follow(callId);
    this.#flushSoon();
  }

  unfollow(callId: string): void {
    const link = this.#links[partitionOf(callId)];
    if (link?.followed.has(callId) !== true) return;
    link.unfollow(callId);
    this.#flushSoon();
  }

  /**
   * Asks the owner of a partition; asked again while the partition changes hands. Never throws.
   *
   * @returns a refusal (`overloaded`) where nobody answers.
   */
  async ask(partition: number, question: Question): Promise<Answer | { ok: false; error: Rejection }> {
    const { bus, clock, logger } = this.#ports;
    const link = this.#links[partition];
    if (link === undefined) return { ok: false, error: reject('call_unknown') };
    for (let tries = 0; tries < limits.askTries && !this.#stopped; tries++) {
      try {
        // Its form is the owner's business: a field that we do not know, as while two versions run, is no fault.
        const answer = (await bus.request(subjects.questions(partition), question, limits.askMs)) as Answer;
        if (answer.epoch >= link.epoch) return answer;
      } catch (error) {
        if (!(error instanceof NoAnswer)) {
          logger.error({ partition, ...question, err: error }, 'question failed');
          break;
        }
        if (!error.nobodyListens) continue;
      }
      await new Promise<void>((resolve) => clock.after(limits.resendMs / 5, resolve));
    }
    return { ok: false, error: reject('overloaded') };
  }

  /** Sends what waits. What became of the rest nobody will say here any more. */
  stop(): void {
    this.#flush();
    this.#stopped = true;
    this.#cancelBeat();
    this.#cancelSweep();
    for (const end of this.#endings.splice(0)) end();
    for (const link of this.#links) this.#giveUp(link, Infinity);
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#ports.clock.soon(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#stopped) return;
    const { bus, clock } = this.#ports;
    const now = clock.monotonic();
    for (const [partition, link] of this.#links.entries()) {
      for (let batch = link.nextBatch(now); batch !== undefined; batch = link.nextBatch(now))
        bus.publish(subjects.commands(partition), this.#write(batch));
    }
  }

  /** A CommandBatch, made of what was written of each command already. */
  #write({ commands, ...batch }: Batch): JsonText {
    const { gateway, incarnation } = this.#ports;
    const head: Omit<CommandBatch, 'commands'> = { gateway, incarnation, ...batch };
    const texts = commands.map(({ ref, text }) => `{"ref":${ref},"command":${text}}`).join(',');
    return new JsonText(`${JSON.stringify(head).slice(0, -1)},"commands":[${texts}]}`);
  }

  #onFeed(message: FeedMessage): void {
    const link = this.#heed(message.partition, message.epoch);
    if (link === undefined) return;
    // Events first: whoever is told that something is done has been sent what came of it.
    if (message.events.length > 0) this.#onEvents(link, message.events);
    const now = this.#ports.clock.monotonic();
    for (const reply of message.replies) {
      const pending = link.take(reply, now);
      if (pending === undefined) continue;
      this.#settle(pending, outcomeOf(reply, pending));
    }
    if (message.again === true && link.again(now)) {
      const { partition, epoch } = message;
      this.#ports.logger.warn({ partition, epoch }, 'a batch was lost: everything open is sent again');
      this.#flushSoon();
    }
  }

  #onEvents(link: PartitionLink, events: readonly CallEvent[]): void {
    for (const { subject } of events) {
      if (this.#isOurs(link, subject)) continue;
      // The owner was not told, or has not heard it yet.
      link.unfollow(subject);
      this.#flushSoon();
    }
    // An owner of an older version tells them as it knows them.
    this.#ports.onEvents(events.map(current));
  }

  #onHead(message: HeadMessage): void {
    const link = this.#heed(message.partition, message.epoch);
    if (link === undefined) return;
    for (const [callId, seq] of Object.entries(message.heads))
      if (this.#isOurs(link, callId)) this.#ports.onHead(callId, seq);
  }

  #isOurs(link: PartitionLink, callId: string): boolean {
    return this.#ports.fedByPlacement === true || link.followed.has(callId);
  }

  /** The link, where this is the owner to believe. A new one knows nothing of us: it is told everything again. */
  #heed(partition: number, epoch: number): PartitionLink | undefined {
    const link = this.#links[partition];
    if (link === undefined || epoch < link.epoch) return undefined;
    const now = this.#ports.clock.monotonic();
    link.heardAt = now;
    if (epoch > link.epoch) {
      link.epoch = epoch;
      link.restart(now);
      this.#flushSoon();
    }
    return link;
  }

  #settle(pending: Pending, outcome: Outcome): void {
    this.#pendingBytes -= pending.bytes;
    pending.settle(outcome);
  }

  #giveUp(link: PartitionLink, now: number): void {
    for (const pending of link.giveUp(now))
      this.#settle(pending, { ok: false, error: reject('unknown_outcome') });
  }

  #beat(): void {
    const { bus, clock, gateway, incarnation, beat } = this.#ports;
    bus.publish(subjects.beat(gateway), { ...beat?.(), gateway, incarnation } satisfies BeatMessage);
    this.#cancelBeat = clock.after(limits.beatMs, () => this.#beat());
  }

  /** Repeats what is unanswered, gives up what is too old. */
  #sweep(): void {
    const now = this.#ports.clock.monotonic();
    for (const link of this.#links) {
      this.#giveUp(link, now);
      if (!link.isDue(now)) continue;
      link.restart(now);
      this.#flushSoon();
    }
    this.#cancelSweep = this.#ports.clock.after(limits.resendMs / 3, () => this.#sweep());
  }
}

/** An owner without room has looked at nothing: what was sent before may have been done by then, by its predecessor too. */
function outcomeOf(reply: CommandReply, { sends }: Pending): Outcome {
  if (reply.ok) return { ok: true, seq: reply.seq };
  const isSure = reply.error.code !== 'overloaded' || sends <= 1;
  return { ok: false, error: isSure ? reply.error : reject('unknown_outcome') };
}
