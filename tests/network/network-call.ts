import type { CallEvent } from '@ringback/schemas';
import type { Browser } from 'playwright-core';
import { mediaStats, newPerson, type MediaStats, type Person } from '../support/browser.ts';
import type { RunningPlatform } from '../support/running-platform.ts';
import { joinByLink, mediaFlows, startCall } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';
import { sides, type Side } from './lab.ts';

type CandidatePair = NonNullable<ConnectionChanged['data']['pair']>;
type ConnectionChanged = Extract<CallEvent, { type: 'call.connection.changed' }>;

/** A call of two, the host behind router a and the guest behind router b. */
export class NetworkCall {
  readonly people: Readonly<Record<Side, Person>>;
  readonly callId: string;
  readonly #platform: RunningPlatform;

  private constructor(people: Record<Side, Person>, callId: string, platform: RunningPlatform) {
    this.people = people;
    this.callId = callId;
    this.#platform = platform;
  }

  static async start(
    browsers: Readonly<Record<Side, Browser>>,
    url: string,
    platform: RunningPlatform,
  ): Promise<NetworkCall> {
    const people = { a: await newPerson(browsers.a), b: await newPerson(browsers.b) };
    const link = await startCall(people.a, url, 'Host');
    await joinByLink(people.b, link, 'Guest');
    return new NetworkCall(people, link.split('/').at(-1)!, platform);
  }

  async close(): Promise<void> {
    for (const side of sides) await this.people[side].context.close();
  }

  /** Waits until pictures and sound arrive on both sides; what getStats says then. */
  async media(what: string): Promise<Record<Side, MediaStats>> {
    const [a, b] = await Promise.all(
      sides.map((side) => mediaFlows(this.people[side].page, `${what}, side ${side}`)),
    );
    return { a: a!, b: b! };
  }

  facts(): Promise<CallEvent[]> {
    return this.#platform.factsOf(this.callId);
  }

  /**
   * Waits until pictures and sound arrive on both sides, and until what each side last reported in the log is what its
   * getStats says.
   */
  async settled(what: string): Promise<Record<Side, MediaStats>> {
    await this.media(what);
    let seen: unknown;
    const agree = async () => {
      const facts = await this.facts();
      const joined = facts.filter((fact) => fact.type === 'call.participant.joined');
      const stats = await this.stats();
      const both = sides.map((side, i) => {
        const reported = lastConnection(facts, joined[i]!.data.participantId);
        const inLog = reported?.state === 'connected' ? kindOf(reported.pair) : (reported?.state ?? 'none');
        return { side, inLog, inStats: kindOf(stats[side]) };
      });
      seen = both;
      return both.every(({ inLog, inStats }) => inLog === inStats) && (stats as Record<Side, MediaStats>);
    };
    try {
      return await waitFor(agree, 'the log to say what getStats says', 40_000);
    } catch (error) {
      throw new Error(`${what}: ${JSON.stringify(seen)}`, { cause: error });
    }
  }

  /** What the badge on the other's tile says. */
  async quality(side: Side): Promise<{ word: string | null; text: string }> {
    const badge = this.people[side].page.locator('[data-testid=quality][aria-label^="Connection to"]');
    const word = await badge.getAttribute('data-word');
    return { word, text: (await badge.getAttribute('aria-label')) ?? '' };
  }

  async stats(): Promise<Partial<Record<Side, MediaStats>>> {
    const [a, b] = await Promise.all(sides.map((side) => mediaStats(this.people[side].page)));
    return { ...(a && { a }), ...(b && { b }) };
  }

  /** The largest share of packets lost that a client measured or was told of, as its samples in the log say. */
  async reportedLoss(): Promise<number> {
    const all = await this.#platform.timelineOf(this.callId);
    const samples = all.flatMap((event) =>
      event.type === 'call.client.reported' && event.data.report.kind === 'quality'
        ? event.data.report.samples
        : [],
    );
    return Math.max(0, ...samples.map(({ fractionLost }) => fractionLost ?? 0));
  }

  async types(): Promise<CallEvent['type'][]> {
    return (await this.facts()).map((fact) => fact.type);
  }
}

function kindOf(pair: Partial<MediaStats> | CandidatePair | undefined): string {
  return [pair?.localCandidateType, pair?.remoteCandidateType, pair?.relayProtocol].join();
}

function lastConnection(
  facts: readonly CallEvent[],
  participantId: string,
): ConnectionChanged['data'] | undefined {
  return facts.findLast(
    (fact): fact is ConnectionChanged =>
      fact.type === 'call.connection.changed' && fact.data.participantId === participantId,
  )?.data;
}
