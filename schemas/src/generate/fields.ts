import { idOf, type Components, type JsonSchema } from './json-schema.ts';

/** One row of a table of fields. */
export interface Field {
  /** Path inside the object: `pair.protocol`, `codecs[].mimeType`. */
  readonly name: string;
  readonly type: readonly TypePart[];
  readonly required: boolean;
  readonly meaning: string;
}

/** A piece of a type's name; `id` where it is a type with its own entry. */
export interface TypePart {
  readonly text: string;
  readonly id?: string;
}

/** Every field of an object, those of objects without a name of their own included. */
export function fieldsOf(schema: JsonSchema, components: Components, path = ''): Field[] {
  const object = components.resolve(schema);
  const required = new Set(object.required);
  return Object.entries(object.properties ?? {}).flatMap(([key, property]) => {
    const name = path + key;
    const inside = fieldsInside(property, name, components);
    const meaning = meaningOf(property, components);
    // `data` says nothing that `data.track` does not.
    if (inside.length > 0 && meaning === '' && required.has(key)) return inside;
    return [{ name, type: typeOf(property), required: required.has(key), meaning }, ...inside];
  });
}

function fieldsInside(property: JsonSchema, name: string, components: Components): Field[] {
  if (property.properties) return fieldsOf(property, components, `${name}.`);
  if (property.items?.properties) return fieldsOf(property.items, components, `${name}[].`);
  if (typeof property.additionalProperties === 'object' && property.additionalProperties.properties)
    return fieldsOf(property.additionalProperties, components, `${name}.*.`);
  return [];
}

/** What to write in a column "type". */
export function typeOf(schema: JsonSchema): TypePart[] {
  const id = idOf(schema);
  if (id !== undefined) return [{ text: id, id }];
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) return joined(alternatives.map(typeOf));
  if (schema.const !== undefined) return [{ text: JSON.stringify(schema.const) }];
  if (schema.enum) return [{ text: schema.enum.map((value) => JSON.stringify(value)).join(' or ') }];
  if (Array.isArray(schema.type)) return joined(schema.type.map((type) => [{ text: type }]));
  if (schema.type === 'array') return [{ text: 'array of ' }, ...typeOf(schema.items ?? {})];
  if (typeof schema.additionalProperties === 'object' && Object.keys(schema.additionalProperties).length > 0)
    return [{ text: 'map of ' }, ...typeOf(schema.additionalProperties)];
  return [{ text: schema.type ?? 'anything' }];
}

function joined(types: TypePart[][]): TypePart[] {
  return types.flatMap((type, index) => (index === 0 ? type : [{ text: ' or ' }, ...type]));
}

/** Its description, or its type's, then its bounds and its default. */
function meaningOf(schema: JsonSchema, components: Components): string {
  const own = components.resolve(schema);
  const facts = idOf(schema) === undefined ? bounds(own) : [];
  if (schema.default !== undefined) facts.push(`Default ${JSON.stringify(schema.default)}.`);
  return [own.description, ...facts].filter(Boolean).join(' ');
}

/** The limits that a value has to keep, as sentences. */
export function bounds(schema: JsonSchema): string[] {
  const { minimum, maximum, maxLength, maxItems } = schema;
  const facts: string[] = [];
  if (minimum !== undefined && maximum !== undefined) facts.push(`${count(minimum)} to ${count(maximum)}.`);
  // That counts start at 0 or 1 goes without saying.
  else if (minimum !== undefined && minimum > 1) facts.push(`At least ${count(minimum)}.`);
  else if (maximum !== undefined) facts.push(`At most ${count(maximum)}.`);
  if (maxLength !== undefined) facts.push(`At most ${count(maxLength)} characters.`);
  if (maxItems !== undefined) facts.push(`At most ${count(maxItems)}.`);
  return facts;
}

/** 43,200,000: the same in every locale, so that the document is the same on every machine. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
