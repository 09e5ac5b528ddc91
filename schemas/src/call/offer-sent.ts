import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { connectionIdSchema, participantIdSchema, sdpSchema } from './values.ts';

export const offerSent = defineEvent({
  type: 'call.offer.sent',
  version: 1,
  summary: 'An SDP offer from one participant to another (RFC 3264).',
  causedBy: ['call.offer'],
  visibility: 'addressee',
  data: {
    from: participantIdSchema.describe('Who sent it.'),
    to: participantIdSchema.describe('Who it is for, and who alone receives it.'),
    connectionId: connectionIdSchema,
    sdp: sdpSchema,
  },
});
export type OfferSent = z.infer<typeof offerSent.schema>;
