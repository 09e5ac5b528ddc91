import type { ParticipantView } from '@ringback/schemas';
import { sdkLimits } from '../limits.ts';

/** `audio-only`: the camera is not sent for lack of bandwidth. */
export type BandwidthDecision = NonNullable<ParticipantView['bandwidth']>;

/** What one look at all peer connections says of our uplink, the worst of each. */
export interface UplinkSample {
  /** bit/s, as the sender estimates it; undefined: not known. */
  availableOutgoingBitrate: number | undefined;
  /** Share of what we send that does not arrive, 0 to 1. */
  fractionLost: number;
}

export interface Uplink {
  /** What is sent now. */
  readonly decision: BandwidthDecision;
  /** Bad samples in a row. */
  readonly bad: number;
  /** When the decision was made, milliseconds. */
  readonly sinceMs: number;
  /** How long the camera stays off the next time. */
  readonly probeMs: number;
}

export const goodUplink: Uplink = {
  decision: 'video',
  bad: 0,
  sinceMs: 0,
  probeMs: sdkLimits.uplinkProbeMs,
};

/**
 * Whether our uplink carries our camera, after one more sample. A browser gives a picture the bandwidth that a voice
 * needs; so where both do not fit, the camera goes. Without it nothing tells that there is room again, so it is tried,
 * after pauses that double as long as it does not hold.
 */
export function nextUplink(before: Uplink, sample: UplinkSample, nowMs: number): Uplink {
  return before.decision === 'video' ? whileSending(before, sample, nowMs) : whileOff(before, nowMs);
}

function whileSending(before: Uplink, sample: UplinkSample, nowMs: number): Uplink {
  const { availableOutgoingBitrate: available, fractionLost } = sample;
  const isBad =
    available !== undefined && available < sdkLimits.uplinkBpsMin && fractionLost >= sdkLimits.uplinkLossMin;
  const bad = isBad ? before.bad + 1 : 0;
  const probeMs =
    nowMs - before.sinceMs >= sdkLimits.uplinkProvenMs ? sdkLimits.uplinkProbeMs : before.probeMs;
  if (bad < sdkLimits.uplinkSamplesMin) return { ...before, bad };
  return { decision: 'audio-only', bad: 0, sinceMs: nowMs, probeMs };
}

function whileOff(before: Uplink, nowMs: number): Uplink {
  if (nowMs - before.sinceMs < before.probeMs) return before;
  const probeMs = Math.min(before.probeMs * 2, sdkLimits.uplinkProbeMsMax);
  return { decision: 'video', bad: 0, sinceMs: nowMs, probeMs };
}
