import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { callServerSchema, routeEpochSchema, routeKindSchema, routeReasonSchema } from './media.ts';

export const routeChanged = defineEvent({
  type: 'call.route.changed',
  version: 1,
  summary:
    'The media of the call takes another way; the old one is kept until everybody has switched. The inputs stand in the cause.',
  causedBy: ['call.route', 'call.server-failed'],
  data: {
    kind: routeKindSchema,
    epoch: routeEpochSchema,
    reason: routeReasonSchema,
    policy: z.int().min(1).describe('Version of the policy that decided.'),
    people: z.int().min(0).describe('How many with media were in the call.'),
    server: callServerSchema.optional().describe('The chosen Call Server, as it was when it was chosen.'),
  },
});
export type RouteChanged = z.infer<typeof routeChanged.schema>;
