import { RequestError, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { limits } from './limits.ts';

/** What workers and gateways meet on: subjects with JSON messages, at most once, in order per sender. */
export interface Bus {
  publish(subject: string, message: unknown): void;
  /** `*` stands for one word. The returned function ends the subscription. */
  subscribe(
    subject: string,
    handler: (message: unknown, subject: string, reply: (answer: unknown) => void) => void,
  ): () => void;
  /** @throws NoAnswer where nobody listens or nobody answers in time. */
  request(subject: string, message: unknown, timeoutMs: number): Promise<unknown>;
}

/** A message that is not JSON, or has not the form that its subject demands. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';

  constructor(what: string) {
    super(what.slice(0, limits.badMessageLengthMax));
  }
}

/**
 * Subscribes to messages of one form. What has another is not handled: whoever asked is told so, and the bus's own
 * watcher. A message comes as it was sent, with fields that only newer code knows.
 */
export function listen<T>(
  bus: Pick<Bus, 'subscribe'>,
  subject: string,
  form: z.ZodType<T>,
  handler: (message: T, subject: string, reply: (answer: unknown) => void) => void,
): () => void {
  return bus.subscribe(subject, (message, on, reply) => {
    const read = form.safeParse(message);
    if (read.success) return handler(message as T, on, reply);
    const { path, message: what } = read.error.issues[0]!;
    const error = new BadMessage(`${path.join('.') || 'the message'}: ${what}`);
    reply({ ok: false, error: { code: 'invalid', message: error.message } });
    throw error;
  });
}

/** A message whose JSON is there already; on any bus the same as the value that it stands for. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** Nobody answered a request: transient, ask again. */
export class NoAnswer extends Error {
  readonly subject: string;
  /** True where the bus knows that nobody listens; false where the time ran out. */
  readonly nobodyListens: boolean;

  constructor(subject: string, nobodyListens: boolean, cause?: unknown) {
    super(`no answer on ${subject}: ${nobodyListens ? 'nobody listens' : 'time ran out'}`, { cause });
    this.name = 'NoAnswer';
    this.subject = subject;
    this.nobodyListens = nobodyListens;
  }
}

/** Core NATS. A publish while disconnected is dropped: whoever needs an answer repeats, by id. */
export class NatsBus implements Bus {
  readonly #nc: NatsConnection;
  readonly #onFault: (subject: string, error: unknown) => void;

  /** @param onFault told of messages that can not be read, handled or sent; nothing of that is thrown. */
  constructor(nc: NatsConnection, onFault: (subject: string, error: unknown) => void) {
    this.#nc = nc;
    this.#onFault = onFault;
  }

  publish(subject: string, message: unknown): void {
    this.#guard(subject, () => {
      if (this.#nc.isClosed()) return;
      this.#nc.publish(subject, message instanceof JsonText ? message.text : JSON.stringify(message));
    });
  }

  subscribe(
    subject: string,
    handler: (message: unknown, subject: string, reply: (answer: unknown) => void) => void,
  ): () => void {
    const subscription = this.#nc.subscribe(subject, {
      callback: (error, msg) => {
        if (error) return this.#onFault(subject, error);
        // What is thrown here would end the whole connection.
        this.#guard(msg.subject, () => {
          const reply = (answer: unknown) =>
            this.#guard(msg.subject, () => msg.respond(JSON.stringify(answer)));
          handler(readJson(msg), msg.subject, reply);
        });
      },
    });
    return () => subscription.unsubscribe();
  }

  async request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    try {
      const answer = await this.#nc.request(subject, JSON.stringify(message), { timeout: timeoutMs });
      return answer.json();
    } catch (error) {
      throw new NoAnswer(subject, error instanceof RequestError && error.isNoResponders(), error);
    }
  }

  #guard(subject: string, task: () => unknown): void {
    try {
      task();
    } catch (error) {
      this.#onFault(subject, error);
    }
  }
}

function readJson(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    // What a parser says quotes the message, which may hold what no log should.
    throw new BadMessage('it is no JSON');
  }
}

/** The twin of core NATS in one process: asynchronous, in order, and JSON on the way so that nothing is shared. */
export class MemoryBus implements Bus {
  readonly #handlers = new Set<{
    pattern: RegExp;
    handler: (message: unknown, subject: string, reply: (answer: unknown) => void) => void;
  }>();

  publish(subject: string, message: unknown): void {
    const text = message instanceof JsonText ? message.text : JSON.stringify(message);
    queueMicrotask(() => this.#deliver(subject, text, () => {}));
  }

  subscribe(
    subject: string,
    handler: (message: unknown, subject: string, reply: (answer: unknown) => void) => void,
  ): () => void {
    const pattern = new RegExp(
      `^${subject.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+')}$`,
    );
    const entry = { pattern, handler };
    this.#handlers.add(entry);
    return () => void this.#handlers.delete(entry);
  }

  request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    const text = JSON.stringify(message);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new NoAnswer(subject, false)), timeoutMs);
      queueMicrotask(() => {
        const heard = this.#deliver(subject, text, (answer) => {
          clearTimeout(timer);
          resolve(JSON.parse(JSON.stringify(answer)));
        });
        if (heard) return;
        clearTimeout(timer);
        reject(new NoAnswer(subject, true));
      });
    });
  }

  #deliver(subject: string, text: string, reply: (answer: unknown) => void): boolean {
    const heard = [...this.#handlers].filter((h) => h.pattern.test(subject));
    for (const { handler } of heard) handler(JSON.parse(text), subject, reply);
    return heard.length > 0;
  }
}
