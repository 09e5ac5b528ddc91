import type { NatsConnection } from '@nats-io/transport-node';
import {
  gatewayRef,
  subjects,
  type BeatMessage,
  type Command,
  type FeedMessage,
  type HeadMessage,
} from '@ringback/schemas';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { cpuMs, machineCpuMs } from '../cpu.ts';
import { countsOf, openLoop } from '../open-loop.ts';
import { percentile } from '../stats.ts';
import { limits } from './limits.ts';
import { CommandIds, makeCall, nextAction, type LoadCall } from './load-calls.ts';

export interface WindowRequest {
  readonly leadMs: number;
  readonly ms: number;
  /** Processes whose CPU time is taken, by name. */
  readonly pids: Record<string, number>;
}

export interface WindowResult {
  /** Answered within the measured part: each an event that is on the disk. */
  readonly done: number;
  /** Lead and tail included: what came of all that was sent. */
  readonly doneInAll: number;
  readonly refused: number;
  /** From when it was due until its answer, of those that were due within the measured part. Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly ms: number;
  /** CPU time in the measured part, by name; `load` is this process, `machine` everything. Milliseconds. */
  readonly cpuMs: Record<string, number>;
}

const gateway = 'load';
const incarnation = '1';

/** More than may be without an answer, and a power of two. */
const slots = 2 ** 16;

interface Partition {
  epoch: number;
  link: number;
  batch: number;
  texts: string[];
  bytes: number;
  readonly calls: LoadCall[];
  next: number;
}

/**
 * What an edge gateway is to the owners, and nothing else: batches of commands, go-back-N links, answers. It makes the
 * texts of commands by splicing, because it shares the cores with what is measured.
 */
export class Load {
  readonly #nc: NatsConnection;
  readonly #partitions: readonly Partition[];
  readonly #ids = new CommandIds();
  readonly #due = new Float64Array(slots);
  readonly #asked: (LoadCall | undefined)[] = Array(slots).fill(undefined);
  #nextRef = 0;
  #pending = 0;
  #failed: Error | undefined;
  #calls: LoadCall[] = [];
  #nextCall = 0;
  /** What to do when so many were answered in a partition. */
  #answered: (partition: number, count: number) => void = () => {};
  #from = Infinity;
  #to = Infinity;
  #done = 0;
  #doneInAll = 0;
  #refused = 0;
  #latencies: number[] = [];

