import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NatsConnection } from '@nats-io/transport-node';
import { readCallFile } from '@ringback/cli';
import { foldCall } from '@ringback/domain';
import { start } from '@ringback/domain/testing';
import { JetStreamLog, JetStreamSnapshots, provisionStreams, readCall, stateHash } from '@ringback/eventlog';
import { connectNats, makeLogger, makeMetrics, ManualClock, MemoryBus } from '@ringback/runtime';
import { makeCallId, partitionOf, type CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lives } from '../../core/domain/src/testing-lives.ts';
import { encodeCut } from '../../workers/calls/src/book-lines.ts';
import { CallBook } from '../../workers/calls/src/call-book.ts';
import { makeOwnerMetrics } from '../../workers/calls/src/metrics.ts';
import { recover } from '../../workers/calls/src/recover.ts';
import { stateFormat } from '../../workers/calls/src/state-format.ts';
import { live } from '../support/lives.ts';
import { NatsServer } from '../support/nats-server.ts';

/** RINGBACK_TEST_SEED tries other random calls, mixtures, cuts and instants. */
const seed = Number(process.env.RINGBACK_TEST_SEED ?? 20_261_122);
const randomCalls = 6;
const snapshotsTaken = 5;
const codeVersion = 'test';

const histories = new URL('../histories/', import.meta.url);
const recorded = JSON.parse(readFileSync(new URL('hashes.json', histories), 'utf8')) as Record<
  string,
  string
>;
const ringback = fileURLToPath(new URL('../../clients/cli/bin/ringback.mjs', import.meta.url));

function recordedCall(name: string): CallEvent[] {
  const lines = readFileSync(new URL(`${name}.ndjson`, histories), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) => JSON.parse(line) as CallEvent).filter((event) => 'sequence' in event);
}

/** In the partition of a recorded one, under an id of its own. */
function randomCall(life: Parameters<typeof live>[0], n: number, partition: number): CallEvent[] {
  const tail = (n + 1).toString(16).padStart(12, '0');
  const callId = makeCallId(partition, `019a9d5c-7a00-7c4e-b1a2-${tail}`);
  return live(life)
    .flatMap(({ events }) => events)
    .map((event) => ({
      ...event,
      id: `${callId}/${event.sequence}`,
      subject: callId,
      partitionkey: callId,
    }));
}

/** Seeded whole numbers below a bound (mulberry32). */
function randomly(from: number): (bound: number) => number {
  let state = from;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  };
}

const random = randomly(seed);
const recordedCalls = Object.keys(recorded).map((name) => [name, recordedCall(name)] as const);
const partitions = [...new Set(recordedCalls.map(([, [first]]) => partitionOf(first!.subject)))];
const all = new Map<string, readonly CallEvent[]>([
  ...recordedCalls,
  ...fc
    .sample(lives, { seed, numRuns: randomCalls })
    .map((life, n) => [`random ${n + 1}`, randomCall(life, n, partitions[n % partitions.length]!)] as const),
]);

