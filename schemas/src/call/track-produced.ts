import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { producerSchema, routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const trackProduced = defineEvent({
  type: 'call.track.produced',
  version: 1,
  summary: 'A track is sent to the Call Server, with these RTP parameters.',
  causedBy: ['call.produce'],
  data: {
    participantId: participantIdSchema,
    epoch: routeEpochSchema,
    ...producerSchema.shape,
  },
});
export type TrackProduced = z.infer<typeof trackProduced.schema>;
