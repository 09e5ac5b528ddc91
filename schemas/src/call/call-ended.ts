import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { endReasonSchema, participantIdSchema } from './values.ts';

export const callEnded = defineEvent({
  type: 'call.ended',
  version: 1,
  summary: 'The call is over for everyone, for good.',
  causedBy: ['call.end', 'deadline: empty', 'deadline: nobody came', 'deadline: maximum duration'],
  data: {
    reason: endReasonSchema,
    by: participantIdSchema.optional().describe('Who ended it, where the reason is host.'),
  },
});
export type CallEnded = z.infer<typeof callEnded.schema>;
