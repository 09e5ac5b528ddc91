import { randomUUID } from 'node:crypto';
import type { CallEvent, CallView } from '@ringback/schemas';
import type { RunningPlatform } from './running-platform.ts';
import { waitFor } from './wait-for.ts';
import { get, joinAs, post, WsClient } from './ws-client.ts';

export interface Comparison {
  acked: number;
  /** Acknowledged, and not in the log where its sender was told. */
  lost: number;
  /** Commands that stand in the log more than once. */
  duplicated: number;
}

/** A quick machine lets it say more than a session may; the tokens of some commands are back after this. */
const slowDownMs = 200;

/** Refusals that a client comes back from by itself. */
const passing = new Set<string>(['unknown_outcome', 'overloaded', 'session_replaced', 'not_in_call']);

/** Somebody in a call of their own who acts all the time and writes down every acknowledgement. */
export class SteadyBot {
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

  /** How what was acknowledged until now compares with the log. */
  async compare(): Promise<Comparison> {
    const acked = [...this.acked];
    return count(acked, await this.#events());
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
      const replies = () => client.of('reply').filter((r) => r.id === id);
      const before = replies().length;
      client.send({ id, callId: this.callId, ...command });
      const isOver = () => replies()[before] ?? client.closed;
      const outcome = await waitFor(isOver, 'a reply or the end of the socket', 30_000);
      if ('ok' in outcome && outcome.ok) return void this.acked.push({ id, seq: outcome.seq });
      if ('ok' in outcome && outcome.error.code === 'rate_limited') {
        await new Promise((resolve) => setTimeout(resolve, slowDownMs));
        continue;
      }
      // Not known, or not this session any more: come back and repeat. Anything else is a fault.
      if ('ok' in outcome && !passing.has(outcome.error.code))
        throw new Error(`${command.type} was refused: ${outcome.error.message}`);
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

function count(acked: readonly { id: string; seq: number }[], events: readonly CallEvent[]): Comparison {
  if (events.some(({ sequence }, index) => sequence !== index + 1)) throw new Error('the log has a gap');
  const causes = events.filter((e) => e.data.cause !== undefined).map((e) => e.causationid);
  return {
    acked: acked.length,
    lost: acked.filter(({ id, seq }) => events[seq - 1]?.causationid !== id).length,
    duplicated: causes.length - new Set(causes).size,
  };
}
