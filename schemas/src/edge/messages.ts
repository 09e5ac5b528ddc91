import { z } from 'zod';
import { clientCommandTypes, commandDefinitions, type ClientCommandType } from '../call/commands.ts';
import { callViewSchema } from '../call/view.ts';
import { callEventSchema } from '../call/events.ts';
import { callIdSchema, commandIdSchema, uuidSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { rejectionSchema } from '../rejections.ts';
import { reportSchema } from '../telemetry.ts';
import {
  awayMessage,
  followMessage,
  presenceMessage,
  userMessageMessage,
  type PeopleMessage,
} from './people.ts';
import { protocolVersion } from './protocol.ts';

/** What goes over `/v1/ws`. Clients send one JSON object a frame; the gateway sends one JSON array a frame. */

export { closeCodes, protocolVersion } from './protocol.ts';

/** W3C webrtc-pc section 4.2.1 RTCIceServer; credentials by the TURN REST form `<expiry>:<user>`, HMAC-SHA1. */
export const iceServerSchema = z
  .strictObject({
    urls: z.array(z.string()).describe('stun:, turn: or turns: addresses (RFC 7064, RFC 7065).'),
    username: z.string().optional().describe('`<expiry>:<user>`, where the server wants credentials.'),
    credential: z.string().optional().describe('Good until the expiry in the user name.'),
  })
  .meta({ id: 'RTCIceServer', description: 'RTCIceServer of W3C webrtc-pc, field for field.' });
export type IceServer = z.infer<typeof iceServerSchema>;

const tokenSchema = z.string().min(1).max(8192).describe('A join token: a JWT (RFC 7519).');

export const connectMessage = z
  .strictObject({
    type: z.literal('connect'),
    id: commandIdSchema,
    protocol: z.literal(protocolVersion),
    token: tokenSchema,
  })
  .meta({ id: 'connect', description: 'First message on every socket: who are you?' });

export const tokenRenewMessage = z
  .strictObject({ type: z.literal('token.renew'), id: commandIdSchema, token: tokenSchema })
  .meta({
    id: 'token.renew',
    description:
      'Another token for the same user of the same tenant, before the one before ends: the session goes on with what it grants.',
  });

export const watchMessage = z
  .strictObject({
    type: z.literal('watch'),
    id: commandIdSchema,
    callId: callIdSchema,
    after: z.int().min(0).describe('The last sequence you have; 0 for everything.'),
  })
  .meta({
    id: 'watch',
    description:
      'Follow a call without being in it (its timeline): for who took part in it, made it, or administers it.',
  });

export const unwatchMessage = z
  .strictObject({ type: z.literal('unwatch'), id: commandIdSchema, callId: callIdSchema })
  .meta({ id: 'unwatch', description: 'Stop following a call.' });

/** How large this client shows each video, so that it gets no more than it can show. */
export const tilesSchema = z
  .record(
    uuidSchema,
    z.strictObject({
      width: z.int().min(0).max(16_384).describe('Device pixels; 0: not shown.'),
      height: z.int().min(0).max(16_384).describe('Device pixels; 0: not shown.'),
      speaking: z.boolean().optional().describe('Whether this one goes first where bandwidth is short.'),
    }),
  )
  .refine((tiles) => Object.keys(tiles).length <= limits.tilesMax, 'too many')
  .meta({
    id: 'Tiles',
    description:
      'Size on screen, by consumer id. Where one of a route is named, the others of it are not shown.',
  });
export type Tiles = z.infer<typeof tilesSchema>;

export const tilesMessage = z
  .strictObject({
    type: z.literal('tiles'),
    id: commandIdSchema,
    callId: callIdSchema,
    tiles: tilesSchema,
  })
  .meta({
    id: 'tiles',
    description: 'How large each video is shown here. Goes to the Call Server and into no log.',
  });

export const reportMessage = z
  .strictObject({
    type: z.literal('report'),
    id: commandIdSchema,
    callId: callIdSchema,
    report: reportSchema,
  })
  .meta({ id: 'report', description: 'What this client measured. Kept as telemetry.' });

const withAfter = {
  after: z
    .int()
    .min(0)
    .optional()
    .describe('The last sequence you have of the call: what you missed is replayed. Absent: a snapshot.'),
};

const commandMessages = clientCommandTypes.map((type) =>
  z
    .strictObject({
      type: z.literal(type),
      id: commandIdSchema,
      callId: callIdSchema,
      data:
        type === 'call.join'
          ? commandDefinitions['call.join'].data.omit({ gateway: true })
          : commandDefinitions[type].data,
      ...(type === 'call.join' ? withAfter : {}),
    })
    .meta({ id: type, description: commandDefinitions[type].summary }),
);

export type CommandMessage = {
  [T in ClientCommandType]: {
    type: T;
    id: string;
    callId: string;
    data: T extends 'call.join'
      ? Omit<z.infer<(typeof commandDefinitions)['call.join']['data']>, 'gateway'>
      : z.infer<(typeof commandDefinitions)[T]['data']>;
  } & (T extends 'call.join' ? { after?: number | undefined } : unknown);
}[ClientCommandType];

export const clientMessages = [
  connectMessage,
  tokenRenewMessage,
  watchMessage,
  unwatchMessage,
  tilesMessage,
  reportMessage,
  followMessage,
  awayMessage,
  ...commandMessages,
] as const;
export type ClientMessage =
  | z.infer<typeof connectMessage>
  | z.infer<typeof tokenRenewMessage>
  | z.infer<typeof watchMessage>
  | z.infer<typeof unwatchMessage>
  | z.infer<typeof tilesMessage>
  | z.infer<typeof reportMessage>
  | PeopleMessage
  | CommandMessage;
export const clientMessageTypes: ReadonlySet<string> = new Set(clientMessages.map((m) => m.shape.type.value));
export const clientMessageSchema = z.discriminatedUnion(
  'type',
  clientMessages as unknown as [typeof connectMessage],
) as unknown as z.ZodType<ClientMessage>;

export const connectedMessage = z
  .strictObject({
    type: z.literal('connected'),
    id: commandIdSchema,
    sessionId: uuidSchema.describe('Names this socket in events.'),
    userId: z.string().describe("The token's `sub`."),
    gateway: z.string().describe('The gateway you are connected to.'),
    serverTime: z.number().describe('Milliseconds since 1970.'),
    heartbeatMs: z
      .int()
      .describe(
        'Milliseconds: the gateway pings this often; who hears nothing for twice as long reconnects.',
      ),
    iceServers: z.array(iceServerSchema).describe('As RTCConfiguration.iceServers takes it.'),
  })
  .meta({ id: 'connected', description: 'The token is accepted; the session begins.' });

export const replyMessage = z
  .union([
    z.strictObject({
      type: z.literal('reply'),
      id: commandIdSchema,
      ok: z.literal(true),
      callId: callIdSchema,
      seq: z
        .int()
        .min(0)
        .describe("The call's sequence after the command: what was asked is in the log up to here."),
    }),
    z.strictObject({
      type: z.literal('reply'),
      id: z.string().nullable().describe("The message's id; null where it had none that could be read."),
      ok: z.literal(false),
      error: rejectionSchema,
    }),
  ])
  .meta({ id: 'reply', description: 'What became of a message.' });

export const snapshotMessage = z
  .strictObject({
    type: z.literal('snapshot'),
    callId: callIdSchema,
    seq: z.int().min(1).describe('Sequence of the last event in the state; those after it follow.'),
    resync: z.boolean().describe('True where it stands in for events that could not be replayed one by one.'),
    state: callViewSchema,
    addressed: z
      .array(callEventSchema)
      .optional()
      .describe('What was sent to you alone between your join and this state, which does not show it.'),
  })
  .meta({ id: 'snapshot', description: 'The call as it is; events after `seq` follow.' });

export const eventMessage = z
  .strictObject({
    type: z.literal('event'),
    callId: callIdSchema,
    seq: z.int().min(1).describe("The event's sequence."),
    after: z
      .int()
      .min(0)
      .describe('The sequence delivered to you before; if it is not the one you have, something is missing.'),
    event: callEventSchema,
  })
  .meta({ id: 'event', description: 'One event of a call, in order, without gaps for this recipient.' });

export const tokenExpiringMessage = z
  .strictObject({
    type: z.literal('token.expiring'),
    expiresAt: z.number().describe("Milliseconds since 1970, by the gateway's clock."),
    leftMs: z.int().min(0).describe('Milliseconds until then, for clocks that differ.'),
  })
  .meta({
    id: 'token.expiring',
    description: "This session's token ends soon, and the socket with it: send `token.renew` before that.",
  });

export const tokenRenewedMessage = z
  .strictObject({
    type: z.literal('token.renewed'),
    id: commandIdSchema,
    expiresAt: z
      .number()
      .describe("When the new token ends: milliseconds since 1970, by the gateway's clock."),
  })
  .meta({ id: 'token.renewed', description: 'The new token is accepted; the session goes on with it.' });

export const byeMessage = z
  .strictObject({
    type: z.literal('bye'),
    code: z.int().describe('The close code that follows.'),
    reason: z.string().describe('A sentence for a person.'),
    retryAfterMs: z.int().min(0).optional().describe('Milliseconds to wait before coming back.'),
  })
  .meta({ id: 'bye', description: 'The gateway is about to close this socket, and why.' });

export const serverMessages = [
  connectedMessage,
  replyMessage,
  snapshotMessage,
  eventMessage,
  presenceMessage,
  userMessageMessage,
  tokenExpiringMessage,
  tokenRenewedMessage,
  byeMessage,
] as const;
export type ServerMessage = z.infer<(typeof serverMessages)[number]>;
