import { start } from '@ringback/domain/testing';
import { MemoryLog, type EventLog, type StoredCommit } from '@ringback/eventlog';
import { makeLogger, makeMetrics, ManualClock, MemoryBus, seededIds, type Bus } from '@ringback/runtime';
import { subjects, workerOf, type Answer, type Question, type WorkerQuestion } from '@ringback/schemas';
import { expect, it } from 'vitest';
import { CallsWorker } from './calls-worker.ts';
import { limits } from './limits.ts';
import { makeOwnerMetrics } from './metrics.ts';

const partitions = 12;

/** The bus as a process has it that may be killed: from then on nothing of it is heard and it hears nothing. */
class MortalBus implements Bus {
  readonly #bus: Bus;
  readonly #endings = new Set<() => void>();
  #dead = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  die(): void {
    this.#dead = true;
    for (const end of this.#endings) end();
  }

  publish(subject: string, message: unknown): void {
    if (!this.#dead) this.#bus.publish(subject, message);
  }

  subscribe: Bus['subscribe'] = (subject, handler) => {
    const end = this.#bus.subscribe(subject, handler);
    this.#endings.add(end);
    return end;
  };

  /** What a dead process waits for never comes. */
  request: Bus['request'] = (subject, message, timeoutMs) =>
    this.#dead ? new Promise(() => {}) : this.#bus.request(subject, message, timeoutMs);
}

/** Several workers on one log and bus; time goes on only while somebody waits for something. */
function stage() {
  const clock = new ManualClock(start);
  const log = new MemoryLog(() => clock.now());
  const bus = new MemoryBus();
  const worker = (name: string, seed: number, itsLog: EventLog = log) => {
    const own = new MortalBus(bus);
    const metrics = makeOwnerMetrics(makeMetrics('test'));
    const ports = {
      log: itsLog,
      bus: own,
      clock,
      logger: makeLogger('test', 'silent'),
      codeVersion: 'test',
      tap: false,
    };
    const calls = new CallsWorker({ ...ports, metrics }, seededIds(seed), name);
    const running = calls.run(partitions);
    const taken = async () =>
      Object.fromEntries(
        (await metrics.taken.get()).values.map(({ labels, value }) => [labels.reason, value]),
      );
    return {
      calls,
      running,
      taken,
      die: () => own.die(),
      owned: () => calls.owned().toSorted((a, b) => a - b),
    };
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= limits.tickMs) {
      clock.advance(Math.min(left, limits.tickMs));
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** @returns how long it took, in the workers' time. Milliseconds. */
  const until = async (condition: () => boolean, msMax = 60_000) => {
    const began = clock.monotonic();
    while (!condition()) {
      expect(clock.monotonic() - began).toBeLessThan(msMax);
      await pass(limits.tickMs);
    }
    return clock.monotonic() - began;
  };
  /** Workers in the order they claimed. */
  const claims = async () => {
    const owners: string[] = [];
    for (let partition = 0; partition < partitions; partition++)
      for await (const { body } of log.read(partition))
        if (body.kind === 'claim') owners.push(workerOf(body.owner));
    return owners;
  };
  return { bus, log, worker, pass, until, claims };
}

const all = Array.from({ length: partitions }, (_, i) => i);

it('one that joins gets its share once it was steady, each partition by one claim', async () => {
  const on = stage();
  const a = on.worker('a', 1);
  await on.until(() => a.owned().length === partitions);
  const b = on.worker('b', 2);
  await on.pass(limits.steadyMs - 500);
  expect(b.owned()).toEqual([]);
  await on.until(() => b.owned().length > 0 && a.owned().length + b.owned().length === partitions);
  await on.pass(10_000);
  expect([...a.owned(), ...b.owned()].toSorted((x, y) => x - y)).toEqual(all);
  for (const { length } of [a.owned(), b.owned()]) expect(length).toBeLessThanOrEqual(8);
  expect(await b.taken()).toEqual({ 'handed-over': b.owned().length });
  expect(await on.claims()).toHaveLength(partitions + b.owned().length);
  await Promise.all([a.calls.stop(), b.calls.stop()]);
  await Promise.all([a.running, b.running]);
});

it('one that ends gives everything to the others first, and nobody finds a partition without an owner', async () => {
  const on = stage();
  const [a, b, c] = [on.worker('a', 1), on.worker('b', 2), on.worker('c', 3)];
  await on.until(() => [a, b, c].every((w) => w.owned().length > 0));
  await on.pass(10_000);
  const [hadB, hadC] = [b.owned(), c.owned()];
  const before = { ...(await b.taken()) };
  let stopped = false;
  const stopping = a.calls.stop().then(() => (stopped = true));
  await on.until(() => stopped, limits.drainMs);
  await stopping;
  expect(a.owned()).toEqual([]);
  await on.until(() => b.owned().length + c.owned().length === partitions);
  // Who stays keeps what it has.
  expect(b.owned()).toEqual(expect.arrayContaining(hadB));
  expect(c.owned()).toEqual(expect.arrayContaining(hadC));
  expect((await b.taken())['handed-over']).toBe(
    (before['handed-over'] ?? 0) + b.owned().length - hadB.length,
  );
  for (const worker of [b, c]) expect((await worker.taken()).dead).toBeUndefined();
  await Promise.all([b.calls.stop(), c.calls.stop()]);
  await Promise.all([a.running, b.running, c.running]);
});

it('what one had that died is taken at once, by those whose it is, by one claim each', async () => {
  const on = stage();
  const [a, b, c] = [on.worker('a', 1), on.worker('b', 2), on.worker('c', 3)];
  await on.until(() => [a, b, c].every((w) => w.owned().length > 0));
  await on.pass(10_000);
  const had = a.owned().length;
  const before = (await on.claims()).length;
  a.die();
  const ms = await on.until(() => b.owned().length + c.owned().length === partitions);
  expect(ms).toBeLessThanOrEqual(2 * limits.tickMs);
  expect((await on.claims()).length).toBe(before + had);
  expect(((await b.taken()).dead ?? 0) + ((await c.taken()).dead ?? 0)).toBe(had);
  await on.pass(10_000);
  // And nothing moves again once its last beat is forgotten.
  expect((await on.claims()).length).toBe(before + had);
  await Promise.all([b.calls.stop(), c.calls.stop()]);
  await Promise.all([b.running, c.running]);
});

it('two that die together: the next one but one waits for nobody in vain', async () => {
  const on = stage();
  const [a, b, c] = [on.worker('a', 1), on.worker('b', 2), on.worker('c', 3)];
  await on.until(() => [a, b, c].every((w) => w.owned().length > 0));
  await on.pass(10_000);
  a.die();
  b.die();
  expect(await on.until(() => c.owned().length === partitions)).toBeLessThanOrEqual(2_000);
  await c.calls.stop();
  await c.running;
});

it('one that has much to read is waited for by its owner, which goes on meanwhile', async () => {
  const on = stage();
  const a = on.worker('a', 1);
  await on.until(() => a.owned().length === partitions);
  const read = Promise.withResolvers<void>();
  let reads = 0;
  class Slow extends MemoryLog {
    override append: EventLog['append'] = (request) => on.log.append(request);
    override async *read(...args: Parameters<EventLog['read']>): AsyncIterable<StoredCommit> {
      reads += 1;
      await read.promise;
      yield* on.log.read(...args);
    }
  }
  const b = on.worker('b', 2, new Slow(() => start));
  await on.until(() => reads > 0);
  await on.pass(10_000);
  expect(a.owned()).toEqual(all);
  expect(await on.claims()).toHaveLength(partitions);
  read.resolve();
  await on.until(() => b.owned().length === reads / 2);
  await Promise.all([a.calls.stop(), b.calls.stop()]);
  await Promise.all([a.running, b.running]);
});

it('what is asked while a partition changes hands is answered by its next owner', async () => {
  const on = stage();
  const [a, b] = [on.worker('a', 1), on.worker('b', 2)];
  await on.until(() => a.owned().length > 0 && b.owned().length > 0);
  await on.pass(10_000);
  const [partition] = a.owned() as [number];
  const claimed = Promise.withResolvers<void>();
  on.log.faults.hold = claimed.promise;
  void a.calls.stop();
  await on.until(() => a.owned().length === 0);
  const asked = (question: Question) =>
    on.bus.request(subjects.questions(partition), question, 10_000) as Promise<Answer>;
  const who = await asked({ ask: 'who' });
  expect(workerOf(who.owner)).toBe('b');
  const parked = asked({ ask: 'parked' });
  expect(b.owned()).not.toContain(partition);
  on.log.faults.hold = undefined;
  claimed.resolve();
  await on.until(() => b.owned().length === partitions);
  expect(await parked).toMatchObject({ ok: true, owner: who.owner, parked: [] });
  expect((await parked).epoch).toBeGreaterThan(0);
  await b.calls.stop();
  await Promise.all([a.running, b.running]);
});

it('alone, it just stops', async () => {
  const on = stage();
  const a = on.worker('a', 1);
  await on.until(() => a.owned().length === partitions);
  await a.calls.stop();
  await a.running;
  expect(a.owned()).toEqual([]);
});

it('all at once: nobody waits for those that end as well', async () => {
  const on = stage();
  const workers = [on.worker('a', 1), on.worker('b', 2), on.worker('c', 3)];
  await on.until(() => workers.every((w) => w.owned().length > 0));
  let stopped = 0;
  for (const { calls } of workers) void calls.stop().then(() => (stopped += 1));
  await on.until(() => stopped === workers.length, 1_000);
  await Promise.all(workers.map((w) => w.running));
});

it('a partition is not given to whom it does not belong', async () => {
  const on = stage();
  const a = on.worker('a', 1);
  await on.until(() => a.owned().length === partitions);
  const question: WorkerQuestion = { ask: 'hand-over', partition: 0, to: 'z' };
  expect(await on.bus.request(subjects.handOver('a'), question, 1_000)).toEqual({ ok: false });
  expect(a.owned()).toEqual(all);
  await a.calls.stop();
  await a.running;
});
