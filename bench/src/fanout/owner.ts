import { randomUUID } from 'node:crypto';
import { initialState, type CallState } from '@ringback/domain';
import { ask, host, join, play, settings } from '@ringback/domain/testing';
import { stateHash } from '@ringback/eventlog';
import { connectNats, JsonText, NatsBus, systemIds } from '@ringback/runtime';
import {
  makeCallId,
  ownerId,
  subjects,
  timeOfMs,
  type Answer,
  type CallEvent,
  type Command,
  type FeedMessage,
  type HeadMessage,
  type Question,
} from '@ringback/schemas';
import { limits } from './limits.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;
type Found<T> = T extends unknown ? Omit<T, 'partition' | 'epoch' | 'owner'> : never;

interface Call {
  state: CallState;
  muted: boolean;
  /** The last events. */
  readonly recent: CallEvent[];
}

const partition = 0;
const track = { trackId: 'microphone', kind: 'audio', source: 'microphone', muted: false } as const;

/**
 * Stands in for a calls worker that owns the only partition: decides by the platform's own rules, answers what gateways
 * ask, tells heads, and feeds a gateway whenever it is told to. It keeps nothing on the disk and takes no commands.
 */
export class StandInOwner {
  readonly #nc: Connection;
  readonly #bus: NatsBus;
  readonly #tenantId: string;
  readonly #calls = new Map<string, Call>();
  readonly #changed = new Set<string>();
  readonly #self = { partition, epoch: 1, owner: ownerId('stand-in', randomUUID()) };
  readonly #heads: NodeJS.Timeout;
  #fault: unknown;

  private constructor(nc: Connection, tenantId: string) {
    this.#nc = nc;
    this.#tenantId = tenantId;
    this.#bus = new NatsBus(nc, (_, error) => (this.#fault ??= error));
    this.#bus.subscribe(subjects.questions(partition), (question, _, reply) =>
      reply({ ...this.#self, ...this.#answer(question as Question) }),
    );
    this.#heads = setInterval(() => this.#tellHeads(), limits.headMs);
    this.#tellHeads();
  }

  static async start(url: string, password: string, tenantId: string): Promise<StandInOwner> {
    const nc = await connectNats({ url, user: 'calls', password, name: 'bench-owner' });
    return new StandInOwner(nc, tenantId);
  }

  /** A call with its host and a microphone in it. @returns its id. */
  makeCall(): string {
    const now = Date.now();
    const callId = makeCallId(partition, systemIds.uuidV7(now));
    this.#calls.set(callId, { state: initialState, muted: false, recent: [] });
    const envelope = this.#envelope(callId, now);
    this.#decide(ask(host, 'call.create', settings, envelope), now);
    this.#decide(join(host, { ...envelope, id: randomUUID() }), now);
    this.#decide(ask(host, 'call.publish', { track }, { ...envelope, id: randomUUID() }), now);
    return callId;
  }

  head(callId: string): number {
    return this.#calls.get(callId)!.state.view!.seq;
  }

  /** The host mutes or, muted, unmutes. `now`: milliseconds since 1970. */
  act(callId: string, now: number): CallEvent {
    const call = this.#calls.get(callId)!;
    const type = call.muted ? 'call.unmute' : 'call.mute';
    call.muted = !call.muted;
    const [event] = this.#decide(
      ask(host, type, { trackId: track.trackId }, this.#envelope(callId, now)),
      now,
    );
    return event!;
  }

  /** One message to a gateway, as an owner sends it after a commit. */
  feed(gateway: string, events: readonly CallEvent[]): void {
    const { epoch } = this.#self;
    const message: FeedMessage = { partition, epoch, replies: [], events: [...events] };
    this.#bus.publish(subjects.feed(gateway), message);
  }

  /** To a server that is no gateway, by the same way. */
  publish(name: string, text: string): void {
    this.#bus.publish(subjects.feed(name), new JsonText(text));
  }

  /** @throws Error where a message could not be handled or sent. */
  mustBeWell(): void {
    if (this.#fault !== undefined) throw new Error('the stand-in owner failed', { cause: this.#fault });
  }

  async stop(): Promise<void> {
    clearInterval(this.#heads);
    await this.#nc.close();
  }

  #envelope(callId: string, now: number) {
    return { id: randomUUID(), callId, tenantId: this.#tenantId, receivedTime: timeOfMs(now) };
  }

  #decide(command: Command, now: number): readonly CallEvent[] {
    const call = this.#calls.get(command.callId)!;
    const { decision, events, state } = play(call.state, command, now);
    if (decision.kind !== 'accepted')
      throw new Error(`${command.type} was not accepted: ${JSON.stringify(decision)}`);
    call.state = state;
    call.recent.push(...events);
    call.recent.splice(0, call.recent.length - limits.recentMax);
    this.#changed.add(command.callId);
    return events;
  }

  #answer(question: Question): Found<Answer> {
    if (question.ask !== 'state' && question.ask !== 'events') return { ok: true };
    const { state, recent } = this.#calls.get(question.callId)!;
    const view = state.view!;
    if (question.ask === 'state') return { ok: true, state: view, stateHash: stateHash(view) };
    const { after, limit } = question;
    const events = recent.filter(({ sequence }) => sequence > after).slice(0, limit);
    return { ok: true, events, head: view.seq };
  }

  #tellHeads(): void {
    const heads = Object.fromEntries([...this.#changed].map((callId) => [callId, this.head(callId)]));
    this.#changed.clear();
    this.#bus.publish(subjects.heads(partition), { ...this.#self, heads } satisfies HeadMessage);
  }
}
