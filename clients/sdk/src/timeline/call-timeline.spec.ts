import { foldCall } from '@ringback/domain';
import type { CallEvent, TelemetryEvent } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { callId, created, event, guest, host, joined, uuid } from '../testing/fake-gateway.ts';
import { CallFold } from './call-fold.ts';
import { CallTimeline, type TimelineEntry } from './call-timeline.ts';

const began = Date.parse(created.time);
/** The event, so many seconds after the first. */
const at = <E extends CallEvent>(seconds: number, e: E): E => ({
  ...e,
  time: new Date(began + seconds * 1_000).toISOString(),
});
const facts: CallEvent[] = [
  created,
  at(1, joined(2, host, uuid(201))),
  at(2, joined(3, guest, uuid(202))),
  at(5, event(4, 'call.hand.raised', { participantId: guest })),
];
const ended = at(9, event(5, 'call.ended', { reason: 'host' }));

function refusal(n: number, seconds: number): TelemetryEvent {
  return {
    ...{ specversion: '1.0', id: uuid(n), source: '/gateways/edge-1', subject: callId, tenantid: 'default' },
    ...{ time: new Date(began + seconds * 1_000).toISOString(), schemaversion: 1 },
    ...{ type: 'call.command.rejected', causationid: uuid(n), correlationid: uuid(n) },
    data: {
      command: 'call.lock',
      actor: { kind: 'user', userId: 'guest:1', guest: true, admin: false },
      rejection: { code: 'not_host', message: 'no' },
    },
  } as TelemetryEvent;
}

/** A platform that answers with pages of two, and counts. */
function stage(listen?: (ring: () => void) => () => void) {
  const log = [...facts];
  const notes: TelemetryEvent[] = [refusal(1, 3)];
  const clock = new FakeClock();
  const asked = { events: 0, telemetry: 0 };
  let failure: RingbackError | undefined;
  let noTelemetry: RingbackError | undefined;
  const reads = {
    async *getEvents(_: string, { after }: { after: number }) {
      asked.events += 1;
      if (failure !== undefined) throw failure;
      for (let from = after; from < log.length; from += 2) yield log.slice(from, from + 2);
    },
    async getTelemetry(_: string, { after }: { after: string | undefined }) {
      asked.telemetry += 1;
      if (noTelemetry !== undefined) throw noTelemetry;
      const from = Number(after ?? 0);
      const telemetry = notes.slice(from, from + 1);
      const next = String(from + telemetry.length);
      return { callId, telemetry, more: from + 1 < notes.length, next };
    },
  };
  const timeline = new CallTimeline(callId, { reads, clock, ...(listen === undefined ? {} : { listen }) });
  const fail = (error?: RingbackError) => (failure = error);
  const failTelemetry = (error?: RingbackError) => (noTelemetry = error);
  return { timeline, log, notes, clock, asked, fail, failTelemetry };
}

const word = (entry: TimelineEntry) => (entry.kind === 'event' ? entry.event.sequence : entry.telemetry.type);

/** Takes what comes, until it ends. */
function collect(entries: AsyncIterable<TimelineEntry>) {
  const taken: TimelineEntry[] = [];
  const done = (async () => {
    for await (const entry of entries) taken.push(entry);
  })();
  done.catch(() => {});
  return { taken, done };
}

