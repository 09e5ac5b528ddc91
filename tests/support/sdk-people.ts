import { setTimeout as pause } from 'node:timers/promises';
import type { CallEvent, ServerMessage } from '@ringback/schemas';
import { RingbackClient, type Call, type Ports } from '../../clients/sdk/src/index.ts';
import { waitFor } from './wait-for.ts';

/** Between two actions of one person: about twenty a second in each call of four, far from any limit. */
const actEveryMs = 200;
/** Between two requests over HTTP of each call's host. */
const requestEveryMs = 300;

interface Person {
  readonly client: RingbackClient;
  readonly call: Call;
  /** Of the snapshot that it began with. */
  start: number | undefined;
  /** Events as the app was told them. */
  readonly told: number[];
  /** … and as they came over the wire, on all of its sockets. */
  readonly delivered: number[];
}

export interface Comparison {
  /** Actions that somebody was told are done. */
  acked: number;
  /** Events that somebody should have been told of and was not, that came over the wire twice, and commands that had two effects. */
  missed: number;
  twice: number;
  doubled: number;
  /** What an app would have noticed: requests and commands that failed, calls that ended, warnings. */
  faults: string[];
}

/** People in calls, by the SDK as an app has it, who act all the time and write down whatever an app would notice. */
export class SdkPeople {
  readonly #url: string;
  readonly #calls: { readonly host: RingbackClient; readonly callId: string; readonly people: Person[] }[] =
    [];
  readonly #faults: string[] = [];
  #acked = 0;
  #requests = 0;
  #running = true;
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(url: string) {
    this.#url = url;
  }

  /** They are in, and have begun to act. */
  static async start(
    url: string,
    { calls, perCall }: { calls: number; perCall: number },
  ): Promise<SdkPeople> {
    const all = new SdkPeople(url);
    for (let n = 0; n < calls; n++) await all.#begin(perCall);
    all.#busy = Promise.all(
      all.#calls.flatMap(({ host, callId, people }) => [
        all.#request(host, callId),
        ...people.map((person) => all.#act(person)),
      ]),
    );
    await all.goOn();
    return all;
  }

  /** Names of the gateways they are at, each with how many. `<gateway>/<incarnation>` */
  gateways(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { client } of this.#people) {
      const gateway = client.session?.gateway;
      if (gateway !== undefined) counts.set(gateway, (counts.get(gateway) ?? 0) + 1);
    }
    return counts;
  }

  /** Until everybody is in their call, nobody at a gateway of `gone`, and all of them have acted some more. */
  async goOn(gone: readonly string[] = []): Promise<void> {
    await waitFor(
      () =>
        this.#people.every(({ client, call }) => {
          const gateway = client.session?.gateway;
          return call.status === 'joined' && gateway !== undefined && !gone.includes(gateway);
        }),
      'everybody to be in their call',
      40_000,
    );
    const goals = { acked: this.#acked + 2 * this.#people.length, requests: this.#requests + 2 };
    await waitFor(
      () => this.#acked >= goals.acked && this.#requests >= goals.requests,
      'more actions and requests',
      40_000,
    );
  }

  /** Ends the acting, and compares what everybody was told with what is in the log. */
  async stop(): Promise<Comparison> {
    this.#running = false;
    await this.#busy;
    const result: Comparison = { acked: this.#acked, missed: 0, twice: 0, doubled: 0, faults: this.#faults };
    for (const { host, callId, people } of this.#calls) {
      const events: CallEvent[] = [];
      for await (const page of host.getEvents(callId)) events.push(...page);
      const head = events.at(-1)?.sequence ?? 0;
      // What does not come at all is for the comparison to say.
      await waitFor(() => people.every(({ call }) => call.seq >= head), 'everybody to have all').catch(
        () => {},
      );
      for (const person of people) compare(person, events, result);
      const causes = events.filter((event) => event.data.cause !== undefined).map((e) => e.causationid);
      result.doubled += causes.length - new Set(causes).size;
    }
    this.close();
    return result;
  }

  close(): void {
    this.#running = false;
    for (const { client } of this.#people) client.close();
  }

  get #people(): Person[] {
    return this.#calls.flatMap(({ people }) => people);
  }

  async #begin(perCall: number): Promise<void> {
    const people: Person[] = [];
    const newClient = async () => {
      const { token } = await RingbackClient.createGuest('Guest', { url: this.#url });
      const delivered: number[] = [];
      const client = new RingbackClient({ url: this.#url, token, ports: { WebSocket: tapped(delivered) } });
      client.on(
        'closed',
        ({ error }) => error !== undefined && this.#faults.push(`closed: ${error.message}`),
      );
      return { client, delivered };
    };
    const first = await newClient();
    const { callId } = await first.client.createCall();
    this.#calls.push({ host: first.client, callId, people });
    for (let n = 0; n < perCall; n++) {
      const { client, delivered } = n === 0 ? first : await newClient();
      const call = client.join(callId, { displayName: `Guest ${n}` });
      const person: Person = { client, call, start: undefined, told: [], delivered };
      call.on('state', () => (person.start ??= call.seq));
      call.on('event', ({ sequence }) => person.told.push(sequence));
      call.on('warning', ({ message }) => this.#faults.push(`warning: ${message}`));
      call.on('ended', ({ reason }) => this.#running && this.#faults.push(`ended: ${reason}`));
      await call.ready;
      people.push(person);
    }
  }

  async #act({ call }: Person): Promise<void> {
    for (let n = 0; this.#running; n++) {
      try {
        await (n % 2 === 0 ? call.raiseHand() : call.lowerHand());
        this.#acked += 1;
      } catch (error) {
        this.#faults.push(`an action: ${String(error)}`);
      }
      await pause(actEveryMs);
    }
  }

  /** Reads, and makes something. */
  async #request(host: RingbackClient, callId: string): Promise<void> {
    for (let n = 0; this.#running; n++) {
      try {
        await (n % 2 === 0 ? host.getCall(callId) : host.createCall());
        this.#requests += 1;
      } catch (error) {
        this.#faults.push(`a request: ${String(error)}`);
      }
      await pause(requestEveryMs);
    }
  }
}

function compare({ call, start, told, delivered }: Person, events: readonly CallEvent[], to: Comparison) {
  const seen = new Set(told);
  const due = events.filter(
    ({ sequence, data }) =>
      sequence > (start ?? 0) && (!('to' in data) || data.to === call.participantId) && !seen.has(sequence),
  );
  to.missed += due.length;
  to.twice += told.length - seen.size + delivered.length - new Set(delivered).size;
}

/** The runtime's own WebSocket, overheard. */
function tapped(delivered: number[]): Ports['WebSocket'] {
  class Tapped extends WebSocket {
    constructor(url: string) {
      super(url);
      this.addEventListener('message', ({ data }) => {
        for (const message of JSON.parse(String(data)) as ServerMessage[])
          if (message.type === 'event') delivered.push(message.seq);
      });
    }
  }
  return Tapped as unknown as Ports['WebSocket'];
}
