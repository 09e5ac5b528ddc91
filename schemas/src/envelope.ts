import { z } from 'zod';
import { callIdSchema, commandIdSchema, tenantIdSchema, userIdSchema, uuidSchema } from './ids.ts';

export const actorSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('user'),
      userId: userIdSchema,
      guest: z.boolean().describe('Came by link, without an account.'),
      admin: z.boolean().describe('The token grants `roomAdmin` for this call.'),
    }),
    z.strictObject({
      kind: z.literal('system'),
      name: z.string().min(1).max(64).describe('The part of the platform that acted.'),
    }),
  ])
  .meta({ id: 'Actor', description: 'Who acted: a person with a token, or a part of the platform.' });
export type Actor = z.infer<typeof actorSchema>;

export const isoTimeSchema = z.iso
  .datetime({ precision: 3 })
  .meta({ id: 'Time', description: 'RFC 3339, UTC, milliseconds.' });

/**
 * The command behind an event, kept so that the decision can be taken again by other code. Fields that
 * stand unchanged in the event's own data are named in `same` instead of being stored twice (an SDP is 5 kB).
 */
export const causeSchema = z
  .strictObject({
    command: z.string().describe('Type of the command.'),
    actor: actorSchema,
    participantId: uuidSchema.optional().describe("The actor's participant in this call."),
    sessionId: uuidSchema.optional().describe('The WebSocket it came by.'),
    receivedTime: isoTimeSchema.describe('When the gateway had it.'),
    same: z
      .array(z.string())
      .describe("Fields of the command's data that stand unchanged in the event's data."),
    data: z.record(z.string(), z.unknown()).describe("The rest of the command's data."),
  })
  .meta({
    id: 'Cause',
    description: 'The command that caused the event; on the first event of each command.',
  });
export type Cause = z.infer<typeof causeSchema>;

/**
 * CloudEvents 1.0 attributes with our extensions (lower-case names, simple values, as the specification
 * demands). `sequence` is gapless per call: 1, 2, 3 …
 */
export const envelopeShape = {
  specversion: z.literal('1.0').describe('Version of CloudEvents.'),
  id: z.string().describe('`<callId>/<sequence>`: unique, and the same wherever the event is read.'),
  source: z.literal('/calls').describe('What kind of thing the event is about.'),
  subject: callIdSchema.describe('The call.'),
  time: isoTimeSchema.describe('When it was decided.'),
  tenantid: tenantIdSchema,
  sequence: z.int().min(1).describe('Gapless per call, from 1.'),
  partitionkey: callIdSchema.describe('The call again: events with the same key are in order.'),
  causationid: z.string().describe('Id of the command (or, for deadlines, of what set them).'),
  correlationid: z.string().describe('The same through everything that one request set off.'),
  traceparent: z.string().optional().describe('W3C Trace Context.'),
  schemaversion: z.int().min(1).describe("Version of this type's data."),
  codeversion: z.string().describe('Version of the code that decided.'),
} as const;

/** One event type: its data, and who may see it. */
export interface EventDefinition<Type extends string = string, Data extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  /** From 1; each version but the first has a step in `call/steps.ts` that leads to it. */
  readonly version: number;
  readonly data: Data;
  /** One sentence for docs/events.md. */
  readonly summary: string;
  /** Commands (or deadlines) that lead to it. */
  readonly causedBy: readonly string[];
  /** `call`: everyone in the call; `addressee`: only `data.to` (and the sender's own log). */
  readonly visibility: 'call' | 'addressee';
  readonly schema: z.ZodType;
}

/** Declares an event: the data is extended by `cause`, the envelope is put around it. */
export function defineEvent<
  const Type extends string,
  Shape extends z.ZodRawShape,
  const Version extends number,
>(definition: {
  type: Type;
  version: Version;
  data: Shape;
  summary: string;
  causedBy: readonly string[];
  visibility?: 'call' | 'addressee';
}) {
  const data = z.strictObject({ ...definition.data, cause: causeSchema.optional() });
  const schema = z
    .strictObject({
      ...envelopeShape,
      type: z.literal(definition.type),
      schemaversion: z.literal(definition.version),
      data,
    })
    .meta({ id: definition.type, description: definition.summary });
  return { ...definition, visibility: definition.visibility ?? ('call' as const), data, schema };
}

/** Attributes common to every command on its way from a gateway to the owner of its call. */
export const commandShape = {
  id: commandIdSchema,
  callId: callIdSchema,
  tenantId: tenantIdSchema,
  actor: actorSchema,
  participantId: uuidSchema
    .optional()
    .describe("The actor's participant in this call, if the session has joined it."),
  sessionId: uuidSchema.optional().describe('The WebSocket it came by.'),
  receivedTime: isoTimeSchema.describe('When the gateway had it.'),
  correlationId: z.string().max(128).describe('The same through everything that one request set off.'),
  traceparent: z.string().max(64).optional(),
} as const;
