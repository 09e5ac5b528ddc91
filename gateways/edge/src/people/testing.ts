import { makeLogger, makeMetrics, ManualClock, MemoryBus } from '@ringback/runtime';
import {
  subjects,
  type BeatMessage,
  type Presence,
  type ServerMessage,
  type UserPresence,
} from '@ringback/schemas';
import { limits } from '../limits.ts';
import type { LocalUser } from './devices.ts';
import { makePeopleMetrics } from './metrics.ts';
import { People, type PeopleOptions } from './people.ts';

/** Gateways on one bus, whose time and signs of life are the test's. */
export class PeopleStage {
  readonly clock = new ManualClock(1_763_576_674_816);
  readonly bus = new MemoryBus();
  readonly edges: TestEdge[] = [];

  edge(gateway: string, options: Partial<PeopleOptions> = {}): TestEdge {
    const edge = new TestEdge(this, gateway, options);
    this.edges.push(edge);
    return edge;
  }

  /** Everything that is on its way arrives. */
  async drained(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Time passes, with a sign of life of each gateway every second. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      for (const edge of this.edges) edge.beat();
      await this.drained();
      this.clock.advance(1_000);
      await this.drained();
    }
  }
}

/** What one gateway knows of people. */
export class TestEdge {
  readonly people: People;
  readonly stage: PeopleStage;
  readonly gateway: string;
  readonly #incarnation: string;
  readonly #begunAt: number;
  isAlive = true;

  constructor(stage: PeopleStage, gateway: string, options: Partial<PeopleOptions>) {
    this.stage = stage;
    this.gateway = gateway;
    this.#incarnation = options.incarnation ?? '1';
    this.#begunAt = stage.clock.monotonic();
    this.people = new People({
      ...{ bus: stage.bus, clock: stage.clock, logger: makeLogger('test', 'silent') },
      metrics: makePeopleMetrics(makeMetrics('test')),
      ...{ gateway, incarnation: this.#incarnation, region: 'local' },
      ...options,
    });
  }

  beat(): void {
    const { gateway } = this;
    const edge = this.people.beat();
    const beat: BeatMessage = { gateway, incarnation: this.#incarnation, region: 'local', edge };
    if (this.isAlive) this.stage.bus.publish(subjects.beat(gateway), beat);
  }

  /** Has it had the time to hear the others? */
  get isSettled(): boolean {
    return this.stage.clock.monotonic() - this.#begunAt >= limits.neighbourDeafMs;
  }

  device(userId: string, tenantId = 'default'): TestDevice {
    return new TestDevice(this, userId, tenantId);
  }

  kill(): void {
    this.isAlive = false;
    this.people.stop();
  }
}

/** One socket, as its gateway sees it, and all that it was told. */
export class TestDevice {
  isInCall = false;
  isAway = false;
  seenAs: Presence = 'offline';
  heardAt: number;
  readonly userId: string;
  readonly tenantId: string;
  readonly edge: TestEdge;
  readonly told: ServerMessage[] = [];
  readonly heard: UserPresence[] = [];
  readonly #user: LocalUser;

  constructor(edge: TestEdge, userId: string, tenantId: string) {
    this.edge = edge;
    this.userId = userId;
    this.tenantId = tenantId;
    this.heardAt = edge.stage.clock.monotonic();
    this.#user = edge.people.enter({ tenantId, userId }, this);
  }

  tell(message: ServerMessage): void {
    this.told.push(message);
  }

  hear(users: UserPresence[]): void {
    this.heard.push(...users);
  }

  is(change: { isInCall?: boolean; isAway?: boolean }): void {
    Object.assign(this, change);
    this.edge.people.look(this.#user, this);
  }

  leave(): void {
    this.edge.people.leave(this.#user, this);
  }

  follow(...userIds: string[]): Promise<UserPresence[] | undefined> {
    return this.edge.people.follow(this, this.tenantId, userIds);
  }
}
