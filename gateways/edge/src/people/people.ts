import { placeOne } from '@ringback/domain';
import { listen, NoAnswer, type Bus, type Clock, type Logger } from '@ringback/runtime';
import {
  busForms,
  subjects,
  type BeatMessage,
  type EdgeBeat,
  type PeopleAnswer,
  type PeopleQuestion,
  type Presence,
  type PresenceNews,
  type UserPresence,
} from '@ringback/schemas';
import { limits } from '../limits.ts';
import { Devices, mostPresent, type Device, type LocalUser, type UserRef } from './devices.ts';
import { Followed, type Follower } from './followed.ts';
import type { PeopleMetrics } from './metrics.ts';
import { Neighbours, type Neighbour } from './neighbours.ts';

export interface PeopleOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: PeopleMetrics;
  readonly gateway: string;
  readonly incarnation: string;
  readonly region: string;
  /** Where clients reach this gateway and no other: the WebSocket's address. */
  readonly url?: string | undefined;
}

export type MessageToUser = Omit<Extract<PeopleQuestion, { ask: 'message' }>, 'ask'>;

/** What is known of one life of a gateway: up to which of its news, and whether some before that are missing. */
interface Known {
  readonly incarnation: string;
  number: number;
  lacks: boolean;
  asking: boolean;
}

/**
 * Who is where. Each edge gateway knows its own sockets and nobody keeps a copy: the others are asked, and tell what
 * changes. News are numbered, and signs of life name the last number; whoever lacks some asks for what it follows.
 */
export class People {
  readonly #options: PeopleOptions;
  readonly #devices: Devices;
  readonly #followed = new Followed();
  readonly #neighbours: Neighbours;
  readonly #known = new Map<string, Known>();
  readonly #changed = new Set<LocalUser>();
  readonly #endings: (() => void)[];
  /** Settles when each gateway that lives has had the time to be heard. */
  readonly #settled: Promise<void>;
  #flushing = false;
  #told = 0;
  #open = true;
  #stopped = false;
  #cancelTick = () => {};