  constructor(nc: NatsConnection, partitions: number) {
    this.#nc = nc;
    const fresh = { epoch: 0, link: 0, batch: 0, bytes: 0, next: 0 };
    this.#partitions = Array.from({ length: partitions }, () => ({ ...fresh, texts: [], calls: [] }));
    nc.subscribe(subjects.allHeads, { callback: (_, msg) => this.#hearOwner(msg.json<HeadMessage>()) });
    nc.subscribe(subjects.feed(gateway), { callback: (_, msg) => this.#hear(msg.json<FeedMessage>()) });
    const beat: BeatMessage = { gateway, incarnation };
    setInterval(() => nc.publish(subjects.beat(gateway), JSON.stringify(beat)), limits.beatMs).unref();
  }

  /** Every partition has an owner that was heard. */
  async owned(): Promise<void> {
    await waitFor(() => this.#partitions.every(({ epoch }) => epoch > 0), 'owners', limits.ownedMs);
  }

  /** Makes calls until there are so many; everybody joins and sends a track. */
  async open(calls: number, peoplePerCall: number): Promise<void> {
    // What was refused in the windows before is theirs.
    await this.#drain();
    this.#refused = 0;
    for (let n = this.#calls.length; n < calls; n++) {
      const partition = n % this.#partitions.length;
      const { call, commands } = makeCall(partition, peoplePerCall, gatewayRef(gateway, incarnation));
      for (const command of commands) await this.#postWhenThereIsRoom(call, command);
      this.#calls.push(call);
      this.#partitions[partition]!.calls.push(call);
    }
    await this.#drain();
    if (this.#refused > 0) throw new Error(`${this.#refused} commands were refused while calls were made`);
  }

  /** @returns the call's id. */
  idOf(call: number): string {
    return this.#calls[call]!.callId;
  }

  /** As many as possible: always so many without an answer in each partition. */
  async saturate({ leadMs, ms, pids }: WindowRequest): Promise<WindowResult> {
    const { inFlightPerPartition, pendingMax } = limits;
    const inFlight = Math.min(inFlightPerPartition, Math.floor(pendingMax / this.#partitions.length));
    const begin = performance.now();
    const [from, to] = [begin + leadMs, begin + leadMs + ms];
    this.#doneInAll = 0;
    this.#answered = (partition, count) => {
      const now = performance.now();
      if (now < to) this.#actIn(partition, count, now);
    };
    this.#measure(from, to);
    for (const [partition, { calls }] of this.#partitions.entries())
      if (calls.length > 0) this.#actIn(partition, inFlight, begin);
    await until(from);
    const before = readCpu(pids);
    await until(to);
    const result = this.#result(before, pids, ms);
    await this.#drain();
    return { ...result(), ms };
  }

  /** At fixed times, whatever becomes of what was sent before. */
  async pace({ perSecond, leadMs, ms, pids }: WindowRequest & { perSecond: number }): Promise<WindowResult> {
    const { lead } = countsOf({ perSecond, leadMs, ms });
    let before: Record<string, number> = {};
    let flushing = false;
    this.#doneInAll = 0;
    await openLoop({
      perSecond,
      leadMs,
      ms,
      measure: () => (before = readCpu(pids)),
      send: (index, dueMs) => {
        if (index === lead) this.#measure(dueMs, dueMs + ms);
        // As an edge does: what does not fit is refused at once.
        if (this.#pending >= limits.pendingMax) return void (this.#refused += 1);
        const call = this.#calls[this.#nextCall++ % this.#calls.length]!;
        this.#post(call, nextAction(call, this.#ids.next()), dueMs);
        if (flushing) return;
        flushing = true;
        // Everything that is due now goes in one batch a partition, as an edge sends what came in one tick.
        queueMicrotask(() => {
          flushing = false;
          this.#flush();
        });
      },
    });
    const result = this.#result(before, pids, ms);
    await this.#drain();
    return result();
  }

  /** Many actions, as fast as they are done, every `every`th of them in the first call. */
  async write(actions: number, every: number): Promise<void> {
    const [first] = this.#calls as [LoadCall];
    this.#measure(0, 0);
    for (let n = 0; n < actions; n++) {
      const call = n % every === 0 ? first : this.#calls[n % this.#calls.length]!;
      await this.#roomFor(call.partition);
      this.#post(call, nextAction(call, this.#ids.next()), 0);
    }
    await this.#drain();
    if (this.#refused > 0) throw new Error(`${this.#refused} actions were refused`);
  }

  #actIn(partition: number, count: number, now: number): void {
    const to = this.#partitions[partition]!;
    for (let n = 0; n < count; n++) {
      const call = to.calls[to.next++ % to.calls.length]!;
      this.#post(call, nextAction(call, this.#ids.next()), now);
    }
    this.#flush();
  }

  async #postWhenThereIsRoom(call: LoadCall, command: Command): Promise<void> {
    await this.#roomFor(call.partition);
    this.#post(call, JSON.stringify(command), 0);
  }

  async #roomFor(partition: number): Promise<void> {
    // A batch of a hundred at least: one by one would be another load than a busy edge's.
    if (this.#partitions[partition]!.texts.length < 100 && this.#pending < limits.pendingMax / 2) return;
    this.#flush();
    await waitFor(() => this.#pending < limits.pendingMax / 2, 'answers', limits.drainMs);
    this.#must();
  }

  #post(call: LoadCall, command: string, dueMs: number): void {
    const ref = this.#nextRef++;
    const slot = ref % slots;
    if (this.#asked[slot] !== undefined)
      throw new Error('one command was left without an answer for very long');
    this.#pending += 1;
    this.#asked[slot] = call;
    this.#due[slot] = dueMs;
    const to = this.#partitions[call.partition]!;
    const text = `{"ref":${ref},"command":${command}}`;
    if (to.bytes + text.length > limits.batchBytesMax) this.#send(call.partition, to);
    to.bytes += text.length + 1;
    to.texts.push(text);
  }

  #flush(): void {
    for (const [partition, to] of this.#partitions.entries())
      if (to.texts.length > 0) this.#send(partition, to);
  }

  #send(partition: number, to: Partition): void {
    const about = `{"gateway":"${gateway}","incarnation":"${incarnation}","link":${to.link},"batch":${to.batch++}`;
    const batch = `${about},"commands":[${to.texts.join(',')}],"follow":[],"unfollow":[]}`;
    this.#nc.publish(subjects.commands(partition), Buffer.from(batch));
    to.texts = [];
    to.bytes = 0;
  }

  #hearOwner({ partition, epoch }: HeadMessage): void {
    const to = this.#partitions[partition];
    if (to === undefined || epoch <= to.epoch) return;
    to.epoch = epoch;
    to.link += 1;
    to.batch = 0;
  }

  #hear({ partition, replies, again }: FeedMessage): void {
    if (again === true) this.#failed ??= new Error('a batch was lost on its way to the owner');
    const now = performance.now();
    let turnedAway = 0;
    for (const reply of replies) {
      const slot = reply.ref % slots;
      const call = this.#asked[slot];
      if (call?.callId !== reply.callId) continue;
      this.#asked[slot] = undefined;
      this.#pending -= 1;
      if (!reply.ok) {
        this.#refused += 1;
        turnedAway += 1;
        if (reply.error.code !== 'overloaded') this.#failed ??= new Error(`refused: ${reply.error.message}`);
        continue;
      }
      // Done without an event: nobody has waited for the disk.
      if (reply.seq <= call.seq) continue;
      call.seq = reply.seq;
      this.#doneInAll += 1;
      const due = this.#due[slot]!;
      if (due >= this.#from && due < this.#to) this.#latencies.push(now - due);
      if (now >= this.#from && now < this.#to) this.#done += 1;
    }
    const next = this.#answered;
    if (replies.length > turnedAway) next(partition, replies.length - turnedAway);
    if (turnedAway > 0) setTimeout(() => next(partition, turnedAway), limits.refusedMs);
  }

  #measure(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    this.#done = 0;
    this.#refused = 0;
    this.#latencies = [];
  }

  #result(before: Record<string, number>, pids: Record<string, number>, ms: number): () => WindowResult {
    const spent = Object.entries(readCpu(pids)).map(([name, end]) => [name, end - before[name]!]);
    return () => {
      const latencies = this.#latencies.sort((a, b) => a - b);
      return {
        done: this.#done,
        doneInAll: this.#doneInAll,
        refused: this.#refused,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
        ms,
        cpuMs: Object.fromEntries(spent),
      };
    };
  }

  async #drain(): Promise<void> {
    this.#flush();
    await waitFor(
      () => this.#pending === 0 || this.#failed !== undefined,
      'the last answers',
      limits.drainMs,
    );
    this.#answered = () => {};
    this.#must();
  }

  #must(): void {
    if (this.#failed !== undefined) throw this.#failed;
  }
}

function readCpu(pids: Record<string, number>): Record<string, number> {
  const all = Object.entries({ ...pids, load: process.pid }).map(([name, pid]) => [name, cpuMs(pid)]);
  return { ...Object.fromEntries(all), machine: machineCpuMs() };
}

async function until(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - performance.now())));
}
