// Gateways that die, begin anew and lose news, people who come and go: in the end everybody knows what is so.
import { seededIds, type Bus } from '@ringback/runtime';
import type { Presence, UserPresence } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { mostPresent } from './devices.ts';
import { PeopleStage, type TestDevice, type TestEdge } from './testing.ts';

const tenants = ['default', 'other'] as const;
const users = Array.from('abcdefgh');

class Story {
  readonly stage = new PeopleStage();
  readonly devices = new Set<TestDevice>();
  /** What each follower knows: the answer to its list, and what it heard since. */
  readonly lists = new Map<TestDevice, { answer: UserPresence[]; from: number }>();
  readonly #random: () => number;
  #losing = true;
  #lives = 0;

  constructor(seed: number) {
    this.#random = seededIds(seed).random;
    for (const n of [1, 2, 3]) this.#begin(`edge-${n}`);
  }

  #of<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  get #alive(): TestEdge[] {
    return this.stage.edges.filter(({ isAlive }) => isAlive);
  }

  #begin(gateway: string): void {
    const { bus } = this.stage;
    const lossy: Bus = {
      publish: (subject, message) => {
        const isLost = this.#losing && subject.startsWith('presence.') && this.#random() < 0.3;
        if (!isLost) bus.publish(subject, message);
      },
      subscribe: (...args) => bus.subscribe(...args),
      request: (...args) => bus.request(...args),
    };
    this.stage.edge(gateway, { bus: lossy, incarnation: String(++this.#lives) });
  }

  #kill(edge: TestEdge): void {
    edge.kill();
    for (const device of this.devices) {
      if (device.edge !== edge) continue;
      this.devices.delete(device);
      this.lists.delete(device);
    }
  }

  async step(): Promise<void> {
    const edge = this.#of(this.#alive);
    const device = this.devices.size > 0 ? this.#of([...this.devices]) : undefined;
    const what = this.#random();
    if (what < 0.25) this.devices.add(edge.device(this.#of(users), this.#of(tenants)));
    else if (what < 0.4) device?.is({ isInCall: this.#random() < 0.5, isAway: this.#random() < 0.5 });
    else if (what < 0.5 && device !== undefined) {
      device.leave();
      this.devices.delete(device);
      this.lists.delete(device);
    } else if (what < 0.65 && device !== undefined) await this.#follow(device);
    else if (what < 0.66 && this.#alive.length > 2) this.#kill(edge);
    else if (what < 0.67) {
      // At once, as a supervisor does, so before anybody misses it.
      this.#kill(edge);
      this.#begin(edge.gateway);
    } else if (what < 0.75) await this.stage.pass(1_000 * Math.ceil(this.#random() * 4));
    // News go one by one, or several together.
    else await this.stage.drained();
  }

  async #follow(device: TestDevice): Promise<void> {
    // A gateway that has just begun answers a moment later.
    while (!device.edge.isSettled) await this.stage.pass(1_000);
    const from = device.heard.length;
    const answer = await device.follow(...users.filter(() => this.#random() < 0.7));
    this.lists.set(device, { answer: answer!, from });
  }

  /** Nothing is lost any more, and everything that is due comes. */
  async heal(): Promise<void> {
    this.#losing = false;
    await this.stage.pass(limits.presenceLingerMs + limits.neighbourSilentMs + 5_000);
  }

  truth(tenantId: string, userId: string): Presence {
    const theirs = [...this.devices].filter((d) => d.tenantId === tenantId && d.userId === userId);
    return mostPresent(theirs.map((d) => (d.isInCall ? 'in-call' : d.isAway ? 'away' : 'online')));
  }

  async check(): Promise<void> {
    for (const [device, { answer, from }] of this.lists) {
      const known = new Map(answer.map(({ userId, presence }) => [userId, presence]));
      for (const { userId, presence } of device.heard.slice(from)) {
        expect(known.has(userId), 'heard of somebody who is not on the list').toBe(true);
        known.set(userId, presence);
      }
      for (const [userId, presence] of known)
        expect([userId, presence]).toEqual([userId, this.truth(device.tenantId, userId)]);
    }
    for (const { people } of this.#alive)
      for (const tenantId of tenants) {
        const expected = users.map((userId) => ({ userId, presence: this.truth(tenantId, userId) }));
        expect(await people.presenceOf(tenantId, users)).toEqual({ users: expected, complete: true });
      }
  }

  stop(): void {
    for (const { people } of this.stage.edges) people.stop();
  }
}

it.each(Array.from({ length: 30 }, (_, seed) => seed))('seed %i', async (seed) => {
  const story = new Story(seed);
  for (let n = 0; n < 150; n++) await story.step();
  await story.heal();
  await story.check();
  story.stop();
});
