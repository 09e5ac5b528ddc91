// People in a call, as the gateway's protocol has them (/asyncapi.json): a socket each, one JSON message a frame to the
// gateway, an array of messages a frame back. The one file that a script needs to speak it:
//
//   const call = new Call(callId);
//   const host = call.person('host', tokenFor('host'));
//   await host.join();
//   const { seq } = await host.say('call.mute', { trackId: 'microphone' });
//   await call.everybodyHas(seq);
//   await host.leave();

import { WebSocket, type Heard } from 'k6/websockets';
import type { Capabilities, ClientMessage, CommandMessage, ServerMessage } from '@ringback/schemas';
import { metrics } from './metrics.ts';
import { url } from './settings.ts';

type Reply = Extract<ServerMessage, { type: 'reply'; ok: true }>;
type Delivery = Extract<ServerMessage, { type: 'event' }>;
type Say = Exclude<CommandMessage['type'], 'call.join'>;
type DataOf<Type extends Say> = Extract<CommandMessage, { type: Type }>['data'];

/** A message without an answer is given up after this: as long as a client of people waits. Milliseconds. */
const answerMsMax = 30_000;
/** Who still lacks an event so long after its reply will not get it. Milliseconds. */
const everythingMsMax = 15_000;
/** Pauses before coming back, as the SDK has them: anywhere up to this, doubled each time. Milliseconds. */
const backoffMs = 250;
const backoffMsMax = 3_000;
/** Close codes from here to 4099 mean: do not come back. */
const goodbyeCode = 4_000;

/** `WebSocket.readyState`. */
const open = 1;

/** Nobody here has media: a load follows and steers calls, as bots do. No codecs says so. */
const capabilities: Capabilities = {
  version: 2,
  audioCodecs: [],
  videoCodecs: [],
  screenShare: false,
  userAgent: 'k6',
};

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One call and everybody in it. Knows when each action was sent, so that it can say how long it took to the others. */
export class Call {
  readonly callId: string;
  readonly people: Person[] = [];
  /** By command id. Milliseconds since 1970. */
  readonly sentAt = new Map<string, { readonly by: Person; readonly ms: number }>();

  constructor(callId: string) {
    this.callId = callId;
  }

  person(name: string, token: string): Person {
    const person = new Person(this, name, token);
    this.people.push(person);
    return person;
  }

  /** Waits until everybody got every event up to this one; says whether they did. */
  async everybodyHas(seq: number): Promise<boolean> {
    const until = Date.now() + everythingMsMax;
    while (this.people.some((person) => person.seq < seq) && Date.now() < until) await sleep(20);
    const without = this.people.filter((person) => person.seq < seq).length;
    metrics.missed.add(without);
    return without === 0;
  }
}

interface Asked {
  readonly message: ClientMessage;
  readonly done: (reply: Reply) => void;
  readonly fail: (error: Error) => void;
}

/** Somebody in a call. A socket that is lost is made again, what was missed comes by `after`, what had no answer is said again. */
export class Person {
  readonly #call: Call;
  readonly #name: string;
  readonly #token: string;
  readonly #participantId = crypto.randomUUID();
  readonly #asked = new Map<string, Asked>();
  #socket: WebSocket | undefined;
  #seq = 0;
  /** In the call on this socket, and has what was missed: from now on deliveries are live. */
  #live = false;
  #over = false;

  constructor(call: Call, name: string, token: string) {
    this.#call = call;
    this.#name = name;
    this.#token = token;
  }

  /** The last event that arrived, or is in the snapshot that did. */
  get seq(): number {
    return this.#seq;
  }

