/** Milliseconds since 1970 of an RFC 3339 time. */
export function msOfTime(time: string): number {
  return Date.parse(time);
}

/** RFC 3339 in UTC with milliseconds, the only form that we write. */
export function timeOfMs(ms: number): string {
  return new Date(ms).toISOString();
}
