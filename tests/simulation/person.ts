import type { Call, CallWatch, CommandDataOf } from '../../clients/sdk/src/index.ts';
import { RingbackClient, RingbackError } from '../../clients/sdk/src/index.ts';
import type { ClientCommandType } from '@ringback/schemas';
import { clientPorts } from './client-ports.ts';
import { Follower } from './follower.ts';
import { Process } from './process.ts';
import type { Front } from './socket.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** Refusals that somebody may get who did nothing wrong, with faults around. */
const fair: ReadonlySet<string> = new Set([
  ...['timeout', 'network', 'closed', 'queue_full', 'call_ended', 'not_in_call', 'session_replaced'],
  ...['peer_left', 'peer_unknown', 'track_unknown', 'track_limit', 'unknown_outcome', 'overloaded'],
  // The SDK asks six times; somebody who makes call after call where none can be made has asked too often in the end.
  'rate_limited',
]);

/** Commands that leave an event whenever they are accepted. */
const always: ReadonlySet<ClientCommandType> = new Set(['call.candidate', 'call.publish', 'call.unpublish']);

/** One page: a process with the SDK in it. */
class Page {
  readonly process: Process;
  readonly client: RingbackClient;
  readonly ports: ReturnType<typeof clientPorts>;
  call: Call | undefined;
  follower: Follower | undefined;
  watch: CallWatch | undefined;
  watchFollower: Follower | undefined;
  /** Commands without an answer. */
  open = 0;

  constructor(world: World, front: Front, name: string, userId: string) {
    this.process = new Process(world, name);
    this.ports = clientPorts(this.process, front);
    this.client = new RingbackClient({ url: 'http://front', token: userId, ports: this.ports });
  }
}

export interface Habits {
  /** From one action to the next. Milliseconds. */
  readonly pauseMs: number;
  /** Watches calls instead of being in them. */
  readonly watches: boolean;
}

/** Somebody who uses the platform through the SDK, and remembers what they were told. */
export class Person {
  readonly name: string;
  readonly #world: World;
  readonly #front: Front;
  readonly #truth: Truth;
  readonly #habits: Habits;
  /** All calls that anybody was told of. */
  readonly #known: string[];
  readonly #participants = new Map<string, string>();
  #pages = 0;
  #page: Page;
  /** From now on there is no excuse. */
  #isProbed = false;

  constructor(
    world: World,
    of: { front: Front; truth: Truth; known: string[] },
    name: string,
    habits: Habits,
  ) {
    this.#world = world;
    this.#front = of.front;
    this.#truth = of.truth;
    this.#known = of.known;
    this.name = name;
    this.#habits = habits;
    this.#page = this.#open();
  }

  get process(): Process {
    return this.#page.process;
  }

  changeNetwork(): void {
    this.process.enter(() => this.#page.ports.changeNetwork());
  }

  /** The page is gone and another one is there, of the same person in the same call. */
  reload(): void {
    const { call } = this.#page;
    this.process.kill();
    this.#page = this.#open();
    if (call !== undefined && call.status !== 'ended') this.#join(call.callId);
  }

  /** Does something, some time after, and again, until `untilMs`. */
  live(untilMs: number): void {
    this.#world.after(this.#world.chance.wait(this.#habits.pauseMs), () => {
      if (this.#world.now > untilMs) return;
      this.process.enter(() => this.#act());
      this.live(untilMs);
    });
  }

  /** Nothing is on its way, and everything is seen. */
  isSettled(): boolean {
    const { call, client, follower, open, watch, watchFollower } = this.#page;
    if (open > 0 || (client.status !== 'connected' && client.status !== 'idle')) return false;
    if (watch !== undefined && watchFollower?.isComplete !== true) return false;
    if (call === undefined || call.status === 'ended') return true;
    return call.status === 'joined' && follower?.isComplete === true;
  }

  /** For who looks at a failure. */
  describe(): string {
    const { call, client, open, watch } = this.#page;
    const inCall = call === undefined ? 'in no call' : `${call.status} in ${call.callId} at ${call.seq}`;
    return `${this.process.name}: ${client.status}, ${inCall}${watch === undefined ? '' : `, watches ${watch.callId} at ${watch.seq}`}, ${open} without an answer`;
  }

  /** With all quiet, whatever is asked is answered. */
  probe(): void {
    const { call } = this.#page;
    this.#isProbed = true;
    if (call?.status === 'joined') {
      this.#command('call.raise-hand', {});
      this.#command('call.lower-hand', {});
    } else if (!this.#habits.watches) this.#create();
  }

  /** What it has folded is what the log says. */
  compare(): void {
    const { call, follower } = this.#page;
    if (call?.state !== undefined) follower?.compare(call.state);
  }

  #open(): Page {
    const userId = this.#habits.watches ? `admin-${this.name}` : this.name;
    const page = new Page(this.#world, this.#front, `${this.name}.${++this.#pages}`, userId);
    page.client.on('closed', ({ error }) => {
      if (error === undefined) return;
      // Whoever is told that is asked to load the page anew.
      if (error.code === 'session_replaced' && this.#mayBeReplaced('replaced'))
        this.#world.after(1_000, () => this.reload());
      else this.#world.fail(`${page.process.name} was closed for good: ${error.code}`);
    });
    return page;
  }

  /**
   * A join that is on its way while its page is loaded anew may be decided after that of the next page, which can not
   * be told from somebody who comes from elsewhere: known, and not mended.
   */
  #mayBeReplaced(reason: string): boolean {
    return reason === 'replaced' && this.#pages > 1;
  }

  #act(): void {
    const { chance } = this.#world;
    const { call, client, open } = this.#page;
    // Somebody who waits for twenty answers does not go on clicking.
    if (open >= 20 || client.status === 'closed') return;
    if (this.#habits.watches) return this.#watchSome();
    if (call === undefined || call.status === 'ended') {
      if (this.#known.length === 0 || chance.is(0.03)) this.#create();
      else this.#join(chance.of(this.#known));
      return;
    }
    if (call.status !== 'joined' && chance.is(0.7)) return;
    this.#actIn(call);
  }

  #actIn(call: Call): void {
    const { chance } = this.#world;
    const tracks = Object.values(call.me?.tracks ?? {});
    const dice = chance.int(0, 99);
    if (dice < 45) {
      const others = Object.keys(call.state?.participants ?? {}).filter((id) => id !== call.participantId);
      if (others.length === 0) return;
      const candidate = { candidate: `candidate:${chance.int(1, 1e9)}` };
      this.#command('call.candidate', { to: chance.of(others), connectionId: 'one', candidate });
    } else if (dice < 60) {
      const track = { kind: 'video', source: 'camera', muted: false } as const;
      if (tracks.length < 5)
        this.#command('call.publish', { track: { trackId: `track-${chance.int(1, 1e9)}`, ...track } });
      else this.#command('call.unpublish', { trackId: chance.of(tracks).trackId });
    } else if (dice < 75) {
      if (tracks.length === 0) return;
      const { trackId } = chance.of(tracks);
      this.#command(chance.is(0.5) ? 'call.mute' : 'call.unmute', { trackId });
    } else if (dice < 93) this.#command(chance.is(0.5) ? 'call.raise-hand' : 'call.lower-hand', {});
    else if (dice < 97) this.#leave(call);
    else if (dice < 98 && call.me?.role === 'host') this.#command('call.end', {});
  }

  #create(): void {
    const { process, client } = this.#page;
    const emptyTimeoutMs = this.#world.chance.int(5_000, 60_000);
    this.#count(client.createCall({ emptyTimeoutMs }), 'makes a call', ({ callId, seq }) => {
      this.#truth.ack(process.name, { callId, id: callId.slice(3), type: 'call.create', always: true }, seq);
      if (!this.#known.includes(callId)) this.#known.push(callId);
    });
  }

