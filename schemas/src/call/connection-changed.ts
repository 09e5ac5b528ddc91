import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import {
  candidatePairSchema,
  connectionIdSchema,
  connectionStateSchema,
  participantIdSchema,
} from './values.ts';

export const connectionChanged = defineEvent({
  type: 'call.connection.changed',
  version: 1,
  summary:
    'A peer connection changed its state, as one of its ends reports it, with the candidate pair in use.',
  causedBy: ['call.connection'],
  data: {
    participantId: participantIdSchema.describe('Who reports it.'),
    peerId: participantIdSchema.describe('Who is at the other end.'),
    connectionId: connectionIdSchema,
    state: connectionStateSchema,
    pair: candidatePairSchema.optional().describe('The candidate pair in use, once there is one.'),
  },
});
export type ConnectionChanged = z.infer<typeof connectionChanged.schema>;
