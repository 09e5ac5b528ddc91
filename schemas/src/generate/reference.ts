import type { z } from 'zod';
import { commandDefinitions } from '../call/commands.ts';
import { callEvents } from '../call/events.ts';
import { clientMessages, closeCodes, serverMessages } from '../edge/messages.ts';
import { httpOperations, type HttpOperation } from '../edge/http.ts';
import { envelopeShape } from '../envelope.ts';
import { rejections, type RejectionCode } from '../rejections.ts';
import { telemetryEvents } from '../telemetry.ts';
import { httpExamples, messageExamples } from './examples.ts';
import { bounds, fieldsOf, typeOf, type Field, type TypePart } from './fields.ts';
import { Components, type JsonSchema } from './json-schema.ts';
import { limitsOfSource, type Limit } from './limits-of-source.ts';
import { sorted } from './openapi.ts';

/** A named type of the contract: its fields, or what it is. */
export interface TypeEntry {
  readonly id: string;
  readonly description: string;
  readonly form: readonly TypePart[];
  /** One list of fields an alternative; empty where it is no object. */
  readonly alternatives: readonly (readonly Field[])[];
}

export interface EventEntry {
  readonly type: string;
  readonly version: number;
  readonly summary: string;
  readonly causedBy: readonly string[];
  readonly visibility: 'call' | 'addressee';
  readonly fields: readonly Field[];
}

export interface MessageEntry {
  readonly type: string;
  readonly summary: string;
  /** One list of fields a form of the message. */
  readonly alternatives: readonly (readonly Field[])[];
  readonly example: unknown;
}

export interface OperationEntry extends HttpOperation {
  readonly id: string;
  readonly fields: { query: readonly Field[]; body: readonly Field[]; response: readonly Field[] };
  readonly example: { body?: unknown; response: unknown };
}

/** Everything that a reader of the contract looks up, independent of how it is printed. */
export interface Reference {
  readonly operations: readonly OperationEntry[];
  readonly clientMessages: readonly MessageEntry[];
  readonly serverMessages: readonly MessageEntry[];
  readonly closeCodes: readonly { code: number; reason: string }[];
  readonly envelope: readonly Field[];
  readonly events: readonly EventEntry[];
  readonly commands: readonly { type: string; client: boolean; summary: string; fields: readonly Field[] }[];
  readonly telemetry: readonly { type: string; summary: string; fields: readonly Field[] }[];
  readonly types: readonly TypeEntry[];
  readonly rejections: readonly { code: RejectionCode; status: number; message: string }[];
  readonly limits: readonly Limit[];
}

/** @param limitsSource text of `limits.ts`, whose comments hold the reasons */
export function makeReference(limitsSource: string): Reference {
  const components = new Components('draft-2020-12');
  const fields = (schema: z.ZodType, io: 'input' | 'output' = 'output') =>
    fieldsOf(components.add(schema, io), components);
  const operations = (Object.entries(httpOperations) as [keyof typeof httpOperations, HttpOperation][]).map(
    ([id, operation]) => ({
      ...operation,
      id,
      fields: {
        query: operation.query ? fields(operation.query).map((f) => ({ ...f, required: false })) : [],
        body: operation.body ? fields(operation.body, 'input') : [],
        response: fields(operation.response),
      },
      example: httpExamples[id],
    }),
  );
  const messages = (schemas: readonly (typeof clientMessages)[number][] | typeof serverMessages) =>
    schemas.map((schema) => messageEntry(schema, components));
  const events = callEvents.map((definition) => ({
    type: definition.type,
    version: definition.version,
    summary: definition.summary,
    causedBy: definition.causedBy,
    visibility: definition.visibility,
    fields: fields(definition.data).filter(({ name }) => name !== 'cause'),
  }));
  const reference = {
    operations,
    clientMessages: messages(clientMessages),
    serverMessages: messages(serverMessages),
    closeCodes: Object.values(closeCodes),
    envelope: Object.entries(envelopeShape).flatMap(([name, schema]) =>
      envelopeField(name, schema, components),
    ),
    events,
    commands: Object.entries(commandDefinitions).map(([type, { client, summary, data }]) => ({
      type,
      client,
      summary,
      fields: fields(data),
    })),
    telemetry: telemetryEvents.map((schema) => ({
      type: schema.shape.type.value,
      summary: schema.meta()?.description ?? '',
      fields: fields(schema.shape.data),
    })),
    rejections: (Object.keys(rejections) as RejectionCode[]).map((code) => ({ code, ...rejections[code] })),
    limits: limitsOfSource(limitsSource),
  };
  return { ...reference, types: typeEntries(components, new Set(events.map(({ type }) => type))) };
}

function envelopeField(name: string, schema: z.ZodType, components: Components): Field[] {
  const properties = { [name]: components.add(schema) };
  return fieldsOf({ properties, required: schema.safeParse(undefined).success ? [] : [name] }, components);
}

function messageEntry(
  schema: (typeof clientMessages)[number] | (typeof serverMessages)[number],
  components: Components,
): MessageEntry {
  const { id = '', description = '' } = schema.meta() ?? {};
  return {
    type: id,
    summary: description,
    alternatives: alternativesOf(components.resolve(components.add(schema)), components),
    example: messageExamples[id as keyof typeof messageExamples],
  };
}

/** Objects by their fields; a union of objects by the fields of each. */
function alternativesOf(schema: JsonSchema, components: Components): Field[][] {
  const all = schema.oneOf ?? schema.anyOf ?? [schema];
  return all.filter(({ properties }) => properties).map((one) => fieldsOf(one, components));
}

/** Types that have no chapter of their own: neither events nor messages, nor bodies of one operation. */
function typeEntries(components: Components, events: ReadonlySet<string>): TypeEntry[] {
  const chapters = new Set<string>([...events, ...Object.keys(messageExamples)]);
  for (const { body, response } of Object.values(httpOperations) as HttpOperation[])
    for (const schema of [body, response]) if (schema) chapters.add(String(schema.meta()?.id));
  return Object.entries(sorted(components.schemas))
    .filter(([id]) => !chapters.has(id) && id !== 'CallEvent' && id !== 'RejectionCode')
    .map(([id, schema]) => ({
      id,
      description: [schema.description, ...bounds(schema)].filter(Boolean).join(' '),
      form: formOf(schema),
      alternatives: alternativesOf(schema, components),
    }));
}

function formOf(schema: JsonSchema): TypePart[] {
  if (schema.format === 'date-time') return [{ text: 'date-time' }];
  return typeOf(schema);
}