  #join(callId: string): void {
    const page = this.#page;
    const { ports, process } = page;
    const participantId = this.#participants.get(callId) ?? ports.uuid();
    this.#participants.set(callId, participantId);
    const call = page.client.join(callId, { displayName: this.name, participantId });
    const follower = new Follower(this.#world, this.#truth, process.name, callId, participantId);
    page.call = call;
    page.follower = follower;
    call.on('event', (event) => follower.event(event));
    call.on('state', (view) => follower.state(view));
    call.on('ended', ({ reason, error }) => {
      this.#world.note(process.name, `is out of ${callId}: ${reason} ${error?.code ?? ''}`);
      if (page.call === call) page.call = undefined;
      if (call.state !== undefined) follower.compare(call.state);
      const isOver = this.#truth.view(callId)?.status === 'ended';
      if (reason !== 'left' && !isOver && !this.#mayBeReplaced(reason))
        this.#world.fail(
          `${process.name} is out of ${callId}: ${reason} ${error?.code ?? ''}, and did not want that`,
        );
    });
    this.#count(call.ready, `joins ${callId}`, () => {});
  }

  #leave(call: Call): void {
    this.#world.note(this.process.name, `leaves ${call.callId}`);
    this.#count(call.leave(), 'leaves', () => {});
  }

  #watchSome(): void {
    const page = this.#page;
    const { chance } = this.#world;
    if (page.watch !== undefined && chance.is(0.8)) return;
    page.watch?.stop();
    page.watch = undefined;
    if (this.#known.length === 0) return;
    const callId = chance.of(this.#known);
    const watch = page.client.watch(callId);
    const follower = new Follower(this.#world, this.#truth, page.process.name, callId, undefined);
    page.watch = watch;
    page.watchFollower = follower;
    this.#world.note(page.process.name, `watches ${callId}`);
    watch.on('event', (event) => follower.event(event));
    watch.on('resync', (view) => follower.state(view));
    watch.on('ended', ({ error }) => {
      if (page.watch === watch) page.watch = undefined;
      if (error !== undefined && !error.retryable)
        this.#world.fail(`${page.process.name} may not watch ${callId}: ${error.code}`);
    });
  }

  #command<T extends ClientCommandType>(type: T, data: CommandDataOf<T>): void {
    const { call, ports, process } = this.#page;
    if (call === undefined) return;
    const { callId } = call;
    const answer = call.command(type, data);
    const id = ports.lastUuid();
    this.#world.note(process.name, `asks ${type} ${id}`);
    this.#count(answer, type, ({ seq }) => {
      this.#truth.ack(process.name, { callId, id, type, always: always.has(type) }, seq);
    });
  }

  #count<T>(answer: Promise<T>, what: string, then: (value: T) => void): void {
    const page = this.#page;
    page.open += 1;
    answer.then(
      (value) => {
        page.open -= 1;
        this.#world.note(page.process.name, `${what}: done`, JSON.stringify(value ?? null));
        then(value);
      },
      (error: unknown) => {
        page.open -= 1;
        const code = error instanceof RingbackError ? error.code : String(error);
        this.#world.note(page.process.name, `${what}: ${code}`);
        if (!fair.has(code) || this.#isProbed)
          this.#world.fail(`${page.process.name}: ${what} was refused with ${code}`);
      },
    );
  }
}
