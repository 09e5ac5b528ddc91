import { evolveCall } from '@ringback/domain';
import { current, type CallEvent, type CallView } from '@ringback/schemas';
import type { CommandDataOf } from './client.ts';
import type { ConnectedMessage } from './connection.ts';
import { RingbackError } from './errors.ts';
import { Feed, type FeedMessage } from './feed.ts';
import type { Link, Topic } from './link.ts';
import type { CallEnd } from './types.ts';

export interface MembershipHandlers {
  /** A socket is there; the join is on its way. */
  connected(session: ConnectedMessage): void;
  /** In the call on this socket, and caught up with all that was missed. */
  joined(): void;
  /** The socket is lost, or the platform thinks so: coming back. */
  lost(): void;
  /** The state after the next event; without one, a snapshot. */
  changed(view: CallView, event: CallEvent | undefined): void;
  /** Over for this client. */
  over(end: CallEnd): void;
}

/** Being in one call: joins, joins again after every lost socket, and folds what arrives. */
export class Membership {
  readonly #link: Link;
  #join: CommandDataOf<'call.join'>;
  readonly #on: MembershipHandlers;
  readonly #feed = new Feed(0);
  readonly #topic: Topic;
  #view: CallView | undefined;
  /** Of the last join on this socket; undefined where there was none. */
  #joinedSeq: number | undefined;
  /** Caught up with that join: commands may go out. */
  #open = false;
  #asking = false;
  /** What was asked is void before its answer is taken. */
  #askAgain = false;
  /** What the join says is complete. */
  #isPrepared = true;
  #hasSession = false;
  #everJoined = false;
  #stopped = false;