  constructor(options: PeopleOptions) {
    const { bus, clock, gateway, metrics } = options;
    this.#options = options;
    this.#devices = new Devices(clock, (user) => this.#tellLater(user));
    this.#neighbours = new Neighbours(
      gateway,
      { bus, clock },
      { heard: (neighbour) => this.#heard(neighbour), lost: (neighbour) => this.#lost(neighbour) },
    );
    let cancelSettling = () => {};
    this.#settled = new Promise((resolve) => (cancelSettling = clock.after(limits.neighbourDeafMs, resolve)));
    this.#endings = [
      cancelSettling,
      listen(bus, subjects.people(gateway), busForms.peopleQuestion, (question, _, reply) =>
        this.#answer(question, reply),
      ),
      listen(bus, subjects.allPresence, busForms.presenceNews, (news) => this.#hear(news)),
    ];
    metrics.read = { users: () => this.#devices.userCount, gateways: () => this.gateways().length };
    this.#tick();
  }

  /** What this gateway's sign of life says to the others. */
  beat(): EdgeBeat {
    const { url } = this.#options;
    return {
      ...(url === undefined ? {} : { url }),
      sockets: this.#devices.socketCount,
      open: this.#open,
      told: this.#told,
    };
  }

  /** Names of the edge gateways that live. */
  gateways(): string[] {
    return this.#neighbours.alive.map(({ gateway }) => gateway);
  }

  enter(ref: UserRef, device: Device): LocalUser {
    return this.#devices.enter(ref, device);
  }

  leave(user: LocalUser, device: Device & Follower): void {
    this.#devices.leave(user, device);
    this.#followed.drop(device);
  }

  look(user: LocalUser, device: Device): void {
    this.#devices.look(user, device);
  }

  /**
   * Where the sockets behind a key gather: the key's gateway by rendezvous among those that live and are not fuller
   * than the others.
   */
  gatherAt(key: string): { gateway: string; region: string | undefined; url: string | undefined } {
    const open = this.#neighbours.alive.filter(({ edge }) => edge.open);
    const nodes = open.map(({ gateway, edge }) => ({ id: gateway, load: edge.sockets }));
    const chosen = placeOne(key, nodes, limits.gatherSocketsMin);
    const found = open.find(({ gateway }) => gateway === chosen);
    // Just begun, and nobody was heard yet.
    if (found === undefined) {
      const { gateway, region, url } = this.#options;
      return { gateway, region, url };
    }
    return { gateway: found.gateway, region: found.region, url: found.edge.url };
  }

  async presenceOf(
    tenantId: string,
    userIds: readonly string[],
  ): Promise<{ users: UserPresence[]; complete: boolean }> {
    const users = userIds.map((userId) => ({ tenantId, userId }));
    const { answers, complete } = await this.#askAll({ ask: 'presence', users });
    const there = answers.flatMap((answer) => ('presences' in answer ? [answer.presences] : []));
    const presenceAt = (i: number): Presence => mostPresent(there.map((presences) => presences[i]!));
    return { users: userIds.map((userId, i) => ({ userId, presence: presenceAt(i) })), complete };
  }

  /** Hands it to every socket of the user, wherever it is; at most once to each. */
  async send(message: MessageToUser): Promise<{ sessions: number; complete: boolean }> {
    const { answers, complete } = await this.#askAll({ ask: 'message', ...message });
    const counts = answers.map((answer) => ('sessions' in answer ? answer.sessions : 0));
    return { sessions: counts.reduce((sum, count) => sum + count, 0), complete };
  }

  /**
   * The follower hears of these from now on, and of no others. One list after the other.
   *
   * @returns how they are; undefined where there is no room.
   */
  async follow(
    follower: Follower,
    tenantId: string,
    userIds: readonly string[],
  ): Promise<UserPresence[] | undefined> {
    if (!this.#followed.set(follower, tenantId, userIds)) return undefined;
    // Clients come back at once to a gateway that starts again: they are not to hear that everybody elsewhere is offline.
    await this.#settled;
    const asking = [...this.#known].map(([gateway, known]) =>
      this.#catchUp(gateway, known, this.#followed.unknownAt(gateway, follower)),
    );
    await Promise.all(asking);
    return this.#followed.start(follower);
  }

  /** Takes no more sockets, and the others hear so at once: they send nobody here. What is here goes on. */
  drain(): void {
    this.#open = false;
    const { bus, gateway, incarnation, region } = this.#options;
    const beat: BeatMessage = { gateway, incarnation, region, edge: this.beat() };
    bus.publish(subjects.beat(gateway), beat);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick();
    this.#neighbours.stop();
    for (const end of this.#endings.splice(0)) end();
  }

  #tick(): void {
    this.#neighbours.look();
    this.#devices.tick();
    this.#cancelTick = this.#options.clock.after(limits.peopleTickMs, () => this.#tick());
  }

  #tellLater(user: LocalUser): void {
    this.#changed.add(user);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#options.clock.soon(() => this.#tell());
  }

  #tell(): void {
    this.#flushing = false;
    const { bus, gateway, incarnation, metrics } = this.#options;
    const users = [...this.#changed].map(({ tenantId, userId, presence }) => ({
      tenantId,
      userId,
      presence,
    }));
    this.#changed.clear();
    if (this.#stopped) return;
    metrics.presenceChanges.inc(users.length);
    for (let from = 0; from < users.length; from += limits.usersPerMessageMax) {
      const some = users.slice(from, from + limits.usersPerMessageMax);
      const news: PresenceNews = { gateway, incarnation, number: ++this.#told, users: some };
      bus.publish(subjects.presence(gateway), news);
    }
  }

  #heard({ gateway, incarnation, edge }: Neighbour): void {
    let known = this.#known.get(gateway);
    if (known === undefined) {
      known = { incarnation, number: edge.told, lacks: true, asking: false };
      this.#known.set(gateway, known);
    }
    if (known.number !== edge.told) {
      known.number = edge.told;
      known.lacks = true;
    }
    if (known.lacks && !known.asking) void this.#catchUpAll(gateway, known);
  }

  #lost({ gateway, incarnation, edge }: Neighbour): void {
    // One that was about to end said so.
    if (edge.open) this.#options.logger.warn({ gateway, incarnation }, 'an edge gateway is gone');
    this.#known.delete(gateway);
    this.#followed.lose(gateway);
  }

  #hear({ gateway, incarnation, number, users }: PresenceNews): void {
    const known = this.#known.get(gateway);
    // Its first sign of life is still to come, and is answered with a question.
    if (known?.incarnation !== incarnation) return;
    if (number !== known.number + 1) known.lacks = true;
    known.number = number;
    this.#followed.apply(gateway, number, users);
  }

  /** Asks a gateway about everybody who is followed here. What fails is asked again at its next sign of life. */
  async #catchUpAll(gateway: string, known: Known): Promise<void> {
    known.asking = true;
    known.lacks = false;
    const { users } = this.#followed;
    for (let from = 0; from < users.length && !known.lacks; from += limits.usersPerMessageMax)
      await this.#catchUp(gateway, known, users.slice(from, from + limits.usersPerMessageMax));
    known.asking = false;
  }

  async #catchUp(gateway: string, known: Known, users: readonly UserRef[]): Promise<void> {
    if (users.length === 0) return;
    const refs = users.map(({ tenantId, userId }) => ({ tenantId, userId }));
    const answer = await this.#ask(gateway, { ask: 'presence', users: refs });
    // Gone, or in another life, meanwhile.
    if (this.#known.get(gateway) !== known) return;
    if (answer === undefined || !('presences' in answer) || answer.incarnation !== known.incarnation)
      known.lacks = true;
    else
      this.#followed.apply(
        gateway,
        answer.number,
        refs.map((ref, i) => ({ ...ref, presence: answer.presences[i] ?? 'offline' })),
      );
  }

  async #askAll(question: PeopleQuestion): Promise<{ answers: PeopleAnswer[]; complete: boolean }> {
    const isWhole = this.#neighbours.isWhole;
    const answers = await Promise.all(this.gateways().map((gateway) => this.#ask(gateway, question)));
    const heard = answers.filter((answer) => answer !== undefined);
    return { answers: heard, complete: isWhole && heard.length === answers.length };
  }

  async #ask(gateway: string, question: PeopleQuestion): Promise<PeopleAnswer | undefined> {
    const { bus, logger } = this.#options;
    try {
      const answer = await bus.request(subjects.people(gateway), question, limits.neighbourAskMs);
      // One of another version may refuse what it does not know: that is no answer.
      return (answer as { ok?: boolean }).ok === false ? undefined : (answer as PeopleAnswer);
    } catch (error) {
      if (!(error instanceof NoAnswer)) logger.error({ gateway, err: error }, 'a gateway could not be asked');
      return undefined;
    }
  }

  #answer(question: PeopleQuestion, reply: (answer: PeopleAnswer) => void): void {
    const { incarnation, metrics } = this.#options;
    if (question.ask === 'presence') {
      const presences = question.users.map((ref) => this.#devices.presenceOf(ref));
      return reply({ incarnation, number: this.#told, presences });
    }
    const { messageId, from, sentAt, message } = question;
    const sessions = this.#devices.tell(question, { type: 'message', messageId, from, sentAt, message });
    metrics.userMessages.inc(sessions);
    reply({ sessions });
  }
}
