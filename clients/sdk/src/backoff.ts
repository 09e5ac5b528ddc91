import { closeCodes } from '@ringback/schemas/edge/protocol';
import { sdkLimits } from './limits.ts';

/** What a lost socket means: `never` come back, come back after a pause (`slow`), at once (`now`), or as usual. */
export type ReturnPlan = 'never' | 'slow' | 'now' | 'usual';

/** By the ranges of `closeCodes`; anything else (1006 above all) is the network's doing. */
export function planFor(closeCode: number): ReturnPlan {
  // We always say who we are: where it did not arrive in time, the link was slow or the machine slept.
  if (closeCode === closeCodes.notConnected.code) return 'slow';
  if (closeCode >= 4000 && closeCode < 4100) return 'never';
  if (closeCode >= 4100 && closeCode < 4200) return 'slow';
  if (closeCode >= 4200 && closeCode < 4300) return 'now';
  return 'usual';
}

/** Full jitter: anywhere between 0 and a limit that doubles, so that a thousand clients do not come as one. */
export function fullJitterMs(attempt: number, random: number, minMs: number, maxMs: number): number {
  return Math.round(random * Math.min(maxMs, minMs * 2 ** attempt));
}

/**
 * Milliseconds until the next attempt.
 *
 * @param attempt Failed attempts since the connection was last stable, from 0.
 * @param retryAfterMs What the gateway asked for; it spreads its clients itself.
 * @param random In [0, 1).
 */
export function reconnectDelayMs(
  plan: Exclude<ReturnPlan, 'never'>,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const { backoffMsMin, backoffMsSlow } = sdkLimits;
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, sdkLimits.retryAfterMsMax);
  const limitMax = limitOf(attempt);
  if (plan === 'slow') {
    const limit = Math.min(limitMax, backoffMsSlow * 2 ** attempt);
    // Half of it is certain: full jitter might come back at once, to a gateway that asked for a pause.
    return Math.round(limit / 2 + (random * limit) / 2);
  }
  if (plan === 'now' && attempt === 0) return Math.round(random * backoffMsMin);
  return fullJitterMs(attempt, random, backoffMsMin, limitMax);
}

/** The longest pause before this attempt. */
function limitOf(attempt: number): number {
  const { backoffQuickTries, backoffMsQuickMax, backoffMsMax } = sdkLimits;
  const slower = Math.max(0, attempt + 1 - backoffQuickTries);
  return Math.min(backoffMsMax, backoffMsQuickMax * 2 ** slower);
}
