import { evolve, foldCall, initialState, visibleTo, withoutCause, type CallState } from '@ringback/domain';
import type { StoredCommit } from '@ringback/eventlog';
import { partitionOf, type CallEvent, type CallView } from '@ringback/schemas';
import type { World } from './world.ts';

interface CallFacts {
  readonly events: CallEvent[];
  /** As clients and watchers get them. */
  readonly texts: { readonly short: string; readonly whole: string }[];
  state: CallState;
}

/** What really happened, as the log stored it, and what must hold of it. Everything else is compared with this. */
export class Truth {
  readonly #world: World;
  readonly #calls = new Map<string, CallFacts>();
  /** By partition: the last claim. */
  readonly #owners = new Map<number, { epoch: number; owner: string }>();
  readonly #effects = new Map<string, string>();
  acked = 0;
  delivered = 0;
  claims = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get eventCount(): number {
    return [...this.#calls.values()].reduce((sum, { events }) => sum + events.length, 0);
  }

  callIds(): string[] {
    return [...this.#calls.keys()];
  }

  head(callId: string): number {
    return this.#calls.get(callId)?.events.length ?? 0;
  }

  events(callId: string): readonly CallEvent[] {
    return this.#calls.get(callId)?.events ?? [];
  }

  view(callId: string): CallView | undefined {
    return this.#calls.get(callId)?.state.view;
  }

  /** Folded anew from the first event, up to this one. */
  freshView(callId: string, seq = Infinity): CallView | undefined {
    return foldCall(this.#calls.get(callId)?.events.filter((e) => e.sequence <= seq) ?? []);
  }

  /** The last event that this participant may see; undefined: somebody who sees all. */
  lastVisible(callId: string, participantId: string | undefined): number {
    const events = this.#calls.get(callId)?.events ?? [];
    return events.findLast((e) => isVisible(e, participantId))?.sequence ?? 0;
  }

  /** One writer, gapless, each command once, and nothing that can not be folded. */
  commit(partition: number, { position, body }: StoredCommit): void {
    if (body.kind === 'claim') {
      this.claims += 1;
      this.#owners.set(partition, { epoch: position, owner: body.owner });
      return;
    }
    const owner = this.#owners.get(partition);
    if (owner === undefined || body.epoch !== owner.epoch || body.owner !== owner.owner)
      this.#fail(
        `two writers: commit ${position} of partition ${partition} is of epoch ${body.epoch}, the owner's is ${owner?.epoch}`,
      );
    for (const event of body.events) this.#fact(partition, event);
  }

  #fact(partition: number, event: CallEvent): void {
    const { subject: callId, sequence, causationid } = event;
    let call = this.#calls.get(callId);
    if (call === undefined) this.#calls.set(callId, (call = { events: [], texts: [], state: initialState }));
    if (partitionOf(callId) !== partition) this.#fail(`${event.id} stands in partition ${partition}`);
    if (sequence !== call.events.length + 1)
      this.#fail(`${callId}: ${sequence} follows ${call.events.length} in the log`);
    if (event.data.cause !== undefined) {
      const before = this.#effects.get(causationid);
      if (before !== undefined)
        this.#fail(
          `command ${causationid} (${event.data.cause.command}) had an effect twice: ${before}, ${event.id}`,
        );
      this.#effects.set(causationid, event.id);
    }
    call.events.push(event);
    call.texts.push({ short: JSON.stringify(withoutCause(event)), whole: JSON.stringify(event) });
    try {
      call.state = evolve(call.state, event);
    } catch (error) {
      this.#fail(`${event.id} can not be folded: ${String(error)}`);
    }
  }

  /**
   * Somebody was told that their command is done: it is in the log, where they were told.
   *
   * @param always whether a command like this leaves an event whenever it is accepted.
   */
  ack(
    who: string,
    command: { callId: string; id: string; type: string; always: boolean },
    seq: number,
  ): void {
    const { callId, id, type, always } = command;
    this.acked += 1;
    const last = this.#calls.get(callId)?.events.findLast((e) => e.causationid === id);
    const what = `${who} was told that ${type} ${id} is done at ${seq} of ${callId}`;
    if (seq > this.head(callId)) this.#fail(`${what}; the log has ${this.head(callId)} events of it`);
    else if (always && last === undefined) this.#fail(`${what}; the log does not know it`);
    else if (last !== undefined && last.sequence !== seq)
      this.#fail(`${what}; it stands at ${last.sequence}`);
  }

  /** A client was shown an event: the log has it, it is for them, and nothing for them was left out before it. */
  shown(who: string, event: CallEvent, place: { after: number; participantId: string | undefined }): void {
    const { after, participantId } = place;
    const { subject: callId, sequence } = event;
    this.delivered += 1;
    const call = this.#calls.get(callId);
    const texts = call?.texts[sequence - 1];
    const what = `${who} was shown ${event.id} (${event.type})`;
    if (call === undefined || texts === undefined) return this.#fail(`${what}, which the log lacks`);
    if (JSON.stringify(event) !== (participantId === undefined ? texts.whole : texts.short))
      return this.#fail(`${what}, which is not what the log has there`);
    if (!isVisible(event, participantId)) return this.#fail(`${what}, which is for somebody else`);
    const missed = call.events.slice(after, sequence - 1).find((e) => isVisible(e, participantId));
    if (missed !== undefined) this.#fail(`${what} after ${after}: missed ${missed.id} (${missed.type})`);
  }

  #fail(what: string): void {
    this.#world.fail(what);
  }
}

function isVisible(event: CallEvent, participantId: string | undefined): boolean {
  return participantId === undefined || visibleTo(event, participantId);
}
