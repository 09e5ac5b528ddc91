import { becomeGuest, createCall, findInList, readTimeline, tokenFor } from './api.ts';
import { startCounters } from './metrics.ts';

/** HTTP alone, beside the calls: a guest comes, a user makes a call, finds it and reads what happened. */
export function requests(): void {
  becomeGuest('Guest');
  const token = tokenFor(`load-${crypto.randomUUID()}`);
  const callId = createCall(token);
  findInList(token, callId, 1);
  readTimeline(token, callId, 1);
}

/** Once a second: guests of one address are let in five times as often. */
export function requestsFor(seconds: number) {
  return {
    executor: 'constant-arrival-rate',
    exec: 'requests',
    rate: 1,
    duration: `${seconds}s`,
    preAllocatedVUs: 2,
    maxVUs: 10,
  };
}

/** `setup()` of every scenario: what it returns, each iteration gets. */
export function begin(): { startMs: number } {
  startCounters();
  return { startMs: Date.now() };
}
