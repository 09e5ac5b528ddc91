import { isPresent, own } from '@ringback/domain';
import type { Outcome } from '@ringback/link';
import {
  closeCodes,
  reject,
  timeOfMs,
  type Actor,
  type CallEvent,
  type CallView,
  type ClientMessage,
  type Command,
  type CommandMessage,
  type CommandOf,
  type Rejection,
  type ServerMessage,
} from '@ringback/schemas';
import type { Recipient } from './call-feed.ts';
import { catchUp } from './catch-up.ts';
import { parseClientMessage, peekId } from './client-message.ts';
import { insist } from './insist.ts';
import { limits } from './limits.ts';
import { Attendance, type Attending } from './people/attendance.ts';
import { CostlyRateLimit, RateLimit } from './rate-limit.ts';
import type { DisconnectReason, SessionPorts, SessionSocket } from './session-ports.ts';
import { Signals, type SignalMessage } from './signals.ts';
import { Subscription } from './subscription.ts';
import type { RefusedCommand } from './telemetry-writer.ts';
import { TokenLife } from './token-life.ts';
import { actorOf, isRejection, mayEnter, renewalRefusal, type Identity } from './tokens.ts';
import { Watching, type WatchMessage } from './watching.ts';

/** A call that this session is in. */
interface Presence {
  readonly participantId: string;
  recipient: Recipient | undefined;
}

/** One WebSocket: who it is, the calls it is in or watches, and what it may ask. */
export class Session implements Attending {
  readonly sessionId: string;
  readonly #socket: SessionSocket;
  readonly #host: string;
  readonly #ports: SessionPorts;
  readonly #rate: RateLimit;
  readonly #costly = new CostlyRateLimit();
  readonly #inCalls = new Map<string, Presence>();
  /** Calls that it may be in: the join is on its way, or its outcome is not known. */
  readonly #maybeIn = new Map<string, { participantId: string; joins: Set<Command>; unknown: boolean }>();
  // Made when they are needed: thousands of sockets do nothing but wait.
  #watching: Watching | undefined;
  #signals: Signals | undefined;
  readonly #attendance: Attendance;
  readonly #life: TokenLife;
  #identity: Identity | undefined;
  #connecting = false;
  #open = true;
  #malformed = 0;
  #unanswered = 0;
  /** Not "in a row": whoever keeps sending too fast gets one through now and then. */
  #rateRefusals: RateLimit | undefined;
  /** Not kept once it is of no use. */
  #cancelConnectTimer: (() => void) | undefined;

