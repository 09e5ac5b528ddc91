import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** The part of JSON Schema that zod writes for our types. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  description?: string;
  examples?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  propertyNames?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** OpenAPI 3.1 is written for 2020-12; AsyncAPI 3.0 for draft 7. */
export type Dialect = 'draft-2020-12' | 'draft-7';

/** Bodies that clients send have optional defaults (`input`); what the platform sends is complete (`output`). */
export type Direction = 'input' | 'output';

const prefix = '#/components/schemas/';

/** Collects every schema that has an id once, under `#/components/schemas`. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * JSON Schema of a zod type, as a reference where it has an id.
   * @throws Error where two different schemas have the same id.
   */
  add(schema: z.ZodType, io: Direction = 'output'): JsonSchema {
    const json = z.toJSONSchema(schema, { target: this.#dialect, io }) as Record<string, unknown>;
    const { $schema: _, $defs, definitions, ...root } = json;
    for (const [id, definition] of Object.entries(($defs ?? definitions ?? {}) as Record<string, unknown>)) {
      const tidied = tidy(definition) as JsonSchema;
      if (this.schemas[id] !== undefined && !isDeepStrictEqual(this.schemas[id], tidied))
        throw new Error(`two different schemas have the id ${id}`);
      this.schemas[id] = tidied;
    }
    return tidy(root) as JsonSchema;
  }

  /** The schema behind a reference, with the description that stands beside the reference. */
  resolve(schema: JsonSchema): JsonSchema {
    const id = idOf(schema);
    if (id === undefined) return schema;
    const { $ref: _, ...beside } = schema;
    return { ...this.schemas[id], ...beside };
  }
}

/** The id that a schema refers to. */
export function idOf(schema: JsonSchema): string | undefined {
  return schema.$ref?.startsWith(prefix) ? schema.$ref.slice(prefix.length) : undefined;
}

/** References into `components`, and without what zod adds that tells a reader nothing. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, child]) => !saysNothing(key, child, node))
      .map(([key, child]) => [
        key,
        key === '$ref' ? String(child).replace(/^#\/(\$defs|definitions)\//, prefix) : tidy(child),
      ]),
  );
}

function saysNothing(key: string, value: unknown, node: Record<string, unknown>): boolean {
  if (key === 'maximum') return value === Number.MAX_SAFE_INTEGER;
  if (key === 'minimum') return value === Number.MIN_SAFE_INTEGER;
  if (key === 'propertyNames') return isDeepStrictEqual(value, { type: 'string' });
  // The pattern of a date in zod is 300 characters that know leap years; the format says it.
  return key === 'pattern' && node.format === 'date-time';
}
