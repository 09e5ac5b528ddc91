import { z } from 'zod';
import { tenantIdSchema, callIdSchema, userIdSchema, uuidSchema } from '../ids.ts';
import {
  bandwidthDecisionSchema,
  fingerprintsSchema,
  producerSchema,
  routeEpochSchema,
  routeSchema,
  transportStateSchema,
} from './media.ts';
import {
  candidatePairSchema,
  capabilitiesSchema,
  connectionIdSchema,
  connectionStateSchema,
  endReasonSchema,
  leaveReasonSchema,
  participantIdSchema,
  roleSchema,
  trackSchema,
} from './values.ts';

const connectionSchema = z
  .strictObject({
    peerId: participantIdSchema,
    connectionId: connectionIdSchema,
    state: connectionStateSchema,
    pair: candidatePairSchema.optional(),
  })
  .meta({ id: 'Connection', description: 'One end of a peer connection, as that end reports it.' });

export const participantViewSchema = z
  .strictObject({
    participantId: participantIdSchema,
    userId: userIdSchema,
    displayName: z.string().describe('The name that others see.'),
    guest: z.boolean().describe('Came by link, without an account.'),
    role: roleSchema,
    presence: z
      .enum(['connected', 'disconnected', 'left'])
      .describe('disconnected: their socket is gone and the grace time runs.'),
    instanceId: uuidSchema.describe('The page (or bot) instance: a new one has no peer connections.'),
    sessionId: uuidSchema.describe('The WebSocket that speaks for them.'),
    gateway: z.string().describe('The gateway that holds this socket.'),
    joinedAt: z.number().describe('Milliseconds since 1970.'),
    graceUntil: z.number().optional().describe('Milliseconds since 1970: they leave unless back by then.'),
    leftAt: z.number().optional().describe('Milliseconds since 1970.'),
    leftReason: leaveReasonSchema.optional(),
    capabilities: capabilitiesSchema.optional(),
    tracks: z.record(z.string(), trackSchema).describe('By track id.'),
    handRaisedAt: z.number().optional().describe('Milliseconds since 1970; present while the hand is up.'),
    bandwidth: bandwidthDecisionSchema.optional().describe('The last decision about their uplink.'),
    fingerprints: fingerprintsSchema.optional().describe("Of the page's certificate."),
    shownEpoch: routeEpochSchema.optional().describe('The route that they show; absent: the first.'),
    producers: z
      .record(z.string(), z.strictObject({ ...producerSchema.shape, epoch: routeEpochSchema }))
      .optional()
      .describe('What they send to the Call Server, by track id.'),
    transports: z
      .strictObject({ send: transportStateSchema.optional(), recv: transportStateSchema.optional() })
      .optional()
      .describe('Their ends of the transports to the Call Server.'),
    connections: z.record(z.string(), connectionSchema).describe("By the peer's participant id."),
  })
  .meta({ id: 'Participant', description: 'One person in one call, on one device.' });
export type ParticipantView = z.infer<typeof participantViewSchema>;

export const callViewSchema = z
  .strictObject({
    callId: callIdSchema,
    tenantId: tenantIdSchema,
    seq: z.int().min(1).describe('Sequence of the last event in it.'),
    status: z.enum(['open', 'ended']),
    name: z.string().optional().describe('One line that says what it is about.'),
    createdBy: userIdSchema,
    createdAt: z.number().describe('Milliseconds since 1970.'),
    guestsAllowed: z.boolean().describe('Whether people without an account may join by link.'),
    participantsMax: z.number().describe('So many people may be in it at a time.'),
    durationMsMax: z.number().describe('Milliseconds after which it ends by itself.'),
    emptyTimeoutMs: z.number().describe('Milliseconds without anybody after which it ends.'),
    route: routeSchema.optional().describe('How the media runs; absent: peer to peer from the beginning.'),
    locked: z.boolean().describe('Nobody new may join.'),
    emptySince: z.number().optional().describe('Milliseconds since 1970; present while nobody is in it.'),
    endedAt: z.number().optional().describe('Milliseconds since 1970.'),
    endReason: endReasonSchema.optional(),
    participants: z
      .record(z.string(), participantViewSchema)
      .describe('By participant id: everybody who is or was in it.'),
  })
  .meta({ id: 'Call', description: 'A call as everybody in it may see it: the folded facts.' });
export type CallView = z.infer<typeof callViewSchema>;

export const callSummarySchema = z
  .strictObject({
    callId: callIdSchema,
    status: z.enum(['open', 'ended']),
    name: z.string().optional().describe('One line that says what it is about.'),
    createdBy: userIdSchema,
    createdAt: z.number().describe('Milliseconds since 1970.'),
    endedAt: z.number().optional().describe('Milliseconds since 1970.'),
    endReason: endReasonSchema.optional(),
    people: z.array(z.string()).describe('Names of who is or was in it, in the order they came.'),
    participantsNow: z.int().describe('How many are in it.'),
    seq: z.int().describe('Sequence of its last event.'),
  })
  .meta({ id: 'CallSummary', description: 'One line of a list of calls.' });
export type CallSummary = z.infer<typeof callSummarySchema>;
