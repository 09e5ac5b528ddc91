// Does it stay as it was? The same number of calls for a long time, each a minute long: memory, files and latency must not grow.

import { liveCall } from '../client/life.ts';
import { requestsFor } from '../client/requests.ts';
import { callsFor, secondsOr } from '../client/settings.ts';
import { feelsQuick, nothingFails, nothingLost, summaryTrendStats } from '../client/thresholds.ts';

export { begin as setup, requests } from '../client/requests.ts';

const seconds = secondsOr(1_800);

export const options = {
  scenarios: {
    calls: {
      executor: 'constant-vus',
      vus: callsFor(40),
      duration: `${seconds}s`,
      gracefulStop: '120s',
    },
    requests: requestsFor(seconds),
  },
  thresholds: { ...nothingFails, ...nothingLost, ...feelsQuick, ringback_lost: ['count==0'] },
  summaryTrendStats,
};

export default function calls(): Promise<void> {
  return liveCall({ forMs: 60_000, actEveryMs: 1_000 });
}
