import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { participantIdSchema } from './values.ts';

export const handRaised = defineEvent({
  type: 'call.hand.raised',
  version: 1,
  summary: 'Somebody would like to speak.',
  causedBy: ['call.raise-hand'],
  data: {
    participantId: participantIdSchema,
  },
});
export type HandRaised = z.infer<typeof handRaised.schema>;
