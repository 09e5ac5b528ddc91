import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { participantIdSchema } from './values.ts';

export const handLowered = defineEvent({
  type: 'call.hand.lowered',
  version: 1,
  summary: 'A hand is down again, by its owner or by a host.',
  causedBy: ['call.lower-hand'],
  data: {
    participantId: participantIdSchema,
    by: participantIdSchema.describe('Who lowered it.'),
  },
});
export type HandLowered = z.infer<typeof handLowered.schema>;
