import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { connectionIdSchema, participantIdSchema, sdpSchema } from './values.ts';

export const answerSent = defineEvent({
  type: 'call.answer.sent',
  version: 1,
  summary: 'The SDP answer to an offer.',
  causedBy: ['call.answer'],
  visibility: 'addressee',
  data: {
    from: participantIdSchema.describe('Who sent it.'),
    to: participantIdSchema.describe('Who it is for, and who alone receives it.'),
    connectionId: connectionIdSchema,
    sdp: sdpSchema,
  },
});
export type AnswerSent = z.infer<typeof answerSent.schema>;
