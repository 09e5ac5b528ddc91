import { z } from 'zod';
import { callEventSchema } from '../call/events.ts';
import { callSettings, displayNameSchema } from '../call/values.ts';
import { callSummarySchema, callViewSchema } from '../call/view.ts';
import { callIdSchema, userIdSchema, uuidV7Schema } from '../ids.ts';
import { limits } from '../limits.ts';
import { rejectionCodeSchema } from '../rejections.ts';
import { telemetryEvents, type TelemetryEvent } from '../telemetry.ts';
import { iceServerSchema } from './messages.ts';
import { peopleOperations } from './people.ts';

/** RFC 9457 problem details; `code` is ours, `type` points at its documentation. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('Where the code is documented.'),
    title: z.string().describe("The status' reason phrase."),
    status: z.int().describe('The HTTP status again.'),
    detail: z.string().describe('A sentence for a person.'),
    code: rejectionCodeSchema,
    field: z.string().optional().describe('Path of the input at fault.'),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });
export type Problem = z.infer<typeof problemSchema>;

export const createGuestBody = z.strictObject({ displayName: displayNameSchema }).meta({ id: 'CreateGuest' });
export const guestSchema = z
  .strictObject({
    userId: userIdSchema,
    token: z.string().describe('A JWT (RFC 7519) to send as bearer token and in the connect message.'),
    expiresAt: z.number().describe('Milliseconds since 1970.'),
  })
  .meta({ id: 'Guest' });

export const createCallBody = z
  .strictObject({
    commandId: uuidV7Schema
      .optional()
      .describe(
        'Made by you: the same id again gives the same call. Its time must be within 5 minutes of the server clock.',
      ),
    ...callSettings,
    guestsAllowed: callSettings.guestsAllowed.default(true),
    participantsMax: callSettings.participantsMax.default(limits.participantsDefault),
    durationMsMax: callSettings.durationMsMax.default(limits.callDurationMsDefault),
    emptyTimeoutMs: callSettings.emptyTimeoutMs.default(limits.emptyTimeoutMsDefault),
  })
  .meta({ id: 'CreateCall' });
export const createdCallSchema = z
  .strictObject({
    callId: callIdSchema,
    seq: z.int().describe('Sequence of its last event.'),
    url: z.string().describe('Path of the link to share.'),
  })
  .meta({ id: 'CreatedCall' });

export const callStateSchema = z
  .strictObject({
    callId: callIdSchema,
    seq: z.int().describe('Sequence of the last event in the state.'),
    stateHash: z.string().describe('sha256 over the canonical JSON (RFC 8785) of the folded facts.'),
    state: callViewSchema,
  })
  .meta({ id: 'CallState' });
const callsCursorSchema = z.string().regex(/^\d{1,15}\.[0-9a-f-]{39}$/, 'must be the `next` of a page');
export const callListSchema = z
  .strictObject({
    calls: z.array(callSummarySchema),
    next: callsCursorSchema
      .optional()
      .describe('Pass it as `before` for the next page; absent where there is none.'),
    stale: z
      .boolean()
      .describe('The list does not have yet what `atLeast` asks for, or is being built anew: read it again.'),
  })
  .meta({ id: 'CallList' });
export const eventPageSchema = z
  .strictObject({
    callId: callIdSchema,
    events: z.array(callEventSchema),
    next: z
      .int()
      .optional()
      .describe('Pass it as `after` for the next page; absent where there is none now.'),
  })
  .meta({ id: 'EventPage' });
const cursorSchema = z.string().regex(/^\d{1,15}\.\d{1,6}$/, 'must be the `next` of a page');
export const telemetryPageSchema = z
  .strictObject({
    callId: callIdSchema,
    telemetry: z
      .array(
        z.discriminatedUnion(
          'type',
          telemetryEvents as unknown as [(typeof telemetryEvents)[number], (typeof telemetryEvents)[number]],
        ) as unknown as z.ZodType<TelemetryEvent>,
      )
      .describe('In the order it was written; may be none though more follows.'),
    more: z.boolean().describe('Whether there is another page now.'),
    next: cursorSchema
      .optional()
      .describe('Pass it as `after` for what follows, now or later; absent where there was nothing at all.'),
  })
  .meta({ id: 'TelemetryPage' });
export type TelemetryPage = z.infer<typeof telemetryPageSchema>;
export const iceServersSchema = z
  .strictObject({
    iceServers: z.array(iceServerSchema).describe('As RTCConfiguration.iceServers takes it.'),
    ttlSeconds: z.int().describe('Ask again before they are so old.'),
  })
  .meta({ id: 'IceServers' });

export const readinessSchema = z
  .strictObject({
    ready: z.boolean(),
    parts: z.record(
      z.string(),
      z.strictObject({ ready: z.boolean(), required: z.boolean(), detail: z.string() }),
    ),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readinessSchema>;

export const eventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Events after this sequence; 0 for all.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.eventsPageMax)
    .default(limits.eventsPageMax)
    .describe('How many at most.'),
});
export const telemetryQuery = z.strictObject({
  after: cursorSchema.optional().describe('The `next` of a page; absent: from the beginning.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.telemetryPageMax)
    .default(limits.telemetryPageMax)
    .describe('How many at most.'),
  samples: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether samples of quality are wanted too; there are many.'),
});
export const callsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.callsPageMax).default(50).describe('How many at most.'),
  before: callsCursorSchema.optional().describe('The `next` of a page: those that are older.'),
  atLeast: z
    .string()
    .regex(/^[0-9a-f-]{39}:\d{1,10}$/, 'must be <callId>:<seq>')
    .optional()
    .describe('`<callId>:<seq>` of a reply: waits up to 2 s until the list has it.'),
});

export interface HttpOperation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly auth: boolean;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly status: number;
  readonly response: z.ZodType;
  readonly errors: readonly string[];
}

/** Every operation of the HTTP API; OpenAPI is generated from this list and the gateway serves from it. */
export const httpOperations = {
  createGuest: {
    method: 'post',
    path: '/v1/guests',
    summary: 'Become a guest: a name for a token.',
    auth: false,
    body: createGuestBody,
    status: 201,
    response: guestSchema,
    errors: ['malformed', 'invalid', 'guests_disabled', 'rate_limited'],
  },
  renewGuest: {
    method: 'post',
    path: '/v1/guests/renew',
    summary: 'Stay the same guest: another token, with one that is still good.',
    auth: true,
    status: 201,
    response: guestSchema,
    errors: [
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'guests_disabled',
      'rate_limited',
    ],
  },
  createCall: {
    method: 'post',
    path: '/v1/calls',
    summary: 'Make a call.',
    auth: true,
    body: createCallBody,
    status: 201,
    response: createdCallSchema,
    errors: [
      'malformed',
      'invalid',
      'clock_skew',
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'call_exists',
      'rate_limited',
      'overloaded',
      'unknown_outcome',
    ],
  },
  listCalls: {
    method: 'get',
    path: '/v1/calls',
    summary: 'The calls you made or took part in, newest first.',
    auth: true,
    query: callsQuery,
    status: 200,
    response: callListSchema,
    errors: [
      'invalid',
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'rate_limited',
      'views_unavailable',
    ],
  },
  getCall: {
    method: 'get',
    path: '/v1/calls/{callId}',
    summary: "A call's folded state with its hash.",
    auth: true,
    status: 200,
    response: callStateSchema,
    errors: [
      'invalid',
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'call_unknown',
      'overloaded',
    ],
  },
  getEvents: {
    method: 'get',
    path: '/v1/calls/{callId}/events',
    summary: "A call's events in order.",
    auth: true,
    query: eventsQuery,
    status: 200,
    response: eventPageSchema,
    errors: [
      'invalid',
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'call_unknown',
      'overloaded',
    ],
  },
  getTelemetry: {
    method: 'get',
    path: '/v1/calls/{callId}/telemetry',
    summary: "A call's telemetry: refusals, how joins went, samples. For who may read its events.",
    auth: true,
    query: telemetryQuery,
    status: 200,
    response: telemetryPageSchema,
    errors: [
      'invalid',
      'token_missing',
      'token_invalid',
      'token_expired',
      'not_permitted',
      'call_unknown',
      'overloaded',
    ],
  },
  getIceServers: {
    method: 'get',
    path: '/v1/ice-servers',
    summary: 'STUN and TURN servers with time-limited credentials.',
    auth: true,
    status: 200,
    response: iceServersSchema,
    errors: ['token_missing', 'token_invalid', 'token_expired'],
  },
  ...peopleOperations,
} as const satisfies Record<string, HttpOperation>;
