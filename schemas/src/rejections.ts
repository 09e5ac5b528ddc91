import { z } from 'zod';

/**
 * Every way the platform says no, with the sentence a person reads. Codes are stable: clients switch on
 * them. `status` is the HTTP status (RFC 9110) of the same refusal over HTTP.
 */
export const rejections = {
  // The message itself.
  malformed: { status: 400, message: 'This is not valid JSON. Send one JSON object per message.' },
  invalid: { status: 400, message: 'A field has the wrong form.' },
  unknown_type: {
    status: 400,
    message: 'This message type does not exist. See /asyncapi.json for those that do.',
  },
  binary_not_supported: {
    status: 400,
    message: 'Send text messages; binary ones are not part of the protocol.',
  },
  too_large: { status: 413, message: 'The message is too large.' },
  not_found: { status: 404, message: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, message: 'This method is not offered here.' },
  clock_skew: {
    status: 400,
    message: "The id's time is too far from the server's clock. Use the server's time or leave the id out.",
  },
  // Who asks.
  not_connected: { status: 401, message: 'Send a connect message with your token first.' },
  already_connected: { status: 409, message: 'This socket is connected already.' },
  token_missing: { status: 401, message: 'A token is needed: send it as a bearer token.' },
  token_invalid: { status: 401, message: 'The token is not one of ours. Get a new one.' },
  token_expired: { status: 401, message: 'The token has expired. Get a new one.' },
  token_mismatch: {
    status: 403,
    message: 'This token is of another user or tenant. Open a socket of its own for it.',
  },
  not_permitted: { status: 403, message: 'Your token does not permit this.' },
  origin_not_allowed: {
    status: 403,
    message: 'Pages of this origin may not use this gateway. Its operator names those that may.',
  },
  guests_disabled: {
    status: 403,
    message: 'Guests are not admitted here. Sign in or ask for an invitation.',
  },
  // The call.
  call_unknown: { status: 404, message: 'There is no such call. Check the link.' },
  call_exists: { status: 409, message: 'A call with this id exists already.' },
  call_ended: { status: 410, message: 'This call has ended.' },
  call_locked: { status: 403, message: 'The call is locked. Ask somebody inside to unlock it.' },
  call_full: { status: 403, message: 'The call is full.' },
  not_in_call: { status: 403, message: 'You are not in this call. Join it first.' },
  not_host: { status: 403, message: 'Only a host of the call may do this.' },
  participant_taken: {
    status: 409,
    message: 'This participant id belongs to somebody else. Join with a new one.',
  },
  session_replaced: {
    status: 409,
    message: 'You joined again from elsewhere; this session is no longer the one in the call.',
  },
  removed: { status: 403, message: 'A host removed you from this call.' },
  participant_unknown: { status: 404, message: 'There is no such person in this call.' },
  target_is_host: { status: 403, message: 'This person is a host as well.' },
  route_stale: { status: 409, message: 'The media of the call has taken another way meanwhile.' },
  producer_exists: { status: 409, message: 'This track or producer is sent already.' },
  rtp_unsupported: { status: 400, message: 'These RTP parameters do not fit the track or the Call Server.' },
  peer_unknown: { status: 404, message: 'The person you address is not in this call.' },
  peer_left: { status: 410, message: 'The person you address has left the call.' },
  peer_is_self: { status: 400, message: 'You can not address yourself.' },
  track_unknown: { status: 404, message: 'You have no such track.' },
  track_exists: { status: 409, message: 'You have published this track already.' },
  track_limit: { status: 403, message: 'You have published as many tracks as one person may.' },
  screen_share_exists: { status: 409, message: 'You are sharing a screen already. Stop that first.' },
  // The platform.
  rate_limited: { status: 429, message: 'Too many messages. Slow down.' },
  overloaded: { status: 503, message: 'The platform has more work than it can do. Try again in a moment.' },
  views_unavailable: {
    status: 503,
    message: 'Lists can not be read at the moment. Calls themselves go on. Try again in a moment.',
  },
  call_parked: {
    status: 503,
    message:
      'The log of this call can not be read on from here. It stands still until an operator has looked at it.',
  },
  internal_error: { status: 500, message: 'Something is wrong on our side. It was not done.' },
  unknown_outcome: {
    status: 504,
    message: 'No answer in time: it may or may not have happened. Repeat it with the same id.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

export type RejectionCode = keyof typeof rejections;

export const rejectionCodeSchema = z
  .enum(Object.keys(rejections) as [RejectionCode, ...RejectionCode[]])
  .meta({
    id: 'RejectionCode',
    description:
      'Stable: switch on it, never on the sentence. New ones come: treat one that you do not know as a refusal that is only shown.',
  });

/** A refusal as a value. `field` names what was wrong with the input, as a path. */
export const rejectionSchema = z
  .strictObject({
    code: rejectionCodeSchema,
    message: z.string().describe('A sentence for a person.'),
    field: z.string().optional().describe('Path of the input at fault.'),
  })
  .meta({ id: 'Rejection', description: 'A refusal.' });

export type Rejection = z.infer<typeof rejectionSchema>;

/** Makes a refusal; `detail` replaces the default sentence, `field` names the input at fault. */
export function reject(code: RejectionCode, detail?: string, field?: string): Rejection {
  return { code, message: detail ?? rejections[code].message, ...(field === undefined ? {} : { field }) };
}

/** The first thing wrong with an input, as a refusal that names the field. */
export function rejectInput(error: z.ZodError): Rejection {
  const issue = error.issues[0];
  const field = issue?.path.join('.') || undefined;
  const detail = issue === undefined ? undefined : `${field ?? 'The message'}: ${issue.message}`;
  return reject('invalid', detail, field);
}
