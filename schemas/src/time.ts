/** What was converted last: all events of one commit have the same time. */
let parsed = { time: '', ms: Number.NaN };
let written = { time: '', ms: Number.NaN };

/** Milliseconds since 1970 of an RFC 3339 time. */
export function msOfTime(time: string): number {
  if (time !== parsed.time) parsed = { time, ms: Date.parse(time) };
  return parsed.ms;
}

/** RFC 3339 in UTC with milliseconds, the only form that we write. */
export function timeOfMs(ms: number): string {
  if (ms !== written.ms) written = { time: new Date(ms).toISOString(), ms };
  return written.time;
}