  /** `rest`: what the join says as well, once it is there; it waits for that. */
  constructor(
    link: Link,
    callId: string,
    join: CommandDataOf<'call.join'>,
    rest: Promise<Partial<CommandDataOf<'call.join'>>> | undefined,
    handlers: MembershipHandlers,
  ) {
    this.#link = link;
    this.#join = join;
    this.#on = handlers;
    if (rest !== undefined) void this.#prepare(rest);
    this.#topic = {
      callId,
      joins: true,
      isOpen: () => this.#open,
      connected: (session) => {
        this.#hasSession = true;
        this.#on.connected(session);
        void this.#ask();
      },
      disconnected: () => {
        this.#hasSession = false;
        this.#lost();
      },
      message: (message) => this.#receive(message),
      closed: (error) => {
        const reason = error?.code === 'session_replaced' ? 'replaced' : 'closed';
        this.#on.over({ reason, ...(error === undefined ? {} : { error }) });
      },
    };
  }

  get view(): CallView | undefined {
    return this.#view;
  }

  get seq(): number {
    return this.#feed.seq;
  }

  /** @throws RingbackError as Link.attach. */
  start(): void {
    this.#link.attach(this.#topic);
  }

  /** Takes no more part; with an error, what waits for a reply is given up. */
  stop(error: RingbackError | undefined): void {
    const isUnknown = !this.#open && this.#joinedSeq !== undefined;
    this.#stopped = true;
    this.#open = false;
    this.#link.forget(this.#topic, error);
    if (isUnknown) this.#undoJoin();
  }

  /**
   * The platform has us in the call, but we are out of it: leaving waited for what was missed, or the join's reply
   * came after all. Nobody would leave for us as long as this socket lives.
   */
  #undoJoin(): void {
    // Joined anew meanwhile: it would be that one who leaves.
    if (this.#isSucceeded) return;
    const id = this.#link.ports.uuid();
    const leave = { type: 'call.leave', id, callId: this.#topic.callId, data: {} } as const;
    this.#link.request(leave, { life: 'session' }).catch(() => {});
  }

  /** This client joined the call anew: our join, sent again, would take the place of that one. */
  get #isSucceeded(): boolean {
    const topic = this.#link.topicOf(this.#topic.callId);
    return topic !== undefined && topic !== this.#topic && topic.joins;
  }

  async #prepare(rest: Promise<Partial<CommandDataOf<'call.join'>>>): Promise<void> {
    this.#isPrepared = false;
    this.#join = { ...this.#join, ...(await rest) };
    this.#isPrepared = true;
    if (this.#hasSession) void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#stopped || !this.#isPrepared) return;
    this.#asking = true;
    this.#askAgain = false;
    const { after } = this.#feed;
    // A new id each time: a join means this socket, and a repeated id would get the reply of an earlier one.
    const id = this.#link.ports.uuid();
    const join = { type: 'call.join', id, callId: this.#topic.callId, data: this.#join } as const;
    try {
      const request = after === undefined ? join : { ...join, after };
      const isWanted = () => !this.#stopped || !this.#isSucceeded;
      const { seq } = await this.#link.request(request, { life: 'session', isWanted });
      this.#asking = false;
      if (this.#stopped) return this.#undoJoin();
      if (this.#askAgain) return void this.#ask();
      this.#joinedSeq ??= seq;
      this.#openWhenCaughtUp();
    } catch (error) {
      this.#asking = false;
      this.#refused(error as RingbackError);
    }
  }

  #refused(error: RingbackError): void {
    // Lost with the socket: `connected` asks again.
    if (error.code === 'network' || this.#stopped) return;
    if (error.retryable) return void this.#ask();
    if (!this.#everJoined) this.#on.over({ reason: 'refused', error });
    else if (error.code === 'removed') this.#on.over({ reason: 'removed', error });
    else this.#on.over({ reason: error.code === 'call_ended' ? 'over' : 'refused', error });
  }

  /**
   * The reply comes before what was missed. Commands wait for the latter: it may tell that we were out of the call
   * for a while, and then what was about to be sent to old peer connections must not go out.
   */
  #openWhenCaughtUp(): void {
    if (this.#open || this.#stopped || this.#joinedSeq === undefined || this.#feed.seq < this.#joinedSeq)
      return;
    this.#open = true;
    this.#everJoined = true;
    this.#link.flush(this.#topic.callId);
    this.#on.joined();
  }

  #lost(): void {
    this.#open = false;
    this.#joinedSeq = undefined;
    this.#on.lost();
  }

  #receive(message: FeedMessage): void {
    const before = this.#feed.seq;
    const step = this.#feed.step(message);
    if (step === 'gap') void this.#ask();
    else if (step === 'snapshot' && message.type === 'snapshot') this.#start(message, before);
    else if (step === 'next' && message.type === 'event') this.#fold(message.event);
  }

  /** `before`: what was addressed to us up to there has been shown. */
  #start({ state, addressed = [] }: Extract<FeedMessage, { type: 'snapshot' }>, before: number): void {
    this.#put(state, undefined);
    for (const event of addressed)
      if (!this.#stopped && event.sequence > before) this.#on.changed(state, event);
    if (!this.#stopped) this.#noticeOut(state);
  }

  /** The snapshot tells what happened since our join, which no event will tell any more. */
  #noticeOut({ status, endReason, participants }: CallView): void {
    const me = participants[this.#join.participantId];
    if (status === 'ended') this.#on.over({ reason: endReason ?? 'over' });
    else if (me?.leftReason === 'removed') this.#on.over({ reason: 'removed' });
    else if (me?.leftReason === 'lost') this.#comeBack();
  }

  #fold(told: CallEvent): void {
    let event: CallEvent;
    let view: CallView;
    try {
      // A page may be newer than its gateway.
      event = current(told);
      view = evolveCall(this.#view, event);
    } catch {
      // The state and the log disagree, or the platform is newer than this page: start over from the platform's own state.
      this.#feed.distrust();
      return void this.#ask();
    }
    this.#put(view, event);
    if (event.type === 'call.ended') this.#on.over({ reason: event.data.reason });
    else if (this.#open) this.#noticeOwn(event);
  }

  #put(view: CallView, event: CallEvent | undefined): void {
    this.#view = view;
    this.#on.changed(view, event);
    this.#openWhenCaughtUp();
  }

  /** What happened to ourselves while we are in the call: somebody took our place, or we were thought lost. */
  #noticeOwn(event: CallEvent): void {
    if (event.sequence <= (this.#joinedSeq ?? 0)) return;
    const { participantId, instanceId } = this.#join;
    switch (event.type) {
      case 'call.participant.joined':
      case 'call.participant.reconnected':
        if (event.data.participantId === participantId && event.data.instanceId !== instanceId)
          this.#on.over({ reason: 'replaced' });
        return;
      case 'call.participant.disconnected':
        if (event.data.participantId === participantId) this.#comeBack();
        return;
      case 'call.participant.left':
        if (event.data.participantId !== participantId) return;
        if (event.data.reason === 'lost') this.#comeBack();
        if (event.data.reason === 'removed') this.#on.over({ reason: 'removed' });
        return;
      default:
    }
  }

  #comeBack(): void {
    this.#lost();
    this.#askAgain = this.#asking;
    void this.#ask();
  }
}
