import { describe, expect, it } from 'vitest';
import { sdkLimits } from '../limits.ts';
import { goodUplink, nextUplink, type Uplink, type UplinkSample } from './uplink.ts';

const bad: UplinkSample = { availableOutgoingBitrate: sdkLimits.uplinkBpsMin - 1, fractionLost: 0.3 };
const stepMs = sdkLimits.qualityMs;

/** Feeds samples two seconds apart; gives the decision after each and where it ended. */
function run(samples: UplinkSample[], from: Uplink = goodUplink, startMs = 1_000_000) {
  let uplink = from;
  let nowMs = startMs;
  const decisions = samples.map((sample) => {
    nowMs += stepMs;
    uplink = nextUplink(uplink, sample, nowMs);
    return uplink.decision;
  });
  return { decisions, uplink, nowMs };
}

describe('the camera on a thin uplink', () => {
  it('is stopped after some bad samples in a row, not after a burst', () => {
    const fine = { availableOutgoingBitrate: 2_000_000, fractionLost: 0 };
    expect(run([bad, bad, fine, bad, bad, bad]).decisions).toEqual([
      ...Array.from({ length: 5 }, () => 'video'),
      'audio-only',
    ]);
  });

  it.each<[string, UplinkSample]>([
    ['a low estimate without loss', { availableOutgoingBitrate: 50_000, fractionLost: 0 }],
    ['loss on a wide uplink', { availableOutgoingBitrate: 900_000, fractionLost: 0.3 }],
    ['loss where nothing is estimated (Firefox)', { availableOutgoingBitrate: undefined, fractionLost: 0.3 }],
  ])('goes on with %s', (_, sample) => {
    expect(new Set(run(Array.from({ length: 10 }, () => sample)).decisions)).toEqual(new Set(['video']));
  });

  it('is tried again, after pauses that double and end', () => {
    let { uplink, nowMs } = run([bad, bad, bad]);
    const pauses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const offMs = nowMs;
      while (uplink.decision === 'audio-only') ({ uplink, nowMs } = run([bad], uplink, nowMs));
      pauses.push(nowMs - offMs);
      ({ uplink, nowMs } = run([bad, bad, bad], uplink, nowMs));
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it('that held long enough starts with the first pause again', () => {
    const first = run([bad, bad, bad]);
    const fine = Array.from({ length: 40 }, () => ({ availableOutgoingBitrate: 1e6, fractionLost: 0 }));
    const later = run(fine, first.uplink, first.nowMs);
    expect(later.uplink).toMatchObject({ decision: 'video', probeMs: 20_000 });
    expect(run([bad, bad, bad], later.uplink, later.nowMs).uplink).toMatchObject({
      decision: 'audio-only',
      probeMs: sdkLimits.uplinkProbeMs,
    });
  });
});
