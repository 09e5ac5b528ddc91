import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { directionSchema, transportStateSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const transportChanged = defineEvent({
  type: 'call.transport.changed',
  version: 1,
  summary: 'One end of a transport to the Call Server changed its state, as the client reports it.',
  causedBy: ['call.transport'],
  data: {
    participantId: participantIdSchema,
    direction: directionSchema,
    ...transportStateSchema.shape,
    restart: z.boolean().optional().describe('True: the client asks for an ICE restart.'),
  },
});
export type TransportChanged = z.infer<typeof transportChanged.schema>;
