import {
  clientMessages,
  connectBody,
  createCallBody,
  createGuestBody,
  sendMessageBody,
} from '@ringback/schemas';
import { z } from 'zod';
import type { Chance } from '../simulation/chance.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface JsonSchema {
  readonly $ref?: string;
  readonly const?: Json;
  readonly enum?: Json[];
  readonly anyOf?: JsonSchema[];
  readonly oneOf?: JsonSchema[];
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly properties?: Record<string, JsonSchema>;
  readonly required?: string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $defs?: Record<string, JsonSchema>;
}

/** What a value that means something is drawn from, instead of any value of its form. */
export interface Meanings {
  /** By the schema's id, as in the generated documents: `CallId`, `ParticipantId` … */
  readonly named: Readonly<Record<string, (() => Json) | undefined>>;
  readonly text: () => string;
}

export const schemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** Every message of a client, by its type: from the contract itself, so that a new one is fuzzed from its first day. */
export const messageShapes: ReadonlyMap<string, JsonSchema> = new Map(
  clientMessages.map((message) => [message.shape.type.value, schemaOf(message)]),
);
export const bodyShapes = {
  call: schemaOf(createCallBody),
  connect: schemaOf(connectBody),
  guest: schemaOf(createGuestBody),
  message: schemaOf(sendMessageBody),
};

/** One for each pattern of the contract. */
const samples = [
  '019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10',
  '00-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10',
  'v=0\r\n',
  'video/VP8',
  'audio/opus',
  Array.from({ length: 32 }, () => 'AB').join(':'),
  'L1T3',
  'r0',
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'camera-1',
  '2025-11-19T18:24:34.816Z',
];

/** A value that the schema takes, as far as its JSON form says it all. */
export function valueOf(schema: JsonSchema, chance: Chance, meanings: Meanings): Json {
  const definitions = schema.$defs ?? {};
  const make = (part: JsonSchema): Json => {
    if (part.$ref !== undefined) {
      const name = part.$ref.replace('#/$defs/', '');
      return meanings.named[name]?.() ?? make(definitions[name]!);
    }
    if (part.const !== undefined) return part.const;
    if (part.enum !== undefined) return chance.of(part.enum);
    const either = part.anyOf ?? part.oneOf;
    if (either !== undefined) return make(chance.of(either));
    switch (part.type) {
      case 'object':
        return objectOf(part, chance, make);
      case 'array': {
        const min = part.minItems ?? 0;
        const max = Math.min(part.maxItems ?? 3, chance.is(0.02) ? 40 : min + 2);
        return Array.from({ length: chance.int(min, Math.max(min, max)) }, () => make(part.items!));
      }
      case 'string':
        return textOf(part, chance, meanings);
      case 'number':
      case 'integer':
        return numberOf(part, chance);
      case 'boolean':
        return chance.is(0.5);
      default:
        return null;
    }
  };
  return make(schema);
}

function objectOf(part: JsonSchema, chance: Chance, make: (part: JsonSchema) => Json): Json {
  const value: Record<string, Json> = {};
  const required = new Set(part.required);
  for (const [name, member] of Object.entries(part.properties ?? {}))
    if (required.has(name) || chance.is(0.4)) value[name] = make(member);
  const { propertyNames, additionalProperties } = part;
  if (propertyNames !== undefined && typeof additionalProperties === 'object')
    for (let n = chance.int(0, 3); n > 0; n--)
      value[String(make(propertyNames))] = make(additionalProperties);
  return value;
}

function textOf(part: JsonSchema, chance: Chance, meanings: Meanings): string {
  const { minLength = 0, maxLength = Infinity } = part;
  if (part.pattern === undefined) return meanings.text().slice(0, maxLength).padEnd(minLength, 'x');
  const pattern = new RegExp(part.pattern, 'u');
  const fits = (text: string) => pattern.test(text) && text.length >= minLength && text.length <= maxLength;
  const own = [meanings.text(), `v=0\r\n${meanings.text()}`].filter(fits);
  const known = samples.filter(fits);
  if (own.length === 0 && known.length === 0)
    throw new Error(`no sample fits ${part.pattern}: add one to shapes.ts`);
  return chance.of(own.length > 0 ? own : known);
}

function numberOf(part: JsonSchema, chance: Chance): number {
  const min = part.minimum ?? 0;
  const max = Math.min(part.maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER);
  if (chance.is(0.05)) return chance.of([min, max]);
  // Epochs, sequences and counts that mean something are small.
  const value = chance.is(0.5) ? chance.int(min, Math.min(max, min + 3)) : chance.between(min, max);
  return part.type === 'integer' ? Math.floor(value) : value;
}
