// The hour strikes and everybody comes at once: a tenth of the people, then all of them within five seconds, then a
// tenth again. Joins may take longer meanwhile; nothing may be lost.

import { liveCall } from '../client/life.ts';
import { callsFor, secondsOr } from '../client/settings.ts';
import { hardlyAnythingFails, nothingLost, summaryTrendStats } from '../client/thresholds.ts';

export { begin as setup } from '../client/requests.ts';

const seconds = secondsOr(60);
const all = callsFor(200);
const few = Math.max(1, Math.round(all / 10));

export const options = {
  scenarios: {
    calls: {
      executor: 'ramping-vus',
      startVUs: few,
      stages: [
        { target: few, duration: `${Math.round(seconds / 3)}s` },
        { target: all, duration: '5s' },
        { target: all, duration: `${Math.round(seconds / 3)}s` },
        { target: few, duration: '1s' },
        { target: few, duration: `${Math.round(seconds / 3)}s` },
      ],
      gracefulRampDown: '60s',
      gracefulStop: '60s',
    },
  },
  // Three seconds to get in, in the midst of it: more and people click again.
  thresholds: { ...hardlyAnythingFails, ...nothingLost, ringback_join_ms: ['p(95)<3000'] },
  summaryTrendStats,
};

export default function calls(): Promise<void> {
  return liveCall({ forMs: 10_000, actEveryMs: 1_000 });
}