describe('CallTimeline', () => {
  it('gives events in order, telemetry between them by its time, and the state then', async () => {
    const { timeline } = stage();
    const { taken, done } = collect(timeline);
    await done;
    expect(taken.map(word)).toEqual([1, 2, 3, 'call.command.rejected', 4]);
    expect(taken.map(({ state }) => state?.seq)).toEqual([1, 2, 3, 3, 4]);
    expect(taken.at(-1)!.state).toEqual(foldCall(facts));
  });

  it('knows the state after any event and at any instant', async () => {
    const { timeline } = stage();
    expect(timeline.stateAfter(1)).toBeUndefined();
    await timeline.read();
    expect([0, 1, 2, 4, 9].map((seq) => timeline.stateAfter(seq)?.seq)).toEqual([undefined, 1, 2, 4, 4]);
    const instants = [-1, 0, 1_999, 2_000, 60_000].map((ms) => timeline.stateAt(began + ms)?.seq);
    expect(instants).toEqual([undefined, 1, 2, 3, 4]);
    expect(timeline.stateAt(new Date(began + 1_500))?.participants).toHaveProperty(host);
  });

  it('reads each event once, whoever asks and however often', async () => {
    const { timeline, log, asked } = stage();
    await Promise.all([timeline.read(), timeline.read(), collect(timeline).done]);
    expect(timeline.events.map((e) => e.sequence)).toEqual([1, 2, 3, 4]);
    expect([timeline.telemetry.length, timeline.ended]).toEqual([1, false]);
    log.push(ended);
    await timeline.read();
    expect([timeline.events.length, timeline.ended, asked.events]).toEqual([5, true, 4]);
  });

  it('follows until the call has ended, and what was noted of its end is there', async () => {
    const { timeline, log, notes, clock } = stage();
    const { taken, done } = collect(timeline.follow());
    await settle();
    expect(taken).toHaveLength(5);
    log.push(ended);
    await clock.pass(sdkLimits.timelineLookMs);
    expect(taken.map(word).at(-1)).toBe(5);
    notes.push(refusal(2, 10));
    await clock.pass(sdkLimits.timelineLookMs);
    await done;
    expect(taken.map(word)).toEqual([1, 2, 3, 'call.command.rejected', 4, 5, 'call.command.rejected']);
    expect(clock.timers).toBe(0);
  });

  it('looks sooner where it is told that the call goes on, and once for a burst', async () => {
    let ring = () => {};
    let stopped = false;
    const { timeline, log, clock, asked } = stage((bell) => {
      ring = bell;
      return () => (stopped = true);
    });
    const { taken, done } = collect(timeline.follow());
    await settle();
    log.push(ended);
    for (let n = 0; n < 10; n++) ring();
    await clock.pass(sdkLimits.timelineGatherMs);
    expect([taken.length, asked.events]).toEqual([6, 2]);
    await clock.pass(sdkLimits.timelineLookMs);
    await done;
    expect(stopped).toBe(true);
  });

  it('waits while the platform is away, and misses nothing', async () => {
    const { timeline, log, clock, fail } = stage();
    const { taken, done } = collect(timeline.follow());
    await settle();
    fail(new RingbackError('network', 'away'));
    await clock.pass(30 * sdkLimits.timelineLookMs);
    log.push(ended);
    fail();
    await clock.pass(2 * sdkLimits.timelineLookMs);
    await done;
    expect(taken.map(word)).toEqual([1, 2, 3, 'call.command.rejected', 4, 5]);
  });

  it('waits for its beginning too, where it follows', async () => {
    const { timeline, log, clock, fail } = stage();
    log.push(ended);
    fail(new RingbackError('network', 'away'));
    const { taken, done } = collect(timeline.follow());
    await expect(collect(timeline).done).rejects.toMatchObject({ code: 'network' });
    await clock.pass(3 * sdkLimits.timelineLookMs);
    fail();
    await clock.pass(2 * sdkLimits.timelineLookMs);
    await done;
    expect(taken.map(word)).toEqual([1, 2, 3, 'call.command.rejected', 4, 5]);
  });

  it('does not end without the telemetry of its end', async () => {
    const { timeline, log, clock, failTelemetry } = stage();
    log.push(ended);
    failTelemetry(new RingbackError('overloaded', 'busy'));
    const { taken, done } = collect(timeline.follow());
    await clock.pass(3 * sdkLimits.timelineLookMs);
    expect(taken.map(word)).toEqual([1, 2, 3, 4, 5]);
    failTelemetry();
    await clock.pass(2 * sdkLimits.timelineLookMs);
    await done;
    expect(taken.map(word)).toEqual([1, 2, 3, 4, 5, 'call.command.rejected']);
  });

  it('ends with what no later try would change, and with the signal', async () => {
    const { timeline, clock, fail } = stage();
    const stop = new AbortController();
    const first = collect(timeline.follow({ signal: stop.signal }));
    const second = collect(timeline.follow());
    await settle();
    stop.abort();
    await first.done;
    fail(new RingbackError('not_permitted', 'no'));
    await clock.pass(sdkLimits.timelineLookMs);
    await expect(second.done).rejects.toMatchObject({ code: 'not_permitted' });
    expect(clock.timers).toBe(0);
  });

  it('looks at the telemetry seldom while nothing ends', async () => {
    const { timeline, clock, asked } = stage();
    const stop = new AbortController();
    const { done } = collect(timeline.follow({ signal: stop.signal }));
    await clock.pass(4 * sdkLimits.timelineTelemetryMs);
    expect(asked.telemetry).toBeLessThanOrEqual(5);
    expect(asked.events).toBeGreaterThan(15);
    stop.abort();
    await done;
  });
});

describe('CallFold', () => {
  it('is the same whichever way one goes', () => {
    const many: CallEvent[] = [...facts];
    while (many.length < 700) {
      const up = many.length % 2 === 0;
      const data = up ? { participantId: host } : { participantId: host, by: host };
      many.push(event(many.length + 1, up ? 'call.hand.raised' : 'call.hand.lowered', data as never));
    }
    const fold = new CallFold(many);
    for (const count of [700, 1, 255, 256, 257, 600, 512, 513, 0, 699, 300, 700])
      expect(fold.after(count)).toEqual(foldCall(many.slice(0, count)));
  });
});
