import { z } from 'zod';
import { defineEvent, isoTimeSchema } from '../envelope.ts';
import { uuidSchema } from '../ids.ts';
import { disconnectReasonSchema, participantIdSchema } from './values.ts';

export const participantDisconnected = defineEvent({
  type: 'call.participant.disconnected',
  version: 1,
  summary: 'The socket of somebody in the call is gone; they leave when the grace time ends.',
  causedBy: ['call.disconnect'],
  data: {
    participantId: participantIdSchema,
    sessionId: uuidSchema.describe('The WebSocket that is gone.'),
    reason: disconnectReasonSchema,
    graceUntil: isoTimeSchema.describe('They leave unless back by then.'),
  },
});
export type ParticipantDisconnected = z.infer<typeof participantDisconnected.schema>;
