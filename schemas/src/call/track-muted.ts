import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema } from '../ids.ts';
import { participantIdSchema } from './values.ts';

export const trackMuted = defineEvent({
  type: 'call.track.muted',
  version: 1,
  summary: "A track is silent or dark, by its owner's wish or a host's.",
  causedBy: ['call.mute', 'call.mute-participant'],
  data: {
    participantId: participantIdSchema,
    trackId: trackIdSchema,
    by: participantIdSchema.optional().describe('The host who did it; absent: by their own wish.'),
  },
});
export type TrackMuted = z.infer<typeof trackMuted.schema>;
