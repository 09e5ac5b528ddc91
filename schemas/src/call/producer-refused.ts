import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema, uuidSchema } from '../ids.ts';
import { routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const producerRefused = defineEvent({
  type: 'call.producer.refused',
  version: 1,
  summary: 'The Call Server can not take a track with the RTP parameters it has.',
  causedBy: ['call.producer-refused'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Whose track it is, and who alone receives it.'),
    epoch: routeEpochSchema,
    trackId: trackIdSchema,
    producerId: uuidSchema,
    reason: z.string().max(500).describe('A sentence for a developer.'),
  },
});
export type ProducerRefused = z.infer<typeof producerRefused.schema>;
