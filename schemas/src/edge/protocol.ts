/** What clients need of the protocol at run time, without zod: imported as `@ringback/schemas/edge/protocol`. */

export const protocolVersion = 1;

/**
 * Close codes by range: 4000-4099 do not come back, 4100-4199 come back after a pause, 4200-4299 come back now.
 */
export const closeCodes = {
  malformed: { code: 4000, reason: 'Messages that are not valid JSON, again and again.' },
  notConnected: { code: 4001, reason: 'No connect message in time.' },
  tokenRefused: { code: 4002, reason: 'The token was refused.' },
  sessionReplaced: { code: 4003, reason: 'You joined again from elsewhere.' },
  tokenExpired: { code: 4004, reason: 'The token has expired. Come back with another one only.' },
  rateLimited: { code: 4100, reason: 'Too many messages.' },
  slowConsumer: { code: 4101, reason: 'Messages were not read fast enough.' },
  goingAway: { code: 4200, reason: 'The gateway is stopping.' },
  feedLost: { code: 4201, reason: 'The gateway lost its place in the feed.' },
} as const;