  /** Opens a socket, says who this is, and is in the call when it resolves. @throws Error where it is refused. */
  async join(): Promise<void> {
    const isFirst = this.#seq === 0;
    const started = Date.now();
    await this.#connect();
    const data = { participantId: this.#participantId, instanceId: this.#participantId };
    const reply = await this.#ask({
      type: 'call.join',
      id: crypto.randomUUID(),
      callId: this.#call.callId,
      data: { ...data, displayName: this.#name, capabilities },
      ...(isFirst ? {} : { after: this.#seq }),
    });
    const until = Date.now() + answerMsMax;
    while (this.#seq < reply.seq) {
      if (Date.now() > until) throw new Error('the join was answered, but what was missed did not come');
      await sleep(5);
    }
    this.#live = true;
    (isFirst ? metrics.joinMs : metrics.returnMs).add(Date.now() - started);
  }

  /** Says something in the call and waits for the answer. @throws Error where that is a refusal, or none comes. */
  async say<Type extends Say>(type: Type, data: DataOf<Type>): Promise<Reply> {
    const id = crypto.randomUUID();
    const ms = Date.now();
    this.#call.sentAt.set(id, { by: this, ms });
    const reply = await this.#ask({ type, id, callId: this.#call.callId, data } as CommandMessage);
    metrics.replyMs.add(Date.now() - ms);
    return reply;
  }

  /** Loses the socket on purpose and comes back on another one. */
  async dropAndReturn(): Promise<void> {
    this.#dropSocket();
    await this.#return();
  }

  /** Is in the call no longer, and never comes back. */
  async leave(): Promise<void> {
    try {
      await this.say('call.leave', {});
    } finally {
      this.close();
    }
  }

  /** Without leaving: for others it looks like a lost socket. */
  close(): void {
    this.#over = true;
    this.#dropSocket();
    for (const { fail } of [...this.#asked.values()]) fail(new Error('closed'));
  }

  async #return(): Promise<void> {
    for (let attempt = 0; !this.#over; attempt++) {
      await sleep(Math.random() * Math.min(backoffMsMax, backoffMs * 2 ** attempt));
      try {
        await this.join();
        for (const { message } of this.#asked.values()) this.#send(message);
        return;
      } catch {
        this.#dropSocket();
      }
    }
  }

  #connect(): Promise<void> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws`, null, { tags: { name: '/v1/ws' } });
    this.#socket = socket;
    const id = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no "connected" in time')), answerMsMax);
      let isConnected = false;
      socket.onopen = () =>
        socket.send(JSON.stringify({ type: 'connect', id, protocol: 1, token: this.#token }));
      socket.onmessage = (heard) => {
        if (this.#socket !== socket) return;
        for (const message of JSON.parse(heard.data) as ServerMessage[]) {
          if (message.type === 'connected') {
            clearTimeout(timer);
            isConnected = true;
            resolve();
          } else this.#hear(message, heard);
        }
      };
      socket.onclose = ({ code }) => {
        clearTimeout(timer);
        reject(new Error(`closed with ${code} before "connected"`));
        if (this.#socket === socket && isConnected) this.#lost(code);
      };
      // A close always follows an error.
      socket.onerror = () => {};
    });
  }

  #lost(code: number): void {
    metrics.lost.add(1, { code: String(code) });
    const wasLive = this.#live;
    this.#dropSocket();
    if (code >= goodbyeCode && code < goodbyeCode + 100) this.close();
    // Else it was lost within a join, and whoever asked for that one tries again.
    else if (wasLive) void this.#return();
  }

  #hear(message: ServerMessage, { timestamp }: Heard): void {
    if (message.type === 'reply') this.#answer(message);
    else if (message.type === 'event') this.#deliver(message, timestamp);
    else if (message.type === 'snapshot') {
      this.#seq = message.seq;
      if (message.resync) metrics.resyncs.add(1);
    }
  }

  #answer(reply: Extract<ServerMessage, { type: 'reply' }>): void {
    const asked = this.#asked.get(reply.id ?? '');
    if (asked === undefined) return;
    if (reply.ok) return asked.done(reply);
    metrics.refused.add(1, { code: reply.error.code });
    asked.fail(new Error(`${asked.message.type}: ${reply.error.code}: ${reply.error.message}`));
  }

  #deliver({ seq, after, event }: Delivery, timestamp: number): void {
    if (seq <= this.#seq) metrics.repeats.add(1);
    else if (after !== this.#seq) metrics.gaps.add(1);
    this.#seq = Math.max(this.#seq, seq);
    const sent = this.#call.sentAt.get(event.causationid);
    if (!this.#live || sent === undefined || sent.by === this) return;
    metrics.deliveries.add(1);
    // The clock of the sender has whole milliseconds, the socket's has fractions.
    metrics.deliveryMs.add(Math.max(0, timestamp - sent.ms));
  }

  #ask(message: ClientMessage): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { id, type } = message;
      const forget = () => {
        clearTimeout(timer);
        this.#asked.delete(id);
      };
      const timer = setTimeout(() => {
        forget();
        reject(new Error(`${type}: no answer`));
      }, answerMsMax);
      this.#asked.set(id, {
        message,
        done: (reply) => {
          forget();
          resolve(reply);
        },
        fail: (error) => {
          forget();
          reject(error);
        },
      });
      this.#send(message);
    });
  }

  /** Where there is no socket now, it is said after the return. */
  #send(message: ClientMessage): void {
    const isJoin = message.type === 'call.join';
    if (isJoin || this.#live) this.#socket?.send(JSON.stringify(message));
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#live = false;
    // A join belongs to its socket: the return makes another one.
    for (const { message, fail } of [...this.#asked.values()])
      if (message.type === 'call.join') fail(new Error('the socket is gone'));
    // One that is not open yet can not be closed in k6; it is ignored from now on.
    if (socket?.readyState === open) socket.close();
  }
}
