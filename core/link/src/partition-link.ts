import type { Command, CommandBatch, CommandReply, Rejection } from '@ringback/schemas';
import { limits } from './limits.ts';

/** What became of a command. */
export type Outcome =
  { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly error: Rejection };

/** A command without an answer. */
export interface Pending {
  /** The gateway's own number for it. */
  readonly ref: number;
  readonly command: Command;
  /** The command's JSON: written once, measured, and sent as often as it takes. */
  readonly text: string;
  readonly bytes: number;
  readonly settle: (outcome: Outcome) => void;
  /** Monotonic milliseconds; Infinity: it keeps its place until it is answered. */
  readonly giveUpAt: number;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  sentAt: number;
  /** How often it was sent. */
  sends: number;
}

/** What one batch adds to who sends it. */
export interface Batch extends Omit<CommandBatch, 'gateway' | 'incarnation' | 'commands'> {
  readonly commands: readonly Pending[];
}

/** `{"ref":281474976710656,"command":},` around each command. Bytes. */
const aroundCommand = 40;

/**
 * The sending side of the path to one partition: go-back-N. Batches of a link are numbered; the owner takes
 * them in this order or not at all. Whatever may have gone wrong, the mend is the same: a new link, which says
 * everything that is followed and unanswered again, in the order it was asked.
 */
export class PartitionLink {
  /** The highest one heard. */
  epoch = 0;
  heardAt = -Infinity;
  /** When anything was last answered; at first, when this was made. */
  #answeredAt: number;
  readonly followed = new Set<string>();
  #link = 1;
  #batch = 0;
  #restartedAt: number;
  /** In the order they were asked. */
  readonly #pending = new Map<number, Pending>();
  #unsent: Pending[] = [];
  #follow = new Set<string>();
  readonly #unfollow = new Set<string>();

  constructor(now: number) {
    this.#restartedAt = now;
    this.#answeredAt = now;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  add(pending: Pending): void {
    this.#pending.set(pending.ref, pending);
    this.#unsent.push(pending);
  }

  /** It is not sent again. Nothing where it is not pending any more. */
  withdraw(command: Command): Pending | undefined {
    for (const pending of this.#pending.values()) {
      if (pending.command !== command) continue;
      this.#pending.delete(pending.ref);
      return pending;
    }
    return undefined;
  }

  /** The command behind an answer; it is pending no longer. */
  take(reply: CommandReply, now: number): Pending | undefined {
    const pending = this.#pending.get(reply.ref);
    if (pending?.command.callId !== reply.callId) return undefined;
    this.#answeredAt = now;
    // An owner without room: what is never given up keeps its place and goes with the next link.
    if (pending.giveUpAt === Infinity && !reply.ok && reply.error.code === 'overloaded') return undefined;
    this.#pending.delete(reply.ref);
    return pending;
  }

  /** Commands that waited too long, or all of them; they are pending no longer. */
  giveUp(now: number): Pending[] {
    const old: Pending[] = [];
    for (const pending of this.#pending.values()) {
      if (pending.giveUpAt <= now) {
        this.#pending.delete(pending.ref);
        old.push(pending);
      } else if (pending.giveUpAt < Infinity) {
        // All that can be given up have the same patience, so those behind have time too.
        break;
      }
    }
    return old;
  }

  follow(callId: string): void {
    this.followed.add(callId);
    this.#unfollow.delete(callId);
    this.#follow.add(callId);
  }

  unfollow(callId: string): void {
    this.followed.delete(callId);
    this.#follow.delete(callId);
    this.#unfollow.add(callId);
  }

  /** A new link, with everything again. */
  restart(now: number): void {
    // What nothing was sent on is new enough.
    if (this.#batch > 0) {
      this.#link += 1;
      this.#batch = 0;
    }
    this.#restartedAt = now;
    this.#follow = new Set(this.followed);
    this.#unsent = [...this.#pending.values()];
    for (const pending of this.#unsent) pending.sentAt = now;
  }

  /**
   * The owner says that a batch is missing.
   *
   * @returns whether there is a new link now.
   */
  again(now: number): boolean {
    // Nothing was sent on this link: it is an earlier one that has a gap.
    if (this.#batch === 0) return false;
    this.restart(now);
    return true;
  }

  /** Is it time for a new link: no answer for too long, or a `follow` that may have been lost? */
  isDue(now: number): boolean {
    const [oldest] = this.#pending.values();
    if (oldest !== undefined && now - oldest.sentAt >= limits.resendMs) return true;
    return this.followed.size > 0 && now - this.#restartedAt >= limits.announceMs;
  }

  /** Has this partition taken nothing for so long that it is better not to ask? */
  isStuck(now: number): boolean {
    const [oldest] = this.#pending.values();
    const isSilent = now - Math.max(this.heardAt, this.#answeredAt) >= limits.stuckMs;
    return (
      isSilent || (oldest !== undefined && now - Math.max(oldest.askedAt, this.#answeredAt) >= limits.stuckMs)
    );
  }

  /** The next message to the owner, or nothing where all is said. */
  nextBatch(now: number): Batch | undefined {
    const follow = takeSome(this.#follow);
    const unfollow = takeSome(this.#unfollow);
    // What is done in a call is to be heard by those who follow it: all that is followed goes first.
    const commands = this.#follow.size > 0 ? [] : this.#takeCommands(now);
    if (follow.length === 0 && unfollow.length === 0 && commands.length === 0) return undefined;
    return { link: this.#link, batch: this.#batch++, commands, follow, unfollow };
  }

  #takeCommands(now: number): Pending[] {
    const commands: Pending[] = [];
    let bytes = 0;
    let taken = 0;
    for (const pending of this.#unsent) {
      // Answered or given up before it was sent again.
      const isOpen = this.#pending.has(pending.ref);
      if (isOpen) bytes += pending.bytes + aroundCommand;
      if (isOpen && commands.length > 0 && bytes > limits.batchBytesMax) break;
      taken += 1;
      if (!isOpen) continue;
      pending.sentAt = now;
      pending.sends += 1;
      commands.push(pending);
    }
    this.#unsent = this.#unsent.slice(taken);
    return commands;
  }
}

/** Takes as many ids as fit into one batch. */
function takeSome(ids: Set<string>): string[] {
  const taken: string[] = [];
  for (const id of ids) {
    if (taken.length >= limits.batchFollowMax) break;
    taken.push(id);
    ids.delete(id);
  }
  return taken;
}
