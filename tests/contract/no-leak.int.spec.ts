import type { Bus } from '@ringback/runtime';
import type { CallEvent, FeedMessage, Question } from '@ringback/schemas';
import { afterEach, describe, expect, it } from 'vitest';
import { fuzzOptions } from '../support/fuzz.ts';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { leaksOf } from '../support/tenants.ts';

let platform: InProcessPlatform;
afterEach(() => platform.close());

/** Enough for each of 14 people to say each type to each call once, by chance; less than a gateway lets through at once. */
const messagesEach = 100;

const leaksWith = async (seed: number, edgeBus?: (bus: Bus) => Bus) => {
  platform = await InProcessPlatform.start(edgeBus === undefined ? {} : { edgeBus });
  return leaksOf(platform, seed, messagesEach);
};

describe('whatever two tenants say', () => {
  it.each([0, 1])(
    'nothing of one call reaches another, and nothing of one tenant the other: seed + %i',
    async (n) => {
      expect(await leaksWith(fuzzOptions.seed + n)).toEqual([]);
    },
  );

  // That it would be seen if it did.
  it('an owner who does not look at the tenant is caught', async () => {
    const leaks = await leaksWith(fuzzOptions.seed, (bus) => new WithoutTenant(bus));
    expect(leaks.join('\n')).toMatch(/^default-admin read calls\//m);
    expect(leaks.join('\n')).toMatch(/^default-admin read of \S+ in calls: /m);
    expect(leaks.join('\n')).toMatch(/^\S+-admin heard the words of/m);
  });

  it('a feed that mixes up calls is caught', async () => {
    const leaks = await leaksWith(fuzzOptions.seed, (bus) => new MixedUp(bus));
    expect(leaks.join('\n')).toMatch(/-(host|guest)-\d heard the words of/);
  });
});

class Passing implements Bus {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  publish(subject: string, message: unknown): void {
    this.#bus.publish(subject, message);
  }

  subscribe(...args: Parameters<Bus['subscribe']>): () => void {
    return this.#bus.subscribe(...args);
  }

  request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    return this.#bus.request(subject, message, timeoutMs);
  }
}

/** Questions without a tenant are an operator's: the owner answers them whoever asks. */
class WithoutTenant extends Passing {
  override request(subject: string, message: unknown, timeoutMs: number): Promise<unknown> {
    const { tenantId: _, ...question } = message as Question & { tenantId?: string };
    return super.request(subject, question, timeoutMs);
  }
}

/** What happened in one call is told in another. */
class MixedUp extends Passing {
  override subscribe(
    subject: string,
    handler: (message: unknown, subject: string, reply: (answer: unknown) => void) => void,
  ): () => void {
    if (!subject.startsWith('feed.')) return super.subscribe(subject, handler);
    let last: CallEvent | undefined;
    const mixUp = (event: CallEvent): CallEvent => {
      const other = last;
      last = event;
      if (other === undefined || other.subject === event.subject) return event;
      return { ...event, type: other.type, data: other.data } as CallEvent;
    };
    return super.subscribe(subject, (message, on, reply) => {
      const feed = message as FeedMessage;
      handler({ ...feed, events: feed.events.map(mixUp) }, on, reply);
    });
  }
}
