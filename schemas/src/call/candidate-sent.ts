import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { connectionIdSchema, iceCandidateSchema, participantIdSchema } from './values.ts';

export const candidateSent = defineEvent({
  type: 'call.candidate.sent',
  version: 1,
  summary: 'An ICE candidate from one participant to another (RFC 8838, trickle).',
  causedBy: ['call.candidate'],
  visibility: 'addressee',
  data: {
    from: participantIdSchema.describe('Who sent it.'),
    to: participantIdSchema.describe('Who it is for, and who alone receives it.'),
    connectionId: connectionIdSchema,
    candidate: iceCandidateSchema,
  },
});
export type CandidateSent = z.infer<typeof candidateSent.schema>;
