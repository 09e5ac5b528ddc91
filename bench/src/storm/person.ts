import { randomUUID } from 'node:crypto';
import { reconnectDelayMs } from '../../../clients/sdk/src/backoff.ts';
import type { ServerMessage } from '@ringback/schemas';
import { LoadSocket } from '../action/socket.ts';
import { limits } from './limits.ts';
import { Received } from './received.ts';

type Reply = Extract<ServerMessage, { type: 'reply' }>;

/** Refusals that say "not now". */
const passing: ReadonlySet<string> = new Set(['overloaded', 'unknown_outcome', 'rate_limited']);

/** One way back. Milliseconds as `performance.now` counts, but for the pauses. */
export interface Return {
  readonly lostAt: number;
  resumedAt: number | undefined;
  /** Waited of one's own accord, all attempts together. */
  pausesMs: number;
  attempts: number;
}

/** What all people of a crowd count together. */
export interface Counts {
  acked: number;
  readonly refusals: Record<string, number>;
}

/**
 * Somebody in a call, as the SDK would be there: comes back after the SDK's own pauses, names the last event it has, and says
 * again, by its id, what was not answered.
 */
export class Person {
  readonly received = new Received();
  readonly returns: Return[] = [];
  readonly #address: URL;
  readonly #callId: string;
  readonly #token: string;
  readonly #participantId = randomUUID();
  readonly #counts: Counts;
  #socket: LoadSocket | undefined;
  /** What an earlier socket brings is not listened to. */
  #life = 0;
  #isIn = false;
  #muted = false;
  /** The action without an answer. */
  #action: { readonly id: string; readonly text: string } | undefined;
  #onConnected: () => void = () => {};
  readonly #onReply = new Map<string, (reply: Reply) => void>();
  /** Settles what waits for an event. */
  #onReceived: () => void = () => {};
  #onLost: (why: string) => void = () => {};

  constructor(url: string, callId: string, token: string, counts: Counts) {
    this.#address = new URL('/v1/ws', url);
    this.#callId = callId;
    this.#token = token;
    this.#counts = counts;
  }

  get isIn(): boolean {
    return this.#isIn;
  }

  get isBusy(): boolean {
    return this.#action !== undefined;
  }

  /** @throws Error where joining does not work. */
  async join(): Promise<void> {
    await this.#enter(undefined);
    const track = { trackId: 'microphone', kind: 'audio', source: 'microphone', muted: false };
    await this.#ask({ type: 'call.publish', callId: this.#callId, data: { track } });
  }

  /** Mutes, or unmutes. Only where nothing is unanswered. */
  act(): void {
    const id = randomUUID();
    const type = this.#muted ? 'call.unmute' : 'call.mute';
    this.#muted = !this.#muted;
    const message = { type, id, callId: this.#callId, data: { trackId: 'microphone' } };
    this.#action = { id, text: JSON.stringify(message) };
    this.#sayAction();
  }

  #sayAction(): void {
    const action = this.#action;
    if (action === undefined || !this.#isIn) return;
    this.#onReply.set(action.id, (reply) => {
      const code = reply.ok ? undefined : reply.error.code;
      if (code !== undefined && passing.has(code)) {
        setTimeout(() => this.#sayAction(), limits.againMs);
        return;
      }
      this.#action = undefined;
      if (code === undefined) this.#counts.acked += 1;
      else this.#counts.refusals[code] = (this.#counts.refusals[code] ?? 0) + 1;
    });
    this.#socket!.send(action.text);
  }

  /** From a lost socket until it is in the call again and has all that it missed. */
  async #comeBack(): Promise<void> {
    const back: Return = { lostAt: performance.now(), resumedAt: undefined, pausesMs: 0, attempts: 0 };
    this.returns.push(back);
    while (back.resumedAt === undefined) {
      const pauseMs = reconnectDelayMs('usual', back.attempts, undefined, Math.random());
      back.attempts += 1;
      back.pausesMs += pauseMs;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      try {
        await this.#enter(this.received.seq);
        back.resumedAt = performance.now();
      } catch {
        // Refused, cut off again or too slow: after a longer pause once more.
        this.#drop();
      }
    }
    this.#sayAction();
  }

  /** @param after the last event that is there; undefined: none, a snapshot is wanted. */
  async #enter(after: number | undefined): Promise<void> {
    const lost = new Promise<never>((_, reject) => {
      this.#onLost = (why) => reject(new Error(why));
      setTimeout(() => reject(new Error('no answer')), limits.answerMs).unref();
    });
    // Whoever waits for nothing is not told.
    lost.catch(() => {});
    await Promise.race([lost, this.#handshake(after)]);
    this.#isIn = true;
    this.#onLost = () => {
      this.#isIn = false;
      this.#drop();
      void this.#comeBack();
    };
  }

  async #handshake(after: number | undefined): Promise<void> {
    const life = ++this.#life;
    const socket = await LoadSocket.open(this.#address, (why) => {
      if (life === this.#life) this.#onLost(why);
    });
    if (life !== this.#life) return socket.destroy();
    this.#socket = socket;
    socket.onText = (text) => {
      if (life === this.#life) this.#hear(text);
    };
    const connected = new Promise<void>((resolve) => (this.#onConnected = resolve));
    socket.send(JSON.stringify({ type: 'connect', id: randomUUID(), protocol: 1, token: this.#token }));
    await connected;
    const participantId = this.#participantId;
    const data = { participantId, instanceId: participantId, displayName: 'Guest' };
    const join = { type: 'call.join', callId: this.#callId, data };
    const { seq } = await this.#ask(after === undefined ? join : { ...join, after });
    while (this.received.seq < seq) await new Promise<void>((resolve) => (this.#onReceived = resolve));
  }

  /** @throws Error where it is refused. */
  #ask(message: object): Promise<{ seq: number }> {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      this.#onReply.set(id, (reply) => {
        if (reply.ok) resolve(reply);
        else reject(new Error(`${JSON.stringify(message)}: ${reply.error.code}`));
      });
      this.#socket!.send(JSON.stringify({ id, ...message }));
    });
  }

  #hear(text: string): void {
    for (const message of JSON.parse(text) as ServerMessage[]) {
      if (message.type === 'event') this.received.event(message.seq, message.after);
      else if (message.type === 'snapshot') this.received.snapshot(message.seq);
      else if (message.type === 'connected') this.#onConnected();
      else if (message.type === 'reply' && message.id !== null) {
        const answered = this.#onReply.get(message.id);
        this.#onReply.delete(message.id);
        answered?.(message);
      }
    }
    this.#onReceived();
  }

  #drop(): void {
    this.#life += 1;
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#onReply.clear();
  }
}
