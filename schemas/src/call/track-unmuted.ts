import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema } from '../ids.ts';
import { participantIdSchema } from './values.ts';

export const trackUnmuted = defineEvent({
  type: 'call.track.unmuted',
  version: 1,
  summary: 'A muted track is heard or seen again.',
  causedBy: ['call.unmute'],
  data: {
    participantId: participantIdSchema,
    trackId: trackIdSchema,
  },
});
export type TrackUnmuted = z.infer<typeof trackUnmuted.schema>;
