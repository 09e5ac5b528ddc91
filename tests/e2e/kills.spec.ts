import { randomUUID } from 'node:crypto';
import type { CallEvent, CallView } from '@ringback/schemas';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person } from '../support/browser.ts';
import { RunningPlatform } from '../support/running-platform.ts';
import { mediaFlows, twoPeople } from '../support/two-people.ts';
import { waitFor } from '../support/wait-for.ts';
import { get, joinAs, post, WsClient } from '../support/ws-client.ts';

/** kill -9 of each process during a real call: what was acknowledged stays, and everyone comes back by themselves. */
describe('kill -9 during a call', () => {
  let platform: RunningPlatform;
  let browser: Browser;
  let host: Person;
  let guest: Person;
  let callId: string;
  let bot: SteadyBot;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    browser = await launchBrowser();
    ({ host, guest, callId } = await twoPeople(browser, platform.url));
    await mediaFlows(host.page, 'host');
    bot = await SteadyBot.start(platform);
  });
  afterAll(async () => {
    await bot?.stop();
    await browser?.close();
    await platform?.stop();
  });

  const callEvents = () => platform.factsOf(callId);
  const mutes = async () => (await callEvents()).filter((e) => e.type === 'call.track.muted').length;
  const heldBy = (page: Page) =>
    page.evaluate(() => (window as unknown as { ringback: { call?: { seq: number } } }).ringback.call?.seq);

  it.each(['calls worker', 'edge', 'nats-server'])('%s', async (name) => {
    await bot.moreAcks(20);
    await platform.kill(name);
    // Goes on without anybody's help.
    await bot.moreAcks(20);
    await bot.expectAllAckedKept();

    // The two in the browsers see each other, act, and have what the log has.
    const before = await mutes();
    await host.page.getByTestId('mute').click();
    await waitFor(async () => (await mutes()) > before, 'the mute to be in the log', 40_000);
    await host.page.getByTestId('mute').click();
    for (const { page } of [host, guest]) {
      await mediaFlows(page, `after the death of ${name}`);
      await waitFor(
        async () => (await heldBy(page)) === (await callEvents()).length,
        'the page to be at the head',
        40_000,
      );
    }
    const left = (await callEvents()).filter((e) => e.type === 'call.participant.left');
    expect(left).toEqual([]);
    expect([...host.errors, ...guest.errors]).toEqual([]);
  });

  it('the state that the platform holds is the fold of what is in the log', async () => {
    await bot.stop();
    expect(await platform.ringback('export', bot.callId, '-o', 'killed.ndjson')).toMatchObject({ code: 0 });
    const replayed = await platform.ringback('replay', 'killed.ndjson', '--json');
    expect(replayed.code).toBe(0);
    const { stateHash, facts: seq } = JSON.parse(replayed.stdout) as { stateHash: string; facts: number };
    expect(seq).toBeGreaterThanOrEqual(bot.acked.at(-1)!.seq);
    // The bot's socket closed after the export was cut, so the platform may be one fact ahead.
    const ahead = await bot.state();
    if (ahead.seq === seq) expect(stateHash).toBe(ahead.stateHash);
    else expect(ahead.seq).toBeGreaterThan(seq);
  });
});

/** Somebody in a call of their own who acts all the time and writes down every acknowledgement. */
class SteadyBot {
  readonly acked: { id: string; seq: number }[] = [];
  callId = '';
  readonly #platform: RunningPlatform;
  readonly #token: string;
  readonly #participantId = randomUUID();
  #client: WsClient | undefined;
  #running = true;
  #done: Promise<void> = Promise.resolve();

  private constructor(platform: RunningPlatform, token: string) {
    this.#platform = platform;
    this.#token = token;
  }

  static async start(platform: RunningPlatform): Promise<SteadyBot> {
    const { token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'Bot' });
    const bot = new SteadyBot(platform, token);
    bot.callId = (await post<{ callId: string }>(`${platform.url}/v1/calls`, {}, token)).callId;
    bot.#done = bot.#act();
    await bot.moreAcks(1);
    return bot;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    this.#client?.close();
  }

  async moreAcks(count: number): Promise<void> {
    const goal = this.acked.length + count;
    await waitFor(() => this.acked.length >= goal, `${count} more acknowledgements`, 60_000);
  }

  /** Every acknowledged command stands in the log, where its sender was told, once. */
  async expectAllAckedKept(): Promise<void> {
    const acked = [...this.acked];
    const events = await this.#events();
    expect(events.map((e) => e.sequence)).toEqual(events.map((_, i) => i + 1));
    for (const { id, seq } of acked) expect(events[seq - 1]?.causationid, `acknowledged as ${seq}`).toBe(id);
    const causes = events.filter((e) => e.data.cause !== undefined).map((e) => e.causationid);
    expect(new Set(causes).size).toBe(causes.length);
  }

  state(): Promise<{ stateHash: string; seq: number; state: CallView }> {
    return get(`${this.#platform.url}/v1/calls/${this.callId}`, this.#token);
  }

  async #events(): Promise<CallEvent[]> {
    const all: CallEvent[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const url = `${this.#platform.url}/v1/calls/${this.callId}/events?after=${after}`;
      const page: { events: CallEvent[]; next?: number } = await get(url, this.#token);
      all.push(...page.events);
      after = page.next;
    }
    return all;
  }

  async #act(): Promise<void> {
    const track = { trackId: 'steady', kind: 'audio', source: 'microphone', muted: false };
    await this.#untilAcked({ type: 'call.publish', data: { track } });
    for (let i = 0; this.#running; i++)
      await this.#untilAcked({
        type: i % 2 === 0 ? 'call.mute' : 'call.unmute',
        data: { trackId: 'steady' },
      });
  }

  /** One command, repeated with its id until it is acknowledged, as clients do. */
  async #untilAcked(command: { type: string; data: object }): Promise<void> {
    const id = randomUUID();
    while (this.#running) {
      const client = await this.#connected();
      if (client === undefined) continue;
      client.send({ id, callId: this.callId, ...command });
      const isOver = () => client.of('reply').find((r) => r.id === id) ?? client.closed;
      const outcome = await waitFor(isOver, 'a reply or the end of the socket', 30_000);
      if ('ok' in outcome && outcome.ok) return void this.acked.push({ id, seq: outcome.seq });
      // Not known, or not this session any more: come back and repeat. Anything else is a fault.
      if ('ok' in outcome)
        expect(['unknown_outcome', 'overloaded', 'session_replaced', 'not_in_call']).toContain(
          outcome.error.code,
        );
      client.close();
      this.#client = undefined;
    }
  }

  /** A socket that has joined; `undefined` where it can not be had just now. */
  async #connected(): Promise<WsClient | undefined> {
    if (this.#client !== undefined && this.#client.closed === undefined) return this.#client;
    try {
      const client = await WsClient.open(this.#platform.url, this.#token);
      const reply = await client.ask(joinAs(this.callId, this.#participantId, 'Bot'));
      return (this.#client = reply.ok ? client : undefined);
    } catch {
      return undefined;
    }
  }
}
