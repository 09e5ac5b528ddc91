import { createHmac, randomUUID } from 'node:crypto';
import { post } from '../../../tests/support/ws-client.ts';
import { cpuMs, machineCpuMs } from '../cpu.ts';
import { countsOf, openLoop } from '../open-loop.ts';
import { actionId, eachEvent, eachReply } from './action-ids.ts';
import { limits } from './limits.ts';
import { LoadSocket } from './socket.ts';
import { Tally, type WindowFigures } from './tally.ts';

export interface Tenant {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface WindowRequest {
  readonly perSecond: number;
  readonly leadMs: number;
  readonly ms: number;
  /** Processes whose CPU time is taken, by name. */
  readonly pids: Record<string, number>;
}

export interface WindowResult extends WindowFigures {
  /** CPU time in the measured part, by name; `load` is this process, `machine` everything. Milliseconds. */
  readonly cpuMs: Record<string, number>;
  readonly ms: number;
  /** How late this process sent at worst. Milliseconds; part of the latencies. */
  readonly lateMsMax: number;
}

/** One call. Its people speak in turn: once around they mute, once around they unmute. */
interface Group {
  readonly sockets: readonly LoadSocket[];
  /** `{"type":"call.mute","id":"` and what stands behind the id; then the same for unmute. */
  readonly messages: readonly (readonly [string, string])[];
}

/** Everybody who is in a call, and what they do in turn: the load of this bench. */
export class Crowd {
  readonly #groups: Group[] = [];
  readonly #replies: boolean;
  #tally: Tally | undefined;
  #next = 0;
  #sample: string | undefined;
  #ended: string | undefined;

  /** @param replies whether who speaks is answered: a bare echo answers with the event alone. */
  constructor(replies: boolean) {
    this.#replies = replies;
  }

  /** Calls of four at a platform: made, joined, a track published by everyone. */
  async joinCalls(url: string, calls: number, tenant: Tenant): Promise<void> {
    await this.#makeGroups(calls, async () => {
      const host = `host-${randomUUID()}`;
      const { callId } = await post<{ callId?: string }>(`${url}/v1/calls`, {}, signToken(tenant, host));
      if (callId === undefined) throw new Error('no call could be made');
      const names = [
        host,
        ...Array.from({ length: limits.peoplePerCall - 1 }, () => `guest-${randomUUID()}`),
      ];
      const sockets: LoadSocket[] = [];
      for (const name of names) sockets.push(await this.#join(url, callId, name, tenant));
      const track = { trackId: 'microphone', kind: 'audio', source: 'microphone', muted: false };
      for (const socket of sockets)
        await ask(socket, { type: 'call.publish', callId, data: { track } }, '"type":"reply"');
      return { callId, sockets };
    });
  }

  /** As many sockets at the bare echo; a room of four for a call. */
  async joinRooms(url: string, calls: number): Promise<void> {
    const callId = `00-${randomUUID()}`;
    let room = 0;
    await this.#makeGroups(calls, async () => {
      const address = new URL(`/?room=${room++}`, url);
      const open = () => LoadSocket.open(address, (why) => (this.#ended ??= why));
      return { callId, sockets: await Promise.all(Array.from({ length: limits.peoplePerCall }, open)) };
    });
  }

