import { setTimeout as wait } from 'node:timers/promises';
import type { Chance } from '../simulation/chance.ts';
import { Conversation, isMalformed, type HeardReply } from './conversation.ts';
import { limits } from './limits.ts';
import { RawSocket } from './raw-socket.ts';
import type { Json } from './shapes.ts';

/** After so many messages that are no JSON a gateway closes the socket (its `malformedMax`). */
const malformedMax = 10;

export interface PersonOptions {
  readonly url: string;
  readonly token: string;
  readonly chance: Chance;
  readonly fault: (what: string) => void;
  readonly count: (messages: number, code?: string) => void;
  /** What this person must never hear: the private words of others. */
  readonly forbidden: readonly string[];
  /** Calls whose events this person may be sent. */
  readonly calls: readonly string[];
}

/** Somebody with a socket, who says what they are told to, and holds the gateway to its contract. */
export class Person {
  readonly #options: PersonOptions;
  #socket: RawSocket | undefined;
  #conversation: Conversation;
  #malformed = 0;
  #closing = false;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.#conversation = new Conversation(options.fault);
  }

  async connect(): Promise<void> {
    const { token, chance } = this.#options;
    await this.#open();
    await this.say([JSON.stringify({ type: 'connect', id: chance.ids.uuid(), protocol: 1, token })]);
  }

  async #open(): Promise<void> {
    const { url, fault } = this.#options;
    this.#conversation = new Conversation(fault);
    this.#malformed = 0;
    this.#closing = false;
    const socket = await RawSocket.open(url);
    this.#socket = socket;
    socket.onText((text) => this.#hear(text));
    void socket.closed.then((code) => {
      if (!this.#closing && this.#socket === socket) fault(`the socket was closed with ${code}`);
    });
  }

  /** One value, as JSON. @returns the reply to it. */
  async ask(message: Record<string, Json>): Promise<HeardReply | undefined> {
    const id = this.#options.chance.ids.uuid();
    await this.say([JSON.stringify({ id, ...message })]);
    return this.#conversation.replies.get(id);
  }

  /** All in one write; settles when each is answered, or the fault is told. */
  async say(texts: readonly (string | Uint8Array)[]): Promise<void> {
    const { count } = this.#options;
    const now: (string | Uint8Array)[] = [];
    for (const text of texts) {
      if (isMalformed(text) && ++this.#malformed >= malformedMax) {
        await this.#send(now.splice(0));
        await this.endsBy(4000, () => this.#send([text]));
        await this.again();
      } else now.push(text);
    }
    await this.#send(now);
    count(texts.length);
  }

  async #send(texts: readonly (string | Uint8Array)[]): Promise<void> {
    const socket = this.#socket;
    if (texts.length === 0 || socket === undefined) return;
    for (const text of texts) this.#conversation.sent(text);
    socket.send(texts);
    if (await this.#conversation.answered(socket.closed)) return;
    const { unanswered } = this.#conversation;
    const what = socket.closeCode === undefined ? `in ${limits.replyMs} ms` : `before ${socket.closeCode}`;
    this.#options.fault(`${unanswered.length} not answered ${what}: ${unanswered.slice(0, 3).join(' | ')}`);
    this.#conversation = new Conversation(this.#options.fault);
  }

  /** Something after which the socket has to end with this code. */
  async endsBy(code: number, task: () => unknown): Promise<void> {
    const socket = this.#socket!;
    this.#closing = true;
    await task();
    const ended = await Promise.race([socket.closed, wait(limits.replyMs, undefined, { ref: false })]);
    if (ended !== code) this.#options.fault(`ended with ${ended ?? 'nothing'} instead of ${code}`);
    socket.end();
  }

  /** Bytes that are no message: whatever is wrong with them, the socket ends without a word. */
  async breakOff(bytes: Uint8Array): Promise<void> {
    this.#options.count(1);
    await this.endsBy(1006, () => this.#socket!.sendBytes(bytes));
    await this.again();
  }

  /** Longer than any message: refused, and the socket ends. */
  async sayTooMuch(text: string): Promise<void> {
    this.#options.count(1);
    await this.endsBy(1009, () => this.#send([text]));
    await this.again();
  }

  /** After the end of a socket; what has to be said first on a new one is the scene's. */
  onAgain: () => Promise<void> = async () => {};
  async again(): Promise<void> {
    await this.connect();
    await this.onAgain();
  }

  end(): void {
    this.#closing = true;
    this.#socket?.end();
  }

  #hear(text: string): void {
    const { forbidden, calls, fault, count } = this.#options;
    for (const secret of forbidden)
      if (text.includes(secret)) fault(`heard what is not for them (${secret}): ${text.slice(0, 600)}`);
    for (const message of JSON.parse(text) as ({ type: string; callId?: string } & HeardReply)[]) {
      if (message.type === 'reply') {
        this.#conversation.heard(message);
        count(0, message.ok ? 'ok' : message.error?.code);
      } else if (
        message.type === 'connected' ||
        message.type === 'token.renewed' ||
        (message.type === 'presence' && 'id' in message)
      ) {
        this.#conversation.heard({ id: message.id, ok: true });
      } else if (message.type === 'event' || message.type === 'snapshot') {
        if (!calls.includes(message.callId!))
          fault(`was sent ${message.type} of a call of others: ${text.slice(0, 600)}`);
      }
    }
  }
}
