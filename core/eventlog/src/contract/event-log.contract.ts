import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claim } from '../claim.ts';
import type { AppendResult, EventLog, StoredCommit } from '../event-log.ts';
import { testCommit, textOf } from './test-commit.ts';

/** An owner that a test can stop in the middle of things, as an operating system does. */
export interface TestOwner {
  /** Claims and reads; returns its epoch. */
  claim(): Promise<number>;
  /** Takes over as one would without a claim: reads up to the head and goes on from there. For the canary only. */
  adopt(): Promise<number>;
  /** Appends one commit with this text behind what the owner knows as the last. */
  commit(text: string): Promise<AppendResult>;
  /** Starts a commit and stops at the moment before the request leaves: SIGSTOP, or its like. */
  freezeBefore(text: string): Promise<void>;
  /** Goes on; returns what became of that commit. */
  wake(): Promise<AppendResult>;
  end(): Promise<void>;
}

export interface LogHarness {
  readonly log: EventLog;
  owner(name: string, partition: number): Promise<TestOwner>;
  /** The next append is stored but its acknowledgement never arrives; the writer has to find out. */
  appendWithLostAck(append: () => Promise<AppendResult>): Promise<AppendResult>;
  close(): Promise<void>;
}

export async function collect(commits: AsyncIterable<StoredCommit>): Promise<StoredCommit[]> {
  const all: StoredCommit[] = [];
  for await (const commit of commits) all.push(commit);
  return all;
}

