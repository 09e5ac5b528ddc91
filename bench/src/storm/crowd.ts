import { randomUUID } from 'node:crypto';
import { get, post } from '../../../tests/support/ws-client.ts';
import { signToken, type Tenant } from '../action/crowd.ts';
import { percentile } from '../stats.ts';
import { limits } from './limits.ts';
import { Person, type Counts } from './person.ts';

interface Group {
  readonly callId: string;
  readonly hostToken: string;
  readonly people: readonly Person[];
  /** Whose turn it is. */
  next: number;
}

export interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface StormResult {
  /** People whose socket broke, and how many of them are in their call again. */
  readonly lost: number;
  readonly resumed: number;
  /** From the kill until their end of the socket saw it break: the kernel has to take a process apart first. */
  readonly noticed: Spread;
  /** From the kill until somebody is in the call again and has all that they missed. */
  readonly resume: Spread;
  /** What they waited of their own accord. */
  readonly pauses: Spread;
  /** How often the one with most tries tried. */
  readonly attemptsMax: number;
  readonly eventsMissed: number;
  readonly eventsTwice: number;
  readonly acked: number;
  /** Actions that nobody was told the outcome of. */
  readonly unanswered: number;
  readonly refusals: Record<string, number>;
}

/** Everybody who is in a call, and what they do in turn: the load of this bench. */
export class Crowd {
  readonly #url: string;
  readonly #groups: Group[] = [];
  readonly #counts: Counts = { acked: 0, refusals: {} };
  #acting: NodeJS.Timeout | undefined;
  #killedAt = 0;

  private constructor(url: string) {
    this.#url = url;
  }

  static async join(url: string, calls: number, tenant: Tenant): Promise<Crowd> {
    const crowd = new Crowd(url);
    let left = calls;
    const some = async () => {
      while (left-- > 0) crowd.#groups.push(await crowd.#makeGroup(tenant));
    };
    await Promise.all(Array.from({ length: limits.joinsAtOnce }, some));
    return crowd;
  }

  /** From now on, call after call, evenly spaced. */
  act(perSecond: number): void {
    const begin = performance.now();
    let done = 0;
    this.#acting = setInterval(() => {
      for (; done < ((performance.now() - begin) * perSecond) / 1_000; done++)
        actIn(this.#groups[done % this.#groups.length]!);
    }, 5);
  }

  /** kill -9 of that process; settles when everybody is back, or it takes too long. */
  async storm(pid: number): Promise<void> {
    if (this.#returns.length > 0)
      throw new Error('a socket of the load ended by itself: nothing measured after that is comparable');
    this.#killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    const until = this.#killedAt + limits.backMsMax;
    const isOver = () => this.#returns.length > 0 && this.#people.every(({ isIn }) => isIn);
    while (!isOver() && performance.now() < until) await sleep(20);
  }

  /** Nobody acts any more; what is on its way arrives. */
  async end(): Promise<StormResult> {
    clearInterval(this.#acting);
    const until = performance.now() + limits.drainMs;
    while (this.#people.some(({ isBusy }) => isBusy) && performance.now() < until) await sleep(20);
    const heads = await this.#heads();
    for (const { callId, people } of this.#groups) {
      const head = heads.get(callId)!;
      while (people.some(({ received }) => received.seq < head) && performance.now() < until) await sleep(20);
      for (const { received } of people) received.end(head);
    }
    const people = this.#people;
    const returns = this.#returns;
    const back = returns.filter(({ resumedAt }) => resumedAt !== undefined);
    const sum = (of: (person: Person) => number) => people.reduce((all, person) => all + of(person), 0);
    return {
      lost: returns.length,
      resumed: back.length,
      noticed: spreadOf(returns.map(({ lostAt }) => lostAt - this.#killedAt)),
      resume: spreadOf(back.map(({ resumedAt }) => resumedAt! - this.#killedAt)),
      pauses: spreadOf(back.map(({ pausesMs }) => pausesMs)),
      attemptsMax: Math.max(0, ...back.map(({ attempts }) => attempts)),
      eventsMissed: sum(({ received }) => received.missed),
      eventsTwice: sum(({ received }) => received.twice),
      acked: this.#counts.acked,
      unanswered: people.filter(({ isBusy }) => isBusy).length,
      refusals: this.#counts.refusals,
    };
  }

  get #people(): Person[] {
    return this.#groups.flatMap(({ people }) => people);
  }

  get #returns() {
    return this.#people.flatMap(({ returns }) => returns);
  }

  async #makeGroup(tenant: Tenant): Promise<Group> {
    const hostToken = signToken(tenant, `host-${randomUUID()}`);
    const { callId } = await post<{ callId?: string }>(`${this.#url}/v1/calls`, {}, hostToken);
    if (callId === undefined) throw new Error('no call could be made');
    const people: Person[] = [];
    for (let n = 0; n < limits.peoplePerCall; n++) {
      const token = n === 0 ? hostToken : signToken(tenant, `guest-${randomUUID()}`);
      const person = new Person(this.#url, callId, token, this.#counts);
      await person.join();
      people.push(person);
    }
    return { callId, hostToken, people, next: 0 };
  }

  /** Where each call is, as its owner says. */
  async #heads(): Promise<Map<string, number>> {
    const heads = new Map<string, number>();
    const left = [...this.#groups];
    const some = async () => {
      for (let group = left.pop(); group !== undefined; group = left.pop()) {
        const { callId, hostToken } = group;
        const { seq } = await get<{ seq?: number }>(`${this.#url}/v1/calls/${callId}`, hostToken);
        if (seq === undefined) throw new Error(`${callId} can not be read`);
        heads.set(callId, seq);
      }
    };
    await Promise.all(Array.from({ length: limits.joinsAtOnce }, some));
    return heads;
  }
}

/** The next of a call's people who is there and has an answer to everything; nobody, where there is none. */
function actIn(group: Group): void {
  for (let tries = 0; tries < group.people.length; tries++) {
    const person = group.people[group.next++ % group.people.length]!;
    if (!person.isIn || person.isBusy) continue;
    person.act();
    return;
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
