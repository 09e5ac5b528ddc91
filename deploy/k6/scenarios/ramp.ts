// How many people until it is no longer quick? Calls of four, evenly more of them until all are there at three quarters
// of the time; each lives for 20 s and another one follows.

import { liveCall } from '../client/life.ts';
import { requestsFor } from '../client/requests.ts';
import { callsFor, secondsOr } from '../client/settings.ts';
import { feelsQuick, hardlyAnythingFails, nothingLost, summaryTrendStats } from '../client/thresholds.ts';

export { begin as setup, requests } from '../client/requests.ts';

const seconds = secondsOr(120);
const target = callsFor(200);

export const options = {
  scenarios: {
    calls: {
      executor: 'ramping-vus',
      startVUs: 1,
      stages: [
        { target, duration: `${Math.round(seconds * 0.75)}s` },
        { target, duration: `${Math.round(seconds * 0.25)}s` },
        { target: 0, duration: '1s' },
      ],
      gracefulRampDown: '60s',
      gracefulStop: '60s',
    },
    requests: requestsFor(seconds),
  },
  thresholds: { ...hardlyAnythingFails, ...nothingLost, ...feelsQuick },
  summaryTrendStats,
};

export default function calls(): Promise<void> {
  return liveCall({ forMs: 20_000, actEveryMs: 1_000 });
}
