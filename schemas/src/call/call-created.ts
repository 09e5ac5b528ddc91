import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { userIdSchema } from '../ids.ts';
import { callSettings } from './values.ts';

export const callCreated = defineEvent({
  type: 'call.created',
  version: 1,
  summary: 'A call exists and its link may be shared; its limits are fixed here.',
  causedBy: ['call.create'],
  data: {
    createdBy: userIdSchema,
    ...callSettings,
  },
});
export type CallCreated = z.infer<typeof callCreated.schema>;
