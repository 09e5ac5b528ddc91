import { z } from 'zod';
import { actorSchema, isoTimeSchema } from './envelope.ts';
import { callIdSchema, tenantIdSchema } from './ids.ts';
import { rejectionSchema } from './rejections.ts';

/**
 * Telemetry is not fact: it is written by gateways, not fenced, and lives shorter. A refusal is exactly
 * what somebody who debugs a call looks for.
 */
export const commandRejected = z
  .strictObject({
    specversion: z.literal('1.0'),
    id: z.string().describe('Unique among telemetry.'),
    source: z.string().describe('/gateways/<id>'),
    type: z.literal('call.command.rejected'),
    subject: callIdSchema.describe('The call.'),
    time: isoTimeSchema.describe('When it was refused.'),
    tenantid: tenantIdSchema,
    causationid: z.string().describe('Id of the refused command.'),
    correlationid: z.string().describe('The same through everything that one request set off.'),
    schemaversion: z.literal(1),
    data: z.strictObject({
      command: z.string().describe('Type of the refused command.'),
      actor: actorSchema,
      rejection: rejectionSchema,
    }),
  })
  .meta({
    id: 'call.command.rejected',
    description: 'A command was refused, with the reason that its sender was given.',
  });
export type CommandRejected = z.infer<typeof commandRejected>;

export const telemetryEvents = [commandRejected] as const;
export type TelemetryEvent = z.infer<(typeof telemetryEvents)[number]>;
