export type Route =
  | { page: 'home' }
  | { page: 'call'; callId: string }
  | { page: 'timeline'; callId: string }
  | { page: 'unknown' };

/** Looks like a call's id: partition and UUIDv7. The platform decides whether there is such a call. */
const callIdPattern = /\d{2}-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

export function parseRoute(pathname: string): Route {
  if (pathname === '/') return { page: 'home' };
  const match = /^\/([ct])\/([^/]+)\/?$/.exec(pathname);
  if (match?.[2] === undefined || callIdIn(match[2]) !== match[2]) return { page: 'unknown' };
  return { page: match[1] === 'c' ? 'call' : 'timeline', callId: match[2] };
}

/** The call id in what somebody pasted: a link, an id, or a sentence around one. */
export function callIdIn(text: string): string | undefined {
  return callIdPattern.exec(text.toLowerCase())?.[0];
}

export const callPath = (callId: string) => `/c/${callId}`;
export const timelinePath = (callId: string) => `/t/${callId}`;
