// What a script is told by its environment. `npm run load` sets all of it.

/** The platform, without a slash at the end. */
export const url = required('RINGBACK_URL').replace(/\/+$/, '');
/** Of a tenant: it signs a token for each user. */
export const apiKey = required('RINGBACK_API_KEY');
export const apiSecret = required('RINGBACK_API_SECRET');

/** In one call: all of them are sockets of one virtual user, so that one clock sees sending and delivery. */
export const peoplePerCall = 4;

/** How many calls make so many people. @param usual People, where nobody asked for another number. */
export function callsFor(usual: number): number {
  return Math.max(1, Math.round(number('RINGBACK_LOAD_USERS', usual) / peoplePerCall));
}

/** How long the load lasts, in seconds. @param usual where nobody asked for another time. */
export function secondsOr(usual: number): number {
  return number('RINGBACK_LOAD_SECONDS', usual);
}

function required(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: run it by "npm run load", or set it (see deploy/k6/README.md)`);
  return value;
}

function number(name: string, usual: number): number {
  const text = __ENV[name];
  if (text === undefined || text === '') return usual;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${name} is "${text}", and not a number above 0`);
}
