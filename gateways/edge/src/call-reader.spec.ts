import { callId, created, fact, history, joined, host } from '@ringback/domain/testing';
import { MemoryLog, type EventLog } from '@ringback/eventlog';
import { makeLogger } from '@ringback/runtime';
import { partitionOf, reject, timeOfCallId, type Answer, type CallEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { CallReader } from './call-reader.ts';
import { limits } from './limits.ts';

const logger = makeLogger('test', 'silent');
/** An owner that has forgotten the call. */
const forgetful = {
  ask: async (): Promise<Answer> => ({
    partition: 0,
    epoch: 1,
    owner: 'o',
    ok: false,
    error: reject('call_unknown'),
  }),
};
const offer = fact('call.offer.sent', {
  from: host.participantId,
  to: host.participantId,
  connectionId: 'ab',
  sdp: `v=0${'x'.repeat(50_000)}`,
});

async function logOf(events: readonly CallEvent[]): Promise<EventLog> {
  const log = new MemoryLog(() => timeOfCallId(callId));
  for (const [at, event] of events.entries())
    await log.append({
      partition: partitionOf(callId),
      body: { kind: 'commit', epoch: 1, owner: 'o', events: [event] },
      id: String(at),
      expected: at,
    });
  return log;
}

/** Going through it takes what `task` does. */
function emptyLog(task: () => Promise<void>): EventLog {
  const next = () => task().then(() => ({ done: true, value: undefined }));
  return { read: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) } as unknown as EventLog;
}

describe('CallReader', () => {
  it('reads from the log what the owner forgot, no more at once than an answer holds', async () => {
    const all = history(created(), joined(host), ...Array.from({ length: 20 }, () => offer));
    const reader = new CallReader(forgetful, await logOf(all), logger);
    const read: CallEvent[] = [];
    const pages: number[] = [];
    while (read.length < all.length) {
      const page = await reader.events(callId, read.length);
      if ('code' in page) throw new Error(page.code);
      pages.push(JSON.stringify(page).length);
      read.push(...page);
    }
    expect(read).toEqual(all);
    expect(pages.length).toBeGreaterThan(1);
    expect(Math.max(...pages)).toBeLessThan(limits.readBytesMax + 60_000);
  });

  it('goes through the log only so often at once', async () => {
    let scans = 0;
    let most = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const log = emptyLog(async () => {
      most = Math.max(most, ++scans);
      await promise;
      scans -= 1;
    });
    const reader = new CallReader(forgetful, log, logger);
    const reads = Array.from({ length: limits.logReadsMax + limits.logReadsWaitingMax + 3 }, (_, after) =>
      reader.events(callId, after),
    );
    await new Promise((done) => setImmediate(done));
    resolve();
    const refused = (await Promise.all(reads)).filter((read) => 'code' in read);
    expect(refused).toEqual(Array.from({ length: 3 }, () => reject('overloaded')));
    expect(most).toBe(limits.logReadsMax);
  });

  it('that can not read says so, and never throws', async () => {
    const log = emptyLog(() => Promise.reject(new Error('away')));
    const reader = new CallReader(forgetful, log, logger);
    expect(await reader.events(callId, 0)).toEqual(reject('overloaded'));
  });
});
