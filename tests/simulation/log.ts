import {
  MemoryLog,
  ReadStalled,
  type Append,
  type AppendResult,
  type EventLog,
  type StoredCommit,
} from '@ringback/eventlog';
import type { CommitBody } from '@ringback/schemas';
import type { Connection } from './broker.ts';
import type { Chance } from './chance.ts';
import { limits } from './limits.ts';
import type { Plant } from './plant.ts';
import type { World } from './world.ts';

interface Page {
  readonly commits: readonly StoredCommit[];
  readonly head: number;
}

/** The log's server: the twin that the contract suite knows, behind a disk that takes its time. */
export class LogServer {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #diskMs: number;
  readonly #plant: Plant;
  readonly #onCommit: (partition: number, commit: StoredCommit) => void;
  readonly #store: MemoryLog;
  readonly #commits = new Map<number, StoredCommit[]>();
  /** By partition: who waits for the next commit. */
  readonly #waiting = new Map<number, Set<() => void>>();
  readonly #busyUntil = new Map<number, number>();
  /** Nobody answers until then: an election. */
  #awayUntil = 0;
  /** Acknowledgements that do not arrive. */
  #acksToLose = 0;
  #slow = { factor: 1, until: 0 };

  constructor(
    world: World,
    diskMs: number,
    plant: Plant,
    onCommit: (partition: number, commit: StoredCommit) => void,
  ) {
    this.#world = world;
    this.#chance = world.chance.fork();
    this.#diskMs = diskMs;
    this.#plant = plant;
    this.#onCommit = onCommit;
    this.#store = new MemoryLog(() => 1_800_000_000_000 + Math.floor(world.now));
  }

  away(ms: number): void {
    this.#world.note('log', `answers nobody for ${ms.toFixed(0)} ms`);
    this.#awayUntil = this.#world.now + ms;
  }

  loseAcks(count: number): void {
    this.#world.note('log', `loses ${count} acknowledgements`);
    this.#acksToLose += count;
  }

  slow(factor: number, ms: number): void {
    this.#world.note('log', `is ${factor} times slower for ${ms.toFixed(0)} ms`);
    this.#slow = { factor, until: this.#world.now + ms };
  }

