// Everybody loses the socket at the same instant, as where a network or a gateway goes, and comes back with the SDK's
// pauses: four times. All that was missed must arrive by resume: no gap, nothing twice, no snapshot in its place.

import { liveCall } from '../client/life.ts';
import { callsFor, secondsOr } from '../client/settings.ts';
import { hardlyAnythingFails, nothingLost, summaryTrendStats } from '../client/thresholds.ts';

export { begin as setup } from '../client/requests.ts';

const seconds = secondsOr(60);
const storms = 4;

export const options = {
  scenarios: {
    calls: {
      executor: 'per-vu-iterations',
      vus: callsFor(200),
      iterations: 1,
      maxDuration: `${seconds + 120}s`,
    },
  },
  // Two seconds, counted from the new socket on.
  thresholds: { ...hardlyAnythingFails, ...nothingLost, ringback_return_ms: ['p(99)<2000'] },
  summaryTrendStats,
};

export default function calls({ startMs }: { startMs: number }): Promise<void> {
  const dropsAtMs = Array.from(
    { length: storms },
    (_, n) => startMs + ((n + 1) * seconds * 1_000) / (storms + 1),
  );
  return liveCall({ forMs: startMs + seconds * 1_000 - Date.now(), actEveryMs: 1_000, dropsAtMs });
}
