import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { uuidSchema } from '../ids.ts';
import { consumerSchema, routeEpochSchema, transportSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const transportsCreated = defineEvent({
  type: 'call.transports.created',
  version: 1,
  summary: 'The Call Server is ready for somebody: both transports, and what there is to receive.',
  causedBy: ['call.transports'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Who they are for, and who alone receives it.'),
    instanceId: uuidSchema.describe('The page they are for.'),
    epoch: routeEpochSchema,
    send: transportSchema.describe('What the client sends on.'),
    recv: transportSchema.describe('What the client receives on.'),
    consumers: z.array(consumerSchema).describe('What there is to receive; the rest follows.'),
  },
});
export type TransportsCreated = z.infer<typeof transportsCreated.schema>;
