import { NoAnswer, type Bus } from '@ringback/runtime';
import type { Process } from './process.ts';
import { Wire } from './wire.ts';
import type { World } from './world.ts';

type Handler = Parameters<Bus['subscribe']>[1];

interface Subscription {
  readonly subject: string;
  readonly pattern: RegExp | undefined;
  readonly handler: Handler;
  active: boolean;
}

/** What differs between seeds. */
export interface NetworkShape {
  /** Each message takes about this long. Milliseconds. */
  readonly delayMs: number;
  /** How many take much longer. 0 to 1. */
  readonly tail: number;
}

/** How long one message takes. Milliseconds. */
export function delayOf(world: World, { delayMs, tail }: NetworkShape): () => number {
  const chance = world.chance.fork();
  return () => delayMs * chance.between(0.5, 1.5) + (chance.is(tail) ? chance.spread(1, 400) : 0);
}

/** nats-server as a bus: at most once, in order per sender; a connection that breaks loses what is on it. */
export class Broker {
  readonly world: World;
  readonly shape: NetworkShape;
  readonly #connections = new Set<Connection>();

  constructor(world: World, shape: NetworkShape) {
    this.world = world;
    this.shape = shape;
  }

  connect(process: Process): Connection {
    const connection = new Connection(this, process);
    this.#connections.add(connection);
    return connection;
  }

  /** At the server: to all who listen there now. Returns how many. */
  route(
    subject: string,
    text: string,
    from: Process,
    reply: (over: Connection, answer: string) => void,
  ): number {
    let heard = 0;
    for (const connection of this.#connections) heard += connection.deliver(subject, text, from, reply);
    return heard;
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }
}

/** One process's connection to the server: the bus, and what the log is asked over it. */
export class Connection implements Bus {
  readonly process: Process;
  readonly #broker: Broker;
  readonly #up: Wire;
  readonly #down: Wire;
  readonly #subscriptions = new Set<Subscription>();
  /** Those that the server knows of. */
  readonly #served = new Set<Subscription>();
  #isUp = true;

  constructor(broker: Broker, process: Process) {
    this.#broker = broker;
    this.process = process;
    const { world, shape } = broker;
    const delay = delayOf(world, shape);
    this.#up = new Wire(world, delay);
    this.#down = new Wire(world, delay);
    // What a killed process had handed over still arrives; then the server sees its end.
    process.onKill(() => this.#up.send(() => this.#close()));
  }

  publish(subject: string, message: unknown): void {
    if (!this.process.alive) return;
    const text = JSON.stringify(message);
    // Dropped without a word, as the client does while it has no connection.
    if (this.#isUp) this.#up.send(() => this.#broker.route(subject, text, this.process, () => {}));
    if (this.process.crash === 'while-telling' && subject.startsWith('feed.')) this.process.kill();
  }

  subscribe(subject: string, handler: Handler): () => void {
    const words = subject.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+');
    const pattern = /[*>]/.test(subject) ? new RegExp(`^${words}$`) : undefined;
    const subscription: Subscription = { subject, pattern, handler, active: true };
    this.#subscriptions.add(subscription);
    if (this.#isUp) this.#up.send(() => this.#served.add(subscription));
    return () => {
      subscription.active = false;
      this.#subscriptions.delete(subscription);
      if (this.#isUp) this.#up.send(() => this.#served.delete(subscription));
    };
  }

  async request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    const text = JSON.stringify(message);
    const answer = await this.ask<string | undefined>((tell) => {
      const reply = (over: Connection, said: string) => over.#tellServer(() => tell(said));
      if (this.#broker.route(subject, text, this.process, reply) === 0) tell(undefined);
    }, timeoutMs);
    if (answer === undefined) throw new NoAnswer(subject, false);
    if (answer.value === undefined) throw new NoAnswer(subject, true);
    return JSON.parse(answer.value);
  }

  /**
   * Has `atServer` run at the server and gives what it tells first; undefined where that does not come in time.
   * A question on a connection that breaks ends by its time alone.
   */
  ask<T>(atServer: (tell: (value: T) => void) => void, timeoutMs: number): Promise<{ value: T } | undefined> {
    return new Promise((resolve) => {
      const cancel = this.process.clock.after(timeoutMs, () => resolve(undefined));
      const tell = (value: T) => {
        if (!this.#isUp) return;
        this.#down.send(() =>
          this.process.enter(() => {
            cancel();
            resolve({ value });
          }),
        );
      };
      if (this.process.alive && this.#isUp) this.#up.send(() => atServer(tell));
    });
  }

  /** At the server. */
  deliver(
    subject: string,
    text: string,
    from: Process,
    reply: (over: Connection, answer: string) => void,
  ): number {
    let heard = 0;
    for (const subscription of this.#served) {
      const { pattern } = subscription;
      if (pattern === undefined ? subscription.subject !== subject : !pattern.test(subject)) continue;
      heard += 1;
      this.#down.send(() => this.process.enter(() => this.#hear(subscription, subject, text, from, reply)));
    }
    return heard;
  }

  /** The connection breaks, and is there again `ms` later; a frozen process comes back once it wakes. */
  cut(ms: number): void {
    if (!this.#isUp || !this.process.alive) return;
    this.process.world.note(this.process.name, `loses the server for ${ms.toFixed(0)} ms`);
    this.#isUp = false;
    this.#up.cut();
    this.#down.cut();
    this.#served.clear();
    this.process.world.after(ms, () => this.process.enter(() => this.#reconnect()));
  }

  /** Nothing passes for a while, nothing is lost. */
  stall(ms: number): void {
    this.process.world.note(this.process.name, `hears and says nothing for ${ms.toFixed(0)} ms`);
    this.#up.stall(ms);
    this.#down.stall(ms);
  }

  #reconnect(): void {
    this.process.world.note(this.process.name, 'has the server again');
    this.#isUp = true;
    for (const subscription of this.#subscriptions) this.#up.send(() => this.#served.add(subscription));
  }

  #hear(
    subscription: Subscription,
    subject: string,
    text: string,
    from: Process,
    reply: (over: Connection, answer: string) => void,
  ): void {
    if (!subscription.active) return;
    this.process.world.note(this.process.name, `hears ${subject} from ${from.name}`, text);
    subscription.handler(JSON.parse(text), subject, (answer) => reply(this, JSON.stringify(answer)));
  }

  #tellServer(task: () => void): void {
    if (this.process.alive && this.#isUp) this.#up.send(task);
  }

  #close(): void {
    this.#served.clear();
    this.#broker.forget(this);
  }
}
