// Does everything work at all? Two calls of four, each loses its sockets once; every HTTP request once. No thresholds
// on times: it runs on machines that others use, too.

import { liveCall } from '../client/life.ts';
import { callsFor } from '../client/settings.ts';
import { nothingFails, nothingLost, summaryTrendStats } from '../client/thresholds.ts';

export { begin as setup, requests } from '../client/requests.ts';

const forMs = 5_000;

export const options = {
  scenarios: {
    calls: { executor: 'per-vu-iterations', vus: callsFor(8), iterations: 1 },
    requests: { executor: 'per-vu-iterations', vus: 1, iterations: 1, exec: 'requests' },
  },
  thresholds: { ...nothingFails, ...nothingLost, ringback_lost: ['count==0'] },
  summaryTrendStats,
};

export default function calls(): Promise<void> {
  return liveCall({ forMs, actEveryMs: 250, dropsAtMs: [Date.now() + forMs / 2] });
}
