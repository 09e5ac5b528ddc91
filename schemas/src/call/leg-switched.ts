import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { routeEpochSchema, samplesSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const legSwitched = defineEvent({
  type: 'call.leg.switched',
  version: 1,
  summary: "Somebody shows everybody's media by the new route.",
  causedBy: ['call.swapped'],
  data: {
    participantId: participantIdSchema,
    epoch: routeEpochSchema,
    samples: samplesSchema.optional(),
  },
});
export type LegSwitched = z.infer<typeof legSwitched.schema>;
