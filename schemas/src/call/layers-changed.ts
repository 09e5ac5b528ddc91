import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { trackIdSchema } from '../ids.ts';
import {
  layersDecisionSchema,
  layersReasonSchema,
  layersSchema,
  routeEpochSchema,
  samplesSchema,
} from './media.ts';
import { participantIdSchema } from './values.ts';

export const layersChanged = defineEvent({
  type: 'call.layers.changed',
  version: 1,
  summary: "Somebody gets more or less of somebody's video from the Call Server, and why.",
  causedBy: ['call.layers'],
  visibility: 'addressee',
  data: {
    to: participantIdSchema.describe('Who sees it, and who alone receives this.'),
    participantId: participantIdSchema.describe('Whose video it is.'),
    trackId: trackIdSchema,
    epoch: routeEpochSchema,
    decision: layersDecisionSchema,
    layers: layersSchema.nullable().describe('What is sent now; null: nothing.'),
    before: layersSchema.nullable().describe('What was sent before.'),
    reason: layersReasonSchema,
    samples: samplesSchema,
  },
});
export type LayersChanged = z.infer<typeof layersChanged.schema>;
