import { host, callId } from '@ringback/domain/testing';
import { makeLogger, makeMetrics, ManualClock, seededIds } from '@ringback/runtime';
import { reject, type TelemetryEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { makeEdgeMetrics } from './metrics.ts';
import { TelemetryWriter } from './telemetry-writer.ts';

function stage(write: (events: readonly TelemetryEvent[]) => Promise<void>) {
  const clock = new ManualClock(1_763_576_674_816);
  const metrics = makeEdgeMetrics(makeMetrics('test'), { followedCalls: () => 0, pendingCommands: () => 0 });
  const writer = new TelemetryWriter({
    write: (_, events) => write(events),
    gateway: 'edge-1',
    clock,
    ids: seededIds(1),
    logger: makeLogger('test', 'silent'),
    metrics,
  });
  const refuse = (count: number, message?: string) => {
    for (let i = 0; i < count; i++)
      writer.refused(
        {
          id: '1',
          type: 'call.lock',
          callId,
          tenantId: 'default',
          actor: { kind: 'user', userId: host.userId, guest: false, admin: false },
          correlationId: '1',
        },
        reject('not_in_call', message),
      );
  };
  const dropped = async () => (await metrics.telemetryDropped.get()).values[0]?.value ?? 0;
  return { clock, writer, refuse, dropped };
}

describe('TelemetryWriter', () => {
  it('writes what waits in one message, after a moment', async () => {
    const written: number[] = [];
    const on = stage(async (events) => void written.push(events.length));
    on.refuse(3);
    on.clock.advance(limits.telemetryFlushMs);
    on.refuse(1);
    await on.writer.flush();
    expect(written).toEqual([3, 1]);
  });

  it('cuts what is too long for one message', async () => {
    const lengths: number[] = [];
    let events = 0;
    const on = stage(async (batch) => {
      lengths.push(JSON.stringify(batch).length);
      events += batch.length;
    });
    on.refuse(100, 'x'.repeat(10_000));
    await on.writer.flush();
    expect(events).toBe(100);
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(limits.telemetryBatchBytesMax);
  });

  it('counts what is being written towards what may wait', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const on = stage(() => promise);
    on.refuse(limits.telemetryQueueMax);
    const flushed = on.writer.flush();
    on.refuse(7);
    expect(await on.dropped()).toBe(7);
    resolve();
    await flushed;
    on.refuse(1);
    expect(await on.dropped()).toBe(7);
  });

  it('that can not write counts what is lost, and goes on', async () => {
    let fails = true;
    const on = stage(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve()));
    on.refuse(2);
    await on.writer.flush();
    expect(await on.dropped()).toBe(2);
    fails = false;
    on.refuse(2);
    await on.writer.flush();
    expect(await on.dropped()).toBe(2);
  });
});
