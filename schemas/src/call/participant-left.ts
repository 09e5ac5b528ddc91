import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { leaveReasonSchema, participantIdSchema } from './values.ts';

export const participantLeft = defineEvent({
  type: 'call.participant.left',
  version: 1,
  summary: 'Somebody is no longer in the call; their tracks are gone with them.',
  causedBy: ['call.leave', 'call.remove', 'call.end', 'deadline: grace'],
  data: {
    participantId: participantIdSchema,
    reason: leaveReasonSchema,
    by: participantIdSchema.optional().describe('The host who removed them.'),
  },
});
export type ParticipantLeft = z.infer<typeof participantLeft.schema>;
