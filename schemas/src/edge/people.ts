import { z } from 'zod';
import { regionSchema } from '../call/media.ts';
import { callIdSchema, commandIdSchema, userIdSchema, uuidSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import type { HttpOperation } from './http.ts';

/** Where people are, and what is sent to somebody instead of to a call. */

/** From the least to the most present: of all somebody's devices the most present one counts. */
export const presences = ['offline', 'away', 'online', 'in-call'] as const;
export const presenceSchema = z.enum(presences).meta({
  id: 'PresenceState',
  description:
    '`offline`: no socket is open. `away`: nobody is at the device, as it said itself, or it has said nothing for ten minutes. Of several devices the most present one counts.',
});
export type Presence = z.infer<typeof presenceSchema>;

export const userPresenceSchema = z
  .strictObject({ userId: userIdSchema, presence: presenceSchema })
  .meta({ id: 'UserPresence', description: 'Whether somebody is there.' });
export type UserPresence = z.infer<typeof userPresenceSchema>;

/** Nested no deeper than so many levels: whoever reads it may do that by recursion. */
function isShallow(value: unknown, levels: number): boolean {
  let layer = [value];
  for (let level = 0; level <= levels; level++) {
    layer = layer.flatMap((v): unknown[] => (typeof v === 'object' && v !== null ? Object.values(v) : []));
    if (layer.length === 0) return true;
  }
  return false;
}

/** What an application sends to a user: the platform looks at its size and depth alone. */
export const userMessageSchema = z
  .strictObject({
    type: z
      .string()
      .max(limits.userMessageTypeLengthMax)
      .regex(/^[a-z0-9][\w.:-]*$/, 'must be letters, digits and . _ : -')
      .describe('Yours: what it is, so that receivers may ignore what they do not know.'),
    data: z
      .unknown()
      .refine(
        (data) => isShallow(data, limits.userMessageDepthMax),
        `must not be nested deeper than ${limits.userMessageDepthMax} levels`,
      )
      .optional()
      .describe('Yours: any JSON. The whole request has at most 16 kB.'),
  })
  .meta({ id: 'UserMessage', description: 'Something an application tells a user.' });
export type UserMessage = z.infer<typeof userMessageSchema>;

export const followMessage = z
  .strictObject({
    type: z.literal('follow'),
    id: commandIdSchema,
    users: z
      .array(userIdSchema)
      .max(limits.followedUsersMax)
      .describe('Everybody you want to hear of from now on, instead of those of the last `follow`.'),
  })
  .meta({
    id: 'follow',
    description:
      'Hear whether people of your tenant are there. A `presence` with this id and all of them answers; more come as they change. Not for guests, nor with a token for one call.',
  });

export const awayMessage = z
  .strictObject({
    type: z.literal('away'),
    id: commandIdSchema,
    away: z.boolean().describe('Whether nobody is at this device. Said again after each connect.'),
  })
  .meta({
    id: 'away',
    description:
      'Nobody is at this device, or somebody is back. A `presence` with this id and your own answers.',
  });

export type PeopleMessage = z.infer<typeof followMessage> | z.infer<typeof awayMessage>;

export const presenceMessage = z
  .strictObject({
    type: z.literal('presence'),
    id: commandIdSchema.optional().describe('Of the message that this answers; absent where it is news.'),
    users: z.array(userPresenceSchema),
  })
  .meta({ id: 'presence', description: 'Who is there, of those you follow.' });

export const userMessageMessage = z
  .strictObject({
    type: z.literal('message'),
    messageId: uuidSchema.describe('The same where the application sent it again.'),
    from: userIdSchema.describe('The `sub` of the token that it was sent with.'),
    sentAt: z.number().describe('Milliseconds since 1970.'),
    message: userMessageSchema,
  })
  .meta({
    id: 'message',
    description: 'An application of your tenant tells you something: on each of your open sockets.',
  });

export const connectBody = z
  .strictObject({ callId: callIdSchema.optional().describe('The call that you are about to join.') })
  .meta({ id: 'ConnectWhere' });
export const connectToSchema = z
  .strictObject({
    gateway: z.string().describe("The gateway's name, as `connected` says it before the slash."),
    region: regionSchema.optional(),
    url: z
      .string()
      .describe('Of the WebSocket; a path alone where it is at the address that you asked (RFC 3986).'),
  })
  .meta({ id: 'ConnectTo' });

export const presenceQuery = z.strictObject({
  users: z
    .array(userIdSchema)
    .min(1)
    .max(limits.presenceUsersMax)
    .describe('Whom you ask about: once for each.'),
});
const completeSchema = z
  .boolean()
  .describe('False where a gateway did not answer in time: there may be more than this says.');
export const presenceListSchema = z
  .strictObject({ users: z.array(userPresenceSchema), complete: completeSchema })
  .meta({ id: 'PresenceList' });

export const sendMessageBody = z
  .strictObject({
    messageId: uuidSchema
      .optional()
      .describe('Made by you, so that who gets it twice can tell. Absent: one is made.'),
    message: userMessageSchema,
  })
  .meta({ id: 'SendMessage' });
export const sentMessageSchema = z
  .strictObject({
    messageId: uuidSchema,
    sessions: z
      .int()
      .min(0)
      .describe('Open sockets of the user that were handed it. It is kept nowhere: 0 means nobody got it.'),
    complete: completeSchema,
  })
  .meta({ id: 'SentMessage' });

const tokenErrors = ['token_missing', 'token_invalid', 'token_expired', 'not_permitted', 'rate_limited'];

export const peopleOperations = {
  connect: {
    method: 'post',
    path: '/v1/connect',
    summary:
      'Where to connect: the gateway where the people of a call gather. Any other does as well; this one costs least.',
    auth: true,
    body: connectBody,
    status: 200,
    response: connectToSchema,
    errors: ['malformed', 'invalid', 'too_large', ...tokenErrors],
  },
  getPresence: {
    method: 'get',
    path: '/v1/presence',
    summary: 'Whether people of your tenant are there. Not for guests, nor with a token for one call.',
    auth: true,
    query: presenceQuery,
    status: 200,
    response: presenceListSchema,
    errors: ['invalid', ...tokenErrors],
  },
  sendMessage: {
    method: 'post',
    path: '/v1/users/{userId}/messages',
    summary:
      'Tell a user of your tenant something, on all their open sockets, now or never. For tokens with `roomAdmin`.',
    auth: true,
    body: sendMessageBody,
    status: 200,
    response: sentMessageSchema,
    errors: ['malformed', 'invalid', 'too_large', ...tokenErrors],
  },
} as const satisfies Record<string, HttpOperation>;