  /** One after the other, as a stream's messages are. `tell` is not called where the answer is lost. */
  append(request: Append, tell: (result: AppendResult) => void): void {
    if (this.#world.now < this.#awayUntil) return;
    const { partition } = request;
    const slower = this.#world.now < this.#slow.until ? this.#slow.factor : 1;
    const diskMs = this.#diskMs * slower * this.#chance.between(0.5, 1.5);
    const at = Math.max(this.#busyUntil.get(partition) ?? 0, this.#world.now) + diskMs;
    this.#busyUntil.set(partition, at);
    this.#world.after(at - this.#world.now, () => void this.#write(request, tell));
  }

  async #write(request: Append, tell: (result: AppendResult) => void): Promise<void> {
    const { partition, id, body } = request;
    const expected = this.#plant.noFence === true ? undefined : request.expected;
    const result = await this.#store.append({ ...request, expected });
    const commits = this.#of(partition);
    const outcome = result.kind === 'stored' ? `stored at ${result.position}` : result.kind;
    const what = `${body.kind} ${id} after ${request.expected ?? 'whatever is there'}: ${outcome}`;
    this.#world.note(`log ${partition}`, what, JSON.stringify(body));
    if (result.kind === 'stored' && result.position === commits.length + 1) {
      const bytes = JSON.stringify(body);
      const time = 1_800_000_000_000 + Math.floor(this.#world.now);
      // Given to many readers without a copy for each: nobody may change it.
      const commit = frozen({ position: result.position, time, body: JSON.parse(bytes) as CommitBody });
      commits.push(commit);
      this.#onCommit(partition, commit);
      const waiting = [...(this.#waiting.get(partition) ?? [])];
      this.#waiting.delete(partition);
      for (const wake of waiting) wake();
    }
    if (this.#acksToLose > 0) this.#acksToLose -= 1;
    else tell(result);
  }

  read(
    partition: number,
    range: { from: number; fromTime?: number | undefined; to?: number | undefined },
    tell: (page: Page) => void,
  ): void {
    if (this.#world.now < this.#awayUntil) return;
    const all = this.#of(partition);
    const to = Math.min(range.to ?? all.length, all.length);
    const commits: StoredCommit[] = [];
    for (let position = range.from; position <= to && commits.length < limits.readPageCommits; position++) {
      const commit = all[position - 1]!;
      if (commit.time >= (range.fromTime ?? 0)) commits.push(commit);
    }
    tell({ commits, head: all.length });
  }

  /** As soon as there is something from there on; some of what was before it may come again. */
  next(partition: number, from: number, tell: (commits: readonly StoredCommit[]) => void): void {
    if (this.#world.now < this.#awayUntil) return;
    if (this.head(partition) < from) {
      let waiting = this.#waiting.get(partition);
      if (waiting === undefined) this.#waiting.set(partition, (waiting = new Set()));
      waiting.add(() => this.next(partition, from, tell));
      return;
    }
    const again = this.#chance.is(0.1) ? this.#chance.int(1, limits.againCommits) : 0;
    this.read(partition, { from: Math.max(1, from - again) }, ({ commits }) => tell(commits));
  }

  /** The last position; 0 where there is none. */
  head(partition: number): number {
    return this.#of(partition).length;
  }

  askHead(partition: number, tell: (head: number) => void): void {
    if (this.#world.now >= this.#awayUntil) tell(this.head(partition));
  }

  #of(partition: number): StoredCommit[] {
    let commits = this.#commits.get(partition);
    if (commits === undefined) this.#commits.set(partition, (commits = []));
    return commits;
  }
}

/** The log as one process has it: every outcome that the log on JetStream has, for the same reasons. */
export class ProcessLog implements EventLog {
  readonly #server: LogServer;
  readonly #connection: Connection;
  readonly #plant: Plant;

  constructor(server: LogServer, connection: Connection, plant: Plant) {
    this.#server = server;
    this.#connection = connection;
    this.#plant = plant;
  }

  async append(request: Append): Promise<AppendResult> {
    if (this.#plant.ackFirst !== true || request.expected === undefined) return this.#append(request);
    // The planted bug: said before it is so.
    void this.#append(request);
    return { kind: 'stored', position: request.expected + 1 };
  }

  async #append(request: Append): Promise<AppendResult> {
    const { process } = this.#connection;
    // What is sent are bytes: they are what they were at this moment.
    const sent = { ...request, body: JSON.parse(JSON.stringify(request.body)) as CommitBody };
    if (process.crash === 'before-write' && request.expected !== undefined) process.kill();
    const giveUpAt = process.clock.monotonic() + limits.appendMs;
    for (;;) {
      // The same id again is the same commit, so asking again is also the question what became of it.
      const answer = await this.#connection.ask<AppendResult>(
        (tell) =>
          this.#server.append(sent, (result) => {
            if (process.crash === 'after-write' && request.expected !== undefined) process.kill();
            tell(result);
          }),
        limits.appendTryMs,
      );
      if (answer !== undefined) return answer.value;
      if (process.clock.monotonic() > giveUpAt) return { kind: 'unknown', cause: new Error('no answer') };
    }
  }

  async *read(
    partition: number,
    range: { from?: number; fromTime?: number; to?: number } = {},
  ): AsyncIterable<StoredCommit> {
    const { clock } = this.#connection.process;
    let { from = 1, to } = range;
    let heardAt = clock.monotonic();
    for (;;) {
      const answer = await this.#connection.ask<Page>(
        (tell) => this.#server.read(partition, { from, fromTime: range.fromTime, to }, tell),
        limits.appendTryMs,
      );
      if (answer === undefined) {
        if (clock.monotonic() - heardAt < limits.readStallMs) continue;
        throw new ReadStalled(`partition ${partition}: nothing came behind ${from}`);
      }
      heardAt = clock.monotonic();
      to ??= answer.value.head;
      for (const commit of answer.value.commits) {
        yield this.#planted(commit, to);
        from = commit.position + 1;
      }
      if (answer.value.commits.length === 0 || from > to) return;
    }
  }

  #planted(commit: StoredCommit, to: number): StoredCommit {
    if (this.#plant.forgetful === true) return withoutCauses(commit);
    const isLeftOut = this.#plant.blindReplay === true && commit.position === to - 1;
    return isLeftOut ? { ...commit, body: { ...commit.body, events: [] } } : commit;
  }

  async *follow(partition: number, from: number, signal: AbortSignal): AsyncIterable<StoredCommit> {
    const aborted = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined));
    });
    for (let next = from; !signal.aborted;) {
      const asked = this.#connection.ask<readonly StoredCommit[]>(
        (tell) => this.#server.next(partition, next, tell),
        limits.followMs,
      );
      const answer = await Promise.race([asked, aborted]);
      for (const commit of answer?.value ?? []) {
        if (signal.aborted) return;
        yield commit;
        next = commit.position + 1;
      }
    }
  }

  /** @throws where the log does not answer. */
  async head(partition: number): Promise<number> {
    const answer = await this.#connection.ask<number>(
      (tell) => this.#server.askHead(partition, tell),
      limits.appendTryMs,
    );
    if (answer === undefined) throw new ReadStalled(`partition ${partition}: nobody says how long it is`);
    return answer.value;
  }
}

/** The planted bug: who replays does not find out whose commands these were. */
function withoutCauses({ position, time, body }: StoredCommit): StoredCommit {
  const events = body.events.map((event) => {
    const { cause: _, ...data } = event.data;
    return { ...event, data } as typeof event;
  });
  return { position, time, body: { ...body, events } };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
  return value;
}
