import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { userIdSchema, uuidSchema } from '../ids.ts';
import { fingerprintsSchema } from './media.ts';
import { capabilitiesSchema, displayNameSchema, participantIdSchema, roleSchema } from './values.ts';

export const participantJoined = defineEvent({
  type: 'call.participant.joined',
  version: 1,
  summary: 'Somebody is in the call, for the first time or again after having left.',
  causedBy: ['call.join'],
  data: {
    participantId: participantIdSchema,
    userId: userIdSchema,
    guest: z.boolean().describe('Came by link, without an account.'),
    role: roleSchema,
    displayName: displayNameSchema,
    instanceId: uuidSchema.describe('The page (or bot) instance: a new one has no peer connections.'),
    sessionId: uuidSchema.describe('The WebSocket that speaks for them.'),
    gateway: z.string().describe('The gateway that holds this socket.'),
    capabilities: capabilitiesSchema.optional(),
    fingerprints: fingerprintsSchema.optional().describe("Of the page's certificate, for the Call Server."),
  },
});
export type ParticipantJoined = z.infer<typeof participantJoined.schema>;
