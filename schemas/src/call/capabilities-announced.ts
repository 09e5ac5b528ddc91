import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { capabilitiesSchema, participantIdSchema } from './values.ts';

export const capabilitiesAnnounced = defineEvent({
  type: 'call.capabilities.announced',
  version: 1,
  summary: 'What a device can send and receive, when it changed after joining.',
  causedBy: ['call.capabilities'],
  data: {
    participantId: participantIdSchema.describe('Whose device.'),
    capabilities: capabilitiesSchema,
  },
});
export type CapabilitiesAnnounced = z.infer<typeof capabilitiesAnnounced.schema>;
