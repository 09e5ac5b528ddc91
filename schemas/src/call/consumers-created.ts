import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { uuidSchema } from '../ids.ts';
import { consumerSchema, routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const consumersCreated = defineEvent({
  type: 'call.consumers.created',
  version: 1,
  summary: "More of the others' tracks that somebody can receive from the Call Server.",
  causedBy: ['call.consumers'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Who receives them, and who alone receives this.'),
    instanceId: uuidSchema.describe('The page they are for.'),
    epoch: routeEpochSchema,
    consumers: z.array(consumerSchema).describe('Those that are new.'),
  },
});
export type ConsumersCreated = z.infer<typeof consumersCreated.schema>;