/** What every log must do. Run on JetStream and on its in-memory twin. */
export function describeEventLog(name: string, open: () => Promise<LogHarness>): void {
  describe(`${name}: the log's contract`, () => {
    let harness: LogHarness;
    let log: EventLog;
    let nextPartition = 0;
    /** Each test has a partition to itself. */
    const partition = () => nextPartition++;
    const append = (p: number, text: string, expected: number | undefined) =>
      log.append({ partition: p, body: testCommit(text), id: text, expected });
    const texts = async (p: number) => (await collect(log.read(p))).map(textOf);

    beforeAll(async () => {
      harness = await open();
      log = harness.log;
    });
    afterAll(() => harness.close());

    it('an empty partition reads as nothing', async () => {
      expect(await collect(log.read(partition()))).toEqual([]);
    });

    it('commits come back as they were, in order, at positions 1, 2, 3', async () => {
      const p = partition();
      for (const [i, text] of ['a', 'b', 'c'].entries()) {
        expect(await append(p, `${p}${text}`, i)).toEqual({ kind: 'stored', position: i + 1 });
      }
      const read = await collect(log.read(p));
      expect(read.map((c) => c.position)).toEqual([1, 2, 3]);
      expect(read.map((c) => c.body)).toEqual(['a', 'b', 'c'].map((t) => testCommit(`${p}${t}`)));
    });

    it('a range, a time and a bound are kept', async () => {
      const p = partition();
      for (let i = 0; i < 5; i++) await append(p, `${p}-${i}`, i);
      expect((await collect(log.read(p, { from: 3 }))).map((c) => c.position)).toEqual([3, 4, 5]);
      expect((await collect(log.read(p, { from: 2, to: 4 }))).map((c) => c.position)).toEqual([2, 3, 4]);
      expect(await collect(log.read(p, { from: 6 }))).toEqual([]);
      const third = (await collect(log.read(p, { from: 3, to: 3 })))[0]!;
      const since = await collect(log.read(p, { fromTime: third.time }));
      expect(since.map((c) => c.position)).toEqual(expect.arrayContaining([3, 4, 5]));
      expect(await collect(log.read(p, { fromTime: third.time + 3_600_000 }))).toEqual([]);
    });

    it('following gives what is there, then what comes, without a gap or a repeat', async () => {
      const p = partition();
      await append(p, `${p}-1`, 0);
      await append(p, `${p}-2`, 1);
      const stop = new AbortController();
      const seen: number[] = [];
      const following = (async () => {
        for await (const commit of log.follow(p, 1, stop.signal)) {
          seen.push(commit.position);
          if (commit.position === 2) for (let i = 2; i < 6; i++) await append(p, `${p}-${i + 1}`, i);
          if (commit.position === 6) stop.abort();
        }
      })();
      await following;
      expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('an append behind anything but the last is refused and not stored', async () => {
      const p = partition();
      await append(p, `${p}-1`, 0);
      await append(p, `${p}-2`, 1);
      expect((await append(p, `${p}-late`, 1)).kind).toBe('fenced');
      expect(await texts(p)).toEqual([`${p}-1`, `${p}-2`]);
    });

    it('the same bytes with the same id again are the same commit', async () => {
      const p = partition();
      await append(p, `${p}-1`, 0);
      await append(p, `${p}-2`, 1);
      expect(await append(p, `${p}-1`, 0)).toEqual({ kind: 'stored', position: 1 });
      expect(await append(p, `${p}-2`, 1)).toEqual({ kind: 'stored', position: 2 });
      expect(await texts(p)).toEqual([`${p}-1`, `${p}-2`]);
    });

    it('an acknowledgement is lost: tried again, stored once', async () => {
      const p = partition();
      await append(p, `${p}-1`, 0);
      const result = await harness.appendWithLostAck(() => append(p, `${p}-2`, 1));
      expect(result).toEqual({ kind: 'stored', position: 2 });
      expect(await append(p, `${p}-3`, 2)).toEqual({ kind: 'stored', position: 3 });
      expect(await texts(p)).toEqual([`${p}-1`, `${p}-2`, `${p}-3`]);
    });

    it("a claim's acknowledgement is lost: claimed once", async () => {
      const p = partition();
      await append(p, `${p}-1`, 0);
      const result = await harness.appendWithLostAck(() =>
        log.append({
          partition: p,
          body: { kind: 'claim', owner: 'x', events: [] },
          id: `${p}x.claim`,
          expected: undefined,
        }),
      );
      expect(result).toEqual({ kind: 'stored', position: 2 });
      expect(await texts(p)).toEqual([`${p}-1`, 'claim x']);
    });

    it('two owners claim at once: both see one order, the later one owns', async () => {
      const p = partition();
      const [a, b] = await Promise.all([harness.owner(`${p}a`, p), harness.owner(`${p}b`, p)]);
      const [epochA, epochB] = await Promise.all([a.claim(), b.claim()]);
      expect([epochA, epochB].sort()).toEqual([1, 2]);
      const [older, newer] = epochA < epochB ? [a, b] : [b, a];
      // The older one's view is void even before the newer one wrote anything.
      expect((await older.commit(`${p}-older`)).kind).toBe('fenced');
      expect(await newer.commit(`${p}-newer`)).toEqual({ kind: 'stored', position: 3 });
      expect((await texts(p)).at(-1)).toBe(`${p}-newer`);
      await Promise.all([a.end(), b.end()]);
    });

    it('many owners claim against a busy one: each claim comes through at its first try', async () => {
      const p = partition();
      const busy = await harness.owner(`${p}busy`, p);
      await busy.claim();
      let n = 0;
      const writing = (async () => {
        while ((await busy.commit(`${p}-w${n++}`)).kind === 'stored');
      })();
      const epoch = await claim(log, p, `${p}taker`);
      await writing;
      const stored = await collect(log.read(p));
      expect(stored[epoch - 1]!.body.kind).toBe('claim');
      // Whatever the busy owner got in stands before the claim, nothing behind it.
      expect(stored.slice(epoch)).toEqual([]);
      await busy.end();
    });

    /** A stands still for longer than anybody waits, B takes over, A goes on as if nothing had happened. */
    const zombie = async (takeOver: 'claim' | 'adopt') => {
      const p = partition();
      const [a, b] = await Promise.all([harness.owner(`${p}a`, p), harness.owner(`${p}b`, p)]);
      await a.claim();
      await a.commit(`${p}-before`);
      await a.freezeBefore(`${p}-zombie`);
      await b[takeOver]();
      // B has told the world what it knows; nothing may slip in behind that now.
      const known = await texts(p);
      const woken = await a.wake();
      const harmed = (await texts(p)).length > known.length;
      const goesOn = await b.commit(`${p}-after`);
      await Promise.all([a.end(), b.end()]);
      return { woken, harmed, goesOn, texts: await texts(p) };
    };

    it('an owner is frozen for longer than its lease, then woken: it harms nobody', async () => {
      const { woken, harmed, goesOn, texts } = await zombie('claim');
      expect(woken.kind).toBe('fenced');
      expect(harmed).toBe(false);
      expect(goesOn.kind).toBe('stored');
      expect(texts.some((t) => t.endsWith('-zombie'))).toBe(false);
      expect(texts.at(-1)).toMatch(/-after$/);
    });

    it('canary: without the claim the woken owner does harm, and this suite sees it', async () => {
      const { woken, harmed, goesOn } = await zombie('adopt');
      expect(woken.kind).toBe('stored');
      expect(harmed).toBe(true);
      expect(goesOn.kind).toBe('fenced');
    });
  });
}
