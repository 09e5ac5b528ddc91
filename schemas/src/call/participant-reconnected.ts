import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { uuidSchema } from '../ids.ts';
import { fingerprintsSchema } from './media.ts';
import { capabilitiesSchema, displayNameSchema, participantIdSchema } from './values.ts';

export const participantReconnected = defineEvent({
  type: 'call.participant.reconnected',
  version: 1,
  summary: 'Somebody who was in the call is back on a new socket; a new instanceId means a new page.',
  causedBy: ['call.join'],
  data: {
    participantId: participantIdSchema,
    instanceId: uuidSchema.describe('A new one means a new page, without peer connections.'),
    sessionId: uuidSchema.describe('The WebSocket that speaks for them now.'),
    gateway: z.string().describe('The gateway that holds this socket.'),
    displayName: displayNameSchema.optional().describe('Of a new page: the name given there.'),
    capabilities: capabilitiesSchema.optional().describe("Of a new page: the device's."),
    fingerprints: fingerprintsSchema.optional().describe("Of a new page's certificate, for the Call Server."),
  },
});
export type ParticipantReconnected = z.infer<typeof participantReconnected.schema>;
