import { callId, host } from '@ringback/domain/testing';
import { ManualClock } from '@ringback/runtime';
import { subjects, type QualitySample, type Report } from '@ringback/schemas';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { Signals } from './signals.ts';

const from = { tenantId: 'default', sessionId: 'socket', participantId: host.participantId };
const samples: QualitySample[] = [{ leg: 'recv', connectionState: 'connected', bitrateIn: 280_000 }];
const tiles = { [host.instanceId]: { width: 640, height: 360 } };
const message = { id: host.instanceId, callId };
const report = (value: Report) => ({ ...message, type: 'report', report: value }) as const;

function stage() {
  const clock = new ManualClock(0);
  const published: [string, unknown][] = [];
  const reported: unknown[] = [];
  const signals = new Signals({
    clock,
    bus: { publish: (subject, value) => void published.push([subject, value]) },
    telemetry: { reported: (value) => void reported.push(value) },
  });
  return { clock, published, reported, signals };
}

describe('Signals', () => {
  it('gives sizes to the Call Server and to nobody else', () => {
    const on = stage();
    expect(on.signals.take({ ...message, type: 'tiles', tiles }, from)).toBeUndefined();
    const { sessionId, participantId } = from;
    expect(on.published).toEqual([[subjects.media(callId), { callId, sessionId, participantId, tiles }]]);
    expect(on.reported).toEqual([]);
  });

  it('gives samples to the Call Server and to telemetry, how a join went to telemetry only', () => {
    const on = stage();
    const quality: Report = { kind: 'quality', samples };
    const join: Report = { kind: 'join', route: 'p2p', marks: { firstFrame: 412 } };
    on.signals.take(report(quality), from);
    on.signals.take(report(join), from);
    expect(on.published).toMatchObject([[subjects.media(callId), { samples }]]);
    const { tenantId, participantId } = from;
    expect(on.reported).toEqual([quality, join].map((r) => ({ callId, tenantId, participantId, report: r })));
  });

  it.each([
    ['tiles', { ...message, type: 'tiles', tiles }, limits.tilesBurst, limits.tilesPerSecond],
    ['quality', report({ kind: 'quality', samples }), limits.reportsBurst, limits.reportsPerSecond],
    ['join', report({ kind: 'join', route: 'p2p', marks: {} }), limits.reportsBurst, limits.reportsPerSecond],
  ] as const)(
    'takes so many of %s a second, and passes nothing on beyond that',
    (_, what, burst, perSecond) => {
      const on = stage();
      for (let n = 0; n < burst; n++) expect(on.signals.take(what, from)).toBeUndefined();
      const passed = on.published.length + on.reported.length;
      expect(on.signals.take(what, from)).toMatchObject({ code: 'rate_limited' });
      expect(on.published.length + on.reported.length).toBe(passed);
      on.clock.advance(1_000 / perSecond);
      expect(on.signals.take(what, from)).toBeUndefined();
      expect(on.signals.take(what, from)).toMatchObject({ code: 'rate_limited' });
    },
  );
});
