import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { participantIdSchema } from './values.ts';

export const callUnlocked = defineEvent({
  type: 'call.unlocked',
  version: 1,
  summary: 'People may join again.',
  causedBy: ['call.unlock'],
  data: {
    by: participantIdSchema.describe('Who unlocked it.'),
  },
});
export type CallUnlocked = z.infer<typeof callUnlocked.schema>;