  /** A frame with one event of an action, as a listener got it. Of the last window. */
  get sample(): string {
    if (this.#sample === undefined) throw new Error('nothing was delivered yet');
    return this.#sample;
  }

  /** @throws Error where a socket ended: nothing measured after that is comparable. */
  async window({ perSecond, leadMs, ms, pids }: WindowRequest): Promise<WindowResult> {
    const { lead, all } = countsOf({ perSecond, leadMs, ms });
    const first = this.#next;
    const { peoplePerCall } = limits;
    const tally = new Tally({ first, lead, all, deliveries: peoplePerCall - 1, replies: this.#replies });
    this.#next += all;
    this.#tally = tally;
    const read = (): Record<string, number> => ({
      ...Object.fromEntries(
        Object.entries({ ...pids, load: process.pid }).map(([name, pid]) => [name, cpuMs(pid)]),
      ),
      machine: machineCpuMs(),
    });
    let before: Record<string, number> = {};
    let began = 0;
    const { lateMsMax } = await openLoop({
      perSecond,
      leadMs,
      ms,
      measure: () => {
        before = read();
        began = performance.now();
      },
      send: (index, dueMs) => {
        tally.sent(first + index, dueMs);
        this.#act(first + index);
      },
    });
    const measuredMs = performance.now() - began;
    const after = read();
    const until = performance.now() + limits.drainMs;
    while (!tally.complete && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10));
    if (this.#ended !== undefined) throw new Error(`a socket of the load ended: ${this.#ended}`);
    const spent = Object.entries(after).map(([name, end]) => [name, end - before[name]!]);
    return { ...tally.figures(), cpuMs: Object.fromEntries(spent), ms: measuredMs, lateMsMax };
  }

  #act(number: number): void {
    const { sockets, messages } = this.#groups[number % this.#groups.length]!;
    const lap = Math.floor(number / this.#groups.length / limits.peoplePerCall);
    const [before, after] = messages[lap % 2]!;
    sockets[this.#memberOf(number)]!.send(before + actionId(number) + after);
  }

  /** Whose turn it is in the call that does this action. */
  #memberOf(number: number): number {
    return Math.floor(number / this.#groups.length) % limits.peoplePerCall;
  }

  /** Some at once, in the order they come. */
  async #makeGroups(
    count: number,
    make: () => Promise<{ callId: string; sockets: readonly LoadSocket[] }>,
  ): Promise<void> {
    let left = count;
    const one = async () => {
      while (left-- > 0) {
        const { callId, sockets } = await make();
        const messages = ['call.mute', 'call.unmute'].map(
          (type) =>
            [`{"type":"${type}","id":"`, `","callId":"${callId}","data":{"trackId":"microphone"}}`] as const,
        );
        for (const [member, socket] of sockets.entries()) socket.onText = (text) => this.#hear(member, text);
        this.#groups.push({ sockets, messages });
      }
    };
    await Promise.all(Array.from({ length: limits.joinsAtOnce }, one));
  }

  #hear(member: number, text: string): void {
    const now = performance.now();
    let count = 0;
    eachEvent(text, (number) => {
      count += 1;
      // Who did it gets the event too, but is none of the three that wait for it.
      if (this.#memberOf(number) !== member) this.#tally?.delivered(number, now);
    });
    if (this.#replies) eachReply(text, (number, refusal) => this.#tally?.replied(number, refusal));
    if (count === 1 && !text.includes('"reply"')) this.#sample ??= text;
  }

  async #join(url: string, callId: string, userId: string, tenant: Tenant): Promise<LoadSocket> {
    const address = new URL('/v1/ws', url);
    const socket = await LoadSocket.open(address, (why) => (this.#ended ??= why));
    const token = signToken(tenant, userId);
    await ask(socket, { type: 'connect', protocol: 1, token }, '"type":"connected"');
    const participantId = randomUUID();
    const data = { participantId, instanceId: participantId, displayName: userId.slice(0, 20) };
    await ask(socket, { type: 'call.join', callId, data }, '"type":"snapshot"');
    return socket;
  }
}

/** Says something and waits for what has to come of it; nothing that is refused has it. */
function ask(socket: LoadSocket, message: object, expected: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${JSON.stringify(message)}: ${why}`));
    const timer = setTimeout(() => fail(`no ${expected}`), limits.answerMs);
    socket.onText = (text) => {
      const refused = text.includes('"ok":false');
      if (!refused && !text.includes(expected)) return;
      clearTimeout(timer);
      if (refused) fail(text);
      else resolve();
    };
    socket.send(JSON.stringify({ id: randomUUID(), ...message }));
  });
}

/** A join token (RFC 7519, HS256) for an hour. */
export function signToken({ apiKey, apiSecret }: Tenant, userId: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const video = { roomJoin: true, roomCreate: true };
  const payload = { iss: apiKey, aud: 'ringback', sub: userId, iat: now, exp: now + 3_600, video };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', apiSecret).update(signed).digest('base64url')}`;
}