/** One hash of a call, whichever way it is folded. The log has recorded and random calls, their events mixed. */
describe(`one hash (seed ${seed})`, () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let log: JetStreamLog;
  let home: string;

  beforeAll(async () => {
    server = await NatsServer.start();
    nc = await connectNats(server.address('test'));
    await provisionStreams(nc, Math.max(...partitions) + 1, 1);
    log = await JetStreamLog.open(nc);
    for (const partition of partitions) await fill(partition);
    home = mkdtempSync(join(tmpdir(), 'ringback-home-'));
    writeFileSync(join(home, 'run.json'), JSON.stringify({ natsUrl: server.url }));
    writeFileSync(join(home, 'secrets.json'), JSON.stringify({ nats: { viewer: 'any', admin: 'any' } }));
  });
  afterAll(async () => {
    rmSync(home, { recursive: true, force: true });
    await nc.close();
    await server.stop();
  });

  /** Commits of one to five events, of whichever calls. */
  async function fill(partition: number): Promise<void> {
    const left = [...all.values()].filter(([e]) => partitionOf(e!.subject) === partition).map((e) => [...e]);
    for (let expected = 0; left.some((events) => events.length > 0); expected++) {
      const events: CallEvent[] = [];
      for (let n = random(5) + 1; n > 0; n--) {
        const some = left.filter((rest) => rest.length > 0);
        if (some.length > 0) events.push(some[random(some.length)]!.shift()!);
      }
      const body = { kind: 'commit', owner: 'owner-1', epoch: 0, events } as const;
      const stored = await log.append({ partition, body, id: `fill.${partition}.${expected}`, expected });
      expect(stored.kind).toBe('stored');
    }
  }

  async function fold(callId: string): Promise<{ events: CallEvent[]; hash: string }> {
    const events: CallEvent[] = [];
    for await (const event of readCall(log, callId)) events.push(event);
    return { events, hash: stateHash(foldCall(events)!) };
  }

  /** A partition up to a position, event by event, as an owner folds it. @param last where to stop before that. */
  async function bookUpTo(partition: number, to?: number, last?: { callId: string; seq: number }) {
    const book = new CallBook(({ parked }) => {
      throw parked;
    });
    for await (const { body } of log.read(partition, to === undefined ? {} : { to }))
      for (const event of body.events) {
        book.replay(event, start);
        if (event.subject === last?.callId && event.sequence === last.seq) return book;
      }
    return book;
  }

  const cli = async (...words: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ringback,
      ...words,
      '--home',
      home,
      '--json',
    ]);
    return JSON.parse(stdout) as { stateHash: string; manifest: { stateHash: string } };
  };

  it.each([...all.keys()])(
    '%s: from the log, by another process, by its export file',
    { timeout: 120_000 },
    async (name) => {
      const facts = all.get(name)!;
      const callId = facts[0]!.subject;
      const { events, hash } = await fold(callId);
      expect(events.map(({ sequence }) => sequence)).toEqual(facts.map(({ sequence }) => sequence));
      if (name in recorded) expect(hash).toBe(recorded[name]);
      const file = join(home, `${callId}.ndjson.zst`);
      expect((await cli('export', callId, '--output', file)).manifest.stateHash).toBe(hash);
      expect(readCallFile(readFileSync(file)).stateHash).toBe(hash);
      expect((await cli('replay', file)).stateHash).toBe(hash);

      const at = random(events.length) + 1;
      const then = stateHash(foldCall(events.slice(0, at))!);
      if (at < events.length) expect(then).not.toBe(hash);
      expect((await cli('timeline', callId, '--at', String(at))).stateHash).toBe(then);
      const book = await bookUpTo(partitionOf(callId), undefined, { callId, seq: at });
      expect(stateHash(book.get(callId)!.state.view!)).toBe(then);
    },
  );

  it.each(partitions)(
    'partition %i: from the whole log, and from a snapshot and its tail, as a new owner',
    async (partition) => {
      const snapshots = await JetStreamSnapshots.open(nc, 1);
      // At the time of the first call none of them is so long over that it left memory.
      const clock = new ManualClock(start);
      const metrics = makeOwnerMetrics(makeMetrics('test'));
      const logger = makeLogger('test', 'silent');
      const ports = { log, bus: new MemoryBus(), clock, logger, metrics, codeVersion, tap: false };
      const calls = [...all.values()]
        .map(([first]) => first!.subject)
        .filter((id) => partitionOf(id) === partition);
      const expected = new Map<string, string>();
      for (const callId of calls) expected.set(callId, (await fold(callId)).hash);
      const hashesIn = (book: CallBook) =>
        new Map(calls.map((callId) => [callId, stateHash(book.get(callId)!.state.view!)]));

      const whole = await recover(partition, 'owner-2', ports);
      expect(whole.from).toBe(1);
      expect(hashesIn(whole.book)).toEqual(expected);
      const last = whole.epoch - 1;
      for (let n = 0; n < snapshotsTaken; n++) {
        const position = random(last) + 1;
        const cut = (await bookUpTo(partition, position)).cut();
        const place = { position, owner: 'owner-1' };
        await snapshots.save(partition, { position, codeVersion, stateFormat }, encodeCut(cut, place));
        const again = await recover(partition, `owner-3-${n}`, { ...ports, snapshots });
        expect(again.from).toBe(position);
        expect(hashesIn(again.book)).toEqual(expected);
      }
    },
  );
});
