import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema } from '../ids.ts';
import { participantIdSchema } from './values.ts';

export const trackUnpublished = defineEvent({
  type: 'call.track.unpublished',
  version: 1,
  summary: 'Somebody no longer sends a track.',
  causedBy: ['call.unpublish'],
  data: {
    participantId: participantIdSchema,
    trackId: trackIdSchema,
  },
});
export type TrackUnpublished = z.infer<typeof trackUnpublished.schema>;
