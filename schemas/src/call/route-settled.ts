import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const routeSettled = defineEvent({
  type: 'call.route.settled',
  version: 1,
  summary: 'Everybody shows the new route, or had time enough: the old one is given up.',
  causedBy: ['call.swapped', 'call.leave', 'deadline: route'],
  data: {
    epoch: routeEpochSchema,
    missing: z.array(participantIdSchema).describe('Who did not say in time that they switched.'),
  },
});
export type RouteSettled = z.infer<typeof routeSettled.schema>;
