import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema } from '../ids.ts';
import { participantIdSchema } from './values.ts';

export const trackMuted = defineEvent({
  type: 'call.track.muted',
  version: 1,
  summary: "A track is silent or dark by its owner's wish.",
  causedBy: ['call.mute'],
  data: {
    participantId: participantIdSchema,
    trackId: trackIdSchema,
  },
});
export type TrackMuted = z.infer<typeof trackMuted.schema>;
