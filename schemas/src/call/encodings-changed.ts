import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema, uuidSchema } from '../ids.ts';
import { routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const encodingsChanged = defineEvent({
  type: 'call.encodings.changed',
  version: 1,
  summary: 'Layers that nobody watches need not be sent; or they do again.',
  causedBy: ['call.encodings'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Whose track it is, and who alone receives this.'),
    epoch: routeEpochSchema,
    trackId: trackIdSchema,
    producerId: uuidSchema,
    maxSpatialLayer: z
      .int()
      .min(-1)
      .max(8)
      .describe('The largest spatial layer that somebody watches; -1: nobody watches any.'),
  },
});
export type EncodingsChanged = z.infer<typeof encodingsChanged.schema>;
