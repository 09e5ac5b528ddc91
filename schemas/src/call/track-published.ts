import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { participantIdSchema, trackSchema } from './values.ts';

export const trackPublished = defineEvent({
  type: 'call.track.published',
  version: 1,
  summary: 'Somebody sends a new track; a screen share is a track with source screen.',
  causedBy: ['call.publish'],
  data: {
    participantId: participantIdSchema,
    track: trackSchema,
  },
});
export type TrackPublished = z.infer<typeof trackPublished.schema>;