  constructor(socket: SessionSocket, host: string, ports: SessionPorts) {
    this.#socket = socket;
    this.#host = host;
    this.#ports = ports;
    this.sessionId = ports.ids.uuid();
    this.#rate = new RateLimit(limits.messagesPerSecond, limits.messagesBurst, ports.clock.monotonic());
    this.#attendance = new Attendance(ports, this);
    this.#life = new TokenLife(ports.clock, {
      expiring: (expiresAt, leftMs) => this.#send({ type: 'token.expiring', expiresAt, leftMs }),
      expired: () => socket.close(closeCodes.tokenExpired),
    });
    this.#cancelConnectTimer = ports.clock.after(limits.connectMs, () => {
      if (this.#identity === undefined) socket.close(closeCodes.notConnected);
    });
  }

  /** One frame from the client. Whatever it holds, the answer is a message or a close, never an exception. */
  receive(text: string | undefined): void {
    // One read may hold more messages after the one that closed it.
    if (!this.#open) return;
    const now = this.#ports.clock.monotonic();
    if (!this.#rate.take(now)) {
      this.#refuse(peekId(text), reject('rate_limited'));
      this.#rateRefusals ??= new RateLimit(limits.rateRefusalsPerSecond, limits.rateRefusalsMax, now);
      if (!this.#rateRefusals.take(now)) this.#socket.close(closeCodes.rateLimited);
      return;
    }
    if (text === undefined) return this.#refuse(null, reject('binary_not_supported'));
    const parsed = parseClientMessage(text);
    if (parsed.message !== undefined) return this.#take(parsed.message);
    this.#refuse(parsed.id, parsed.error);
    if (parsed.error.code === 'malformed' && ++this.#malformed >= limits.malformedMax)
      this.#socket.close(closeCodes.malformed);
  }

  #take(message: ClientMessage): void {
    this.#ports.metrics.messages.inc({ type: message.type });
    if (message.type === 'connect') return this.#run(message.id, undefined, () => this.#connect(message));
    const { id } = message;
    const identity = this.#identity;
    if (identity === undefined) return this.#refuse(id, reject('not_connected'));
    this.#attendance.heard();
    // To go is always permitted.
    if (this.#life.isOver && message.type !== 'call.leave') return this.#refuse(id, reject('token_expired'));
    if (message.type === 'follow' || message.type === 'away')
      return this.#run(id, undefined, () => this.#attendance.take(identity, message));
    if (message.type === 'token.renew') return this.#run(id, undefined, () => this.#renew(message));
    const { callId } = message;
    if (message.type === 'watch') return this.#run(id, callId, () => this.#watch(identity, message));
    if (message.type === 'unwatch') return this.#unwatch(message);
    if (message.type === 'tiles' || message.type === 'report') return this.#signal(identity, message);
    if (this.#inCalls.has(callId) && !this.#costly.allows(message, this.#ports.clock.monotonic()))
      return this.#refuse(id, reject('rate_limited'));
    this.#run(id, callId, () => this.#command(identity, message));
  }

  /** What goes wrong in here is a fault of ours: the client is told, and everybody else is left in peace. */
  #run(id: string, callId: string | undefined, task: () => Promise<void>): void {
    task().catch((error: unknown) => {
      this.#ports.logger.error({ callId, sessionId: this.sessionId, err: error }, 'message failed');
      this.#refuse(id, reject('internal_error'));
    });
  }

  /** The socket is gone. Those it was in calls for are told. */
  closed(reason: DisconnectReason): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelConnectTimer?.();
    this.#attendance.end();
    this.#life.stop();
    this.#watching?.stopAll();
    for (const [callId, { participantId, recipient }] of this.#inCalls) {
      if (recipient !== undefined) this.#ports.feeds.detach(recipient);
      this.#disconnect(callId, participantId, reason);
    }
    for (const [callId, { participantId, unknown, joins }] of this.#maybeIn) {
      if (unknown && !this.#inCalls.has(callId)) this.#disconnect(callId, participantId, reason);
      // Sent again later, it would put out the session that follows this one.
      for (const join of joins) this.#ports.link.withdraw(join);
    }
  }

  async #connect(message: Extract<ClientMessage, { type: 'connect' }>): Promise<void> {
    const { clock, tokens, metrics } = this.#ports;
    if (this.#connecting) return this.#refuse(message.id, reject('already_connected'));
    this.#connecting = true;
    const now = clock.now();
    const identity = await tokens.verify(message.token, now);
    if (!this.#open) return;
    if (isRejection(identity)) {
      metrics.refusals.inc({ code: identity.code });
      this.#refuse(message.id, identity);
      return this.#socket.close(closeCodes.tokenRefused);
    }
    this.#identity = identity;
    this.#cancelConnectTimer?.();
    this.#cancelConnectTimer = undefined;
    this.#attendance.begin(identity);
    this.#send({
      type: 'connected',
      id: message.id,
      sessionId: this.sessionId,
      userId: identity.userId,
      gateway: this.#ports.link.ref,
      serverTime: now,
      heartbeatMs: limits.heartbeatMs,
      iceServers: this.#ports.iceServers(this.#host, identity.userId),
    });
    this.#life.begin(identity.expiresAt);
  }

  /** Another token of the same person: the session goes on, and may do what that one says. */
  async #renew({ id, token }: Extract<ClientMessage, { type: 'token.renew' }>): Promise<void> {
    const next = await this.#ports.tokens.verify(token, this.#ports.clock.now());
    if (!this.#open) return;
    if (isRejection(next)) return this.#refuse(id, next);
    const inCalls = [...this.#inCalls.keys(), ...this.#maybeIn.keys()];
    const watched = this.#watching?.callIds ?? [];
    const followsPeople = this.#attendance.isFollowing;
    const no = renewalRefusal(this.#identity!, next, { inCalls, watched, followsPeople });
    if (no !== undefined) return this.#refuse(id, no);
    this.#identity = next;
    this.#send({ type: 'token.renewed', id, expiresAt: next.expiresAt });
    this.#life.begin(next.expiresAt);
  }

  /** Now and then: is its token about to end? */
  look(): void {
    this.#life.look();
  }

  async #command(identity: Identity, message: CommandMessage): Promise<void> {
    const { callId } = message;
    const command = this.#toCommand(identity, message);
    const no = this.#mayAsk(identity, message);
    if (no !== undefined) return this.#refuseCommand(command, no);
    if (this.#unanswered >= limits.unansweredPerSessionMax)
      return this.#refuseCommand(command, reject('overloaded'));
    const started = this.#ports.clock.monotonic();
    this.#unanswered += 1;
    const outcome = await (command.type === 'call.join'
      ? this.#submitJoin(command)
      : this.#ports.link.submit(command));
    this.#unanswered -= 1;
    this.#ports.metrics.commandSeconds.observe((this.#ports.clock.monotonic() - started) / 1_000);
    if (!outcome.ok) return this.#refuseCommand(command, outcome.error);
    if (!this.#open) return;
    if (message.type === 'call.join') {
      // Its events come once: to who is in the call.
      this.#watching?.stop(callId);
      // Joining again: the feed of the first time is taken over, so that it ends with this one.
      const recipient = this.#inCalls.get(callId)?.recipient;
      this.#inCalls.set(callId, { participantId: message.data.participantId, recipient });
      this.#attendance.changed();
    }
    this.#send({ type: 'reply', id: message.id, ok: true, callId, seq: outcome.seq });
    if (message.type === 'call.join') await this.#follow(callId, message, outcome.seq);
  }

  async #submitJoin(command: CommandOf<'call.join'>): Promise<Outcome> {
    const { callId } = command;
    const { participantId } = command.data;
    const maybe = this.#maybeIn.get(callId) ?? { participantId, joins: new Set(), unknown: false };
    this.#maybeIn.set(callId, maybe);
    maybe.joins.add(command);
    const outcome = await this.#ports.link.submit(command);
    maybe.joins.delete(command);
    if (outcome.ok) maybe.unknown = false;
    else if (outcome.error.code === 'unknown_outcome') maybe.unknown = true;
    if (maybe.joins.size === 0 && !maybe.unknown) this.#maybeIn.delete(callId);
    // Gone while it was decided: nobody else will say so for this session.
    if (!this.#open && (outcome.ok || maybe.unknown))
      this.#disconnect(callId, participantId, 'socket-closed');
    return outcome;
  }

  /** What the gateway can refuse without asking the owner. */
  #mayAsk(identity: Identity, message: CommandMessage): Rejection | undefined {
    if (!mayEnter(identity, message.callId) || !identity.roomJoin) return reject('not_permitted');
    if (message.type !== 'call.join') return undefined;
    const here = this.#inCalls.get(message.callId) ?? this.#maybeIn.get(message.callId);
    if (here !== undefined && here.participantId !== message.data.participantId)
      return reject(
        'invalid',
        'data.participantId: this session is in the call as another participant',
        'data.participantId',
      );
    return here === undefined ? this.#hasNoRoom() : undefined;
  }

  /** For one more call. */
  #hasNoRoom(): Rejection | undefined {
    const calls =
      new Set([...this.#inCalls.keys(), ...this.#maybeIn.keys()]).size + (this.#watching?.size ?? 0);
    return calls >= limits.callsPerSocketMax
      ? reject('overloaded', `One session can be in ${limits.callsPerSocketMax} calls.`)
      : undefined;
  }

  #toCommand(identity: Identity, message: CommandMessage): Command {
    const envelope = this.#envelope(message.callId, actorOf(identity), message.id);
    if (message.type === 'call.join')
      return { ...envelope, type: 'call.join', data: { ...message.data, gateway: this.#ports.link.ref } };
    const participantId = this.#inCalls.get(message.callId)?.participantId;
    const { type, data } = message;
    return { ...envelope, ...(participantId === undefined ? {} : { participantId }), type, data } as Command;
  }

  #envelope(callId: string, actor: Actor, id: string) {
    return {
      id,
      callId,
      tenantId: this.#identity!.tenantId,
      actor,
      sessionId: this.sessionId,
      receivedTime: timeOfMs(this.#ports.clock.now()),
      correlationId: id,
    };
  }

  /** The socket behind a participant is gone. The owner ignores it where another session has taken over. */
  #disconnect(callId: string, participantId: string, reason: DisconnectReason): void {
    void insist(this.#ports, {
      type: 'call.disconnect',
      ...this.#envelope(callId, { kind: 'system', name: 'edge' }, this.#ports.ids.uuid()),
      participantId,
      data: { reason },
    });
  }

  /** Sends what the participant missed, or a snapshot, then everything that follows. */
  async #follow(
    callId: string,
    join: Extract<CommandMessage, { type: 'call.join' }>,
    joinedSeq: number,
  ): Promise<void> {
    const presence = this.#inCalls.get(callId);
    if (presence === undefined) return;
    if (presence.recipient !== undefined) this.#ports.feeds.detach(presence.recipient);
    const { participantId, instanceId } = join.data;
    const recipient: Recipient = {
      subscription: new Subscription(callId, participantId, join.after ?? 0),
      socket: this.#socket,
      lost: () => this.#socket.close(closeCodes.feedLost),
      // A replay passes earlier lives of the same participant: only what came after this join counts.
      saw: (event) => event.sequence > joinedSeq && this.#saw(event, join.data),
    };
    presence.recipient = recipient;
    await catchUp(this.#ports, {
      recipient,
      tenantId: this.#identity!.tenantId,
      fresh: join.after === undefined,
      joinedSeq,
      isCurrent: () => this.#open && this.#inCalls.get(callId)?.recipient === recipient,
      isIn: (state) => presentIn(state, participantId)?.sessionId === this.sessionId,
      // It left, or went on elsewhere, while the snapshot was on its way.
      out: (state) => this.#leave(callId, instanceId, presentIn(state, participantId)?.instanceId),
    });
  }

  /** Our own participant left, or is somewhere else now: this session is out of the call. */
  #saw(event: CallEvent, me: { readonly participantId: string; readonly instanceId: string }): void {
    const { subject: callId, type, data } = event;
    const mine = 'participantId' in data && data.participantId === me.participantId;
    // Those whom the end of the call puts out still get the end itself.
    const left =
      type === 'call.ended' ||
      (type === 'call.participant.left' && mine && event.data.reason !== 'call-ended');
    const back = type === 'call.participant.reconnected' || type === 'call.participant.joined';
    const moved = back && mine && event.data.sessionId !== this.sessionId;
    if (left || moved) this.#leave(callId, me.instanceId, moved ? event.data.instanceId : undefined);
  }

  /** @param movedTo The page (of `mine`, or another) by whose other session the participant is in the call. */
  #leave(callId: string, mine: string, movedTo: string | undefined): void {
    const recipient = this.#inCalls.get(callId)?.recipient;
    if (recipient === undefined) return;
    this.#inCalls.delete(callId);
    this.#attendance.changed();
    this.#ports.feeds.detach(recipient);
    // A page that is still here lost its place to its own earlier session, whose join came late by another gateway.
    if (movedTo === mine) this.#socket.close(closeCodes.feedLost);
    else if (movedTo !== undefined && this.#inCalls.size === 0 && (this.#watching?.size ?? 0) === 0)
      this.#socket.close(closeCodes.sessionReplaced);
  }

  async #watch(identity: Identity, message: WatchMessage): Promise<void> {
    const inCall = this.#inCalls.has(message.callId) || this.#maybeIn.has(message.callId);
    if (inCall)
      return this.#refuseWatch(
        message,
        reject('invalid', 'callId: you are in this call; its events come anyway', 'callId'),
      );
    this.#watching ??= this.#makeWatching();
    const no = this.#watching.has(message.callId) ? undefined : this.#hasNoRoom();
    if (no !== undefined) return this.#refuseWatch(message, no);
    await this.#watching.watch(identity, message);
  }

  #makeWatching(): Watching {
    return new Watching(this.#ports, {
      isOpen: () => this.#open,
      accepted: ({ id, callId }, seq) => this.#send({ type: 'reply', id, ok: true, callId, seq }),
      refused: (message, rejection) => this.#refuseWatch(message, rejection),
      socket: this.#socket,
      lost: () => this.#socket.close(closeCodes.feedLost),
    });
  }

  #refuseWatch({ callId, id, type }: WatchMessage, rejection: Rejection): void {
    this.#refuseCommand({ ...this.#envelope(callId, actorOf(this.#identity!), id), type }, rejection);
  }

  #unwatch({ callId, id }: Extract<ClientMessage, { type: 'unwatch' }>): void {
    this.#watching?.stop(callId);
    this.#send({ type: 'reply', id, ok: true, callId, seq: 0 });
  }

  /** For the Call Server of a call that this session is in, or telemetry: nobody is asked, so it is answered at once. */
  #signal(identity: Identity, message: SignalMessage): void {
    const { id, callId, type } = message;
    const presence = this.#inCalls.get(callId);
    if (presence === undefined) {
      const command = { ...this.#envelope(callId, actorOf(identity), id), type };
      return this.#refuseCommand(command, reject('not_in_call'));
    }
    const { participantId, recipient } = presence;
    const { sessionId } = this;
    this.#signals ??= new Signals(this.#ports);
    const no = this.#signals.take(message, { tenantId: identity.tenantId, sessionId, participantId });
    if (no !== undefined) return this.#refuse(id, no);
    this.#send({ type: 'reply', id, ok: true, callId, seq: recipient?.subscription.position ?? 0 });
  }

  #refuseCommand(command: RefusedCommand, rejection: Rejection): void {
    this.#ports.telemetry.refused(command, rejection);
    this.#refuse(command.id, rejection);
  }

  get isInCall(): boolean {
    return this.#inCalls.size > 0;
  }

  tell(message: ServerMessage): void {
    this.#send(message);
  }

  refuse(id: string, error: Rejection): void {
    this.#refuse(id, error);
  }

  #refuse(id: string | null, error: Rejection): void {
    this.#ports.metrics.refusals.inc({ code: error.code });
    this.#send({ type: 'reply', id, ok: false, error });
  }

  #send(message: ServerMessage): void {
    if (this.#open) this.#socket.send(JSON.stringify(message));
  }
}

function presentIn({ participants }: CallView, participantId: string) {
  const participant = own(participants, participantId);
  return isPresent(participant) ? participant : undefined;
}
