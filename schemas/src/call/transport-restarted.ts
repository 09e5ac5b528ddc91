import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { uuidSchema } from '../ids.ts';
import { directionSchema, iceParametersSchema, routeEpochSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const transportRestarted = defineEvent({
  type: 'call.transport.restarted',
  version: 1,
  summary:
    'The Call Server restarted ICE of a transport: new credentials for the client (RFC 8445 section 9).',
  causedBy: ['call.transport-restarted'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Who it is for, and who alone receives it.'),
    epoch: routeEpochSchema,
    direction: directionSchema,
    transportId: uuidSchema,
    iceParameters: iceParametersSchema,
  },
});
export type TransportRestarted = z.infer<typeof transportRestarted.schema>;
