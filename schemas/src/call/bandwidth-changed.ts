import type { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { bandwidthDecisionSchema, samplesSchema } from './media.ts';
import { participantIdSchema } from './values.ts';

export const bandwidthChanged = defineEvent({
  type: 'call.bandwidth.changed',
  version: 1,
  summary: "Somebody's uplink does not carry their camera any more, or does again.",
  causedBy: ['call.bandwidth'],
  data: {
    participantId: participantIdSchema,
    decision: bandwidthDecisionSchema,
    samples: samplesSchema,
  },
});
export type BandwidthChanged = z.infer<typeof bandwidthChanged.schema>;
