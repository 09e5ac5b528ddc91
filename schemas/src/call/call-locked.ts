import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { participantIdSchema } from './values.ts';

export const callLocked = defineEvent({
  type: 'call.locked',
  version: 1,
  summary: 'Nobody new may join.',
  causedBy: ['call.lock'],
  data: {
    by: participantIdSchema.describe('Who locked it.'),
  },
});
export type CallLocked = z.infer<typeof callLocked.schema>;
