import { isDeepStrictEqual } from 'node:util';
import { idOf, type JsonSchema } from './json-schema.ts';
import { isWider, lowerBounds, upperBounds } from './versions.ts';

/** `in`: clients send it; `out`: clients read it. */
export type Way = 'in' | 'out';
export type Schemas = Readonly<Record<string, JsonSchema>>;

/**
 * Lists that grow without breaking anybody, since their descriptions say what to do about a value that one does not
 * know. What they have once they keep.
 */
const openLists: ReadonlySet<string> = new Set(['RejectionCode']);
const words: ReadonlySet<string> = new Set(['$ref', 'allOf', 'description', 'examples', 'title']);

/**
 * Holds the schemas of two versions of a document against each other: does whatever a client sent then still go through,
 * and does whatever a client is sent now fit what it knew then? The rules are those of docs/evolution.md.
 */
export class SchemaComparison {
  readonly #was: Schemas;
  readonly #is: Schemas;
  /** What was found for pairs of named schemas; nothing yet for those that are being looked at, which may hold each other. */
  readonly #known = new Map<string, string[]>();

  constructor(was: Schemas, is: Schemas) {
    this.#was = was;
    this.#is = is;
  }

  /** @returns a sentence for each change that breaks; `path` or the schema's own name is its beginning. */
  compare(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
    const [from, to] = [nameOf(was), nameOf(is)];
    if (from === undefined || to === undefined)
      return this.#compare(resolve(was, this.#was), resolve(is, this.#is), way, path);
    const key = `${from} ${to} ${way}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, []);
    const found = this.#compare(resolve(was, this.#was), resolve(is, this.#is), way, from);
    this.#known.set(key, found);
    return found;
  }

  #compare(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
    const [before, after] = [this.#variants(was, this.#was), this.#variants(is, this.#is)];
    if (before.length > 1 || after.length > 1) return this.#compareVariants(before, after, way, path);
    const [one, other] = [before[0]!, after[0]!];
    // A later version of an event: whoever does not know it asks for a snapshot.
    if (way === 'out' && versionOf(other) > versionOf(one)) return [];
    return [
      ...typeChange(one, other, way, path),
      ...valueChanges(one, other, way, path),
      ...boundChanges(one, other, way, path),
      ...this.#fieldChanges(one, other, way, path),
      ...this.#restChanges(one, other, way, path),
      ...this.#partChanges('items', one, other, way, path),
      ...this.#partChanges('propertyNames', one, other, way, path),
    ];
  }

  /** The alternatives of a union, unions in it too; several types are as many alternatives. */
  #variants(schema: JsonSchema, schemas: Schemas): JsonSchema[] {
    const either = schema.oneOf ?? schema.anyOf;
    if (either !== undefined) return either.flatMap((one) => this.#variants(resolve(one, schemas), schemas));
    return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema];
  }

  #compareVariants(before: JsonSchema[], after: JsonSchema[], way: Way, path: string): string[] {
    const tag = tagOf(before, after);
    return tag === undefined
      ? this.#compareUntagged(before, after, way, path)
      : this.#compareTagged(tag, before, after, way, path);
  }

  #compareTagged(tag: string, before: JsonSchema[], after: JsonSchema[], way: Way, path: string): string[] {
    const found: string[] = [];
    const valueOf = (schema: JsonSchema) => schema.properties![tag]!.const;
    for (const one of before) {
      const same = after.find((other) => valueOf(other) === valueOf(one));
      const name = `${path} (${tag} ${String(valueOf(one))})`;
      if (same === undefined) found.push(`${name} is gone`);
      else found.push(...this.#compare(one, same, way, name));
    }
    // A `type` that a client does not know it skips; any other word for what it is has to be understood.
    if (way === 'out' && tag !== 'type')
      for (const other of after)
        if (!before.some((one) => valueOf(one) === valueOf(other)))
          found.push(`${path}: ${tag} may be ${String(valueOf(other))} now`);
    return found;
  }

  /** Each that may be sent has to be one of those that are understood. */
  #compareUntagged(before: JsonSchema[], after: JsonSchema[], way: Way, path: string): string[] {
    const [sent, understood] = way === 'in' ? [before, after] : [after, before];
    return sent.flatMap((one) => {
      const tries = understood.map((other) =>
        way === 'in' ? this.#compare(one, other, way, path) : this.#compare(other, one, way, path),
      );
      if (tries.some((found) => found.length === 0)) return [];
      if (tries.length === 1) return tries[0]!;
      return [`${path}: ${short(one)} ${way === 'in' ? 'is not taken any more' : 'may come now'}`];
    });
  }

  #fieldChanges(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
    const found: string[] = [];
    const [needed, stillNeeded] = [was.required ?? [], is.required ?? []];
    for (const [name, field] of Object.entries(was.properties ?? {})) {
      const now = Object.hasOwn(is.properties ?? {}, name) ? is.properties![name]! : undefined;
      const at = `${path}.${name}`;
      if (now !== undefined) found.push(...this.compare(field, now, way, at));
      else if (way === 'out' || is.additionalProperties === false) found.push(`${at} is gone`);
      if (way === 'out' && now !== undefined && needed.includes(name) && !stillNeeded.includes(name))
        found.push(`${at} may be missing now`);
    }
    if (way === 'in')
      for (const name of stillNeeded) if (!needed.includes(name)) found.push(`${path}.${name} is needed now`);
    return found;
  }

  /** Fields of any name. */
  #restChanges(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
    const [before, after] = [was.additionalProperties, is.additionalProperties];
    if (isSchema(before) && isSchema(after)) return this.compare(before, after, way, `${path}.*`);
    if (way === 'out') return isSchema(before) ? [`${path}.* is gone`] : [];
    const takesAny = was.type === 'object' && before !== false;
    return takesAny && (after === false || isSchema(after)) ? [`${path} takes no other fields now`] : [];
  }

  #partChanges(
    part: 'items' | 'propertyNames',
    was: JsonSchema,
    is: JsonSchema,
    way: Way,
    path: string,
  ): string[] {
    const [before, after] = [was[part], is[part]];
    const at = part === 'items' ? `${path}[]` : `${path}: a name`;
    if (before !== undefined && after !== undefined) return this.compare(before, after, way, at);
    // What is not said takes, or may be, anything.
    if (way === 'in') return after === undefined ? [] : [`${at} may not be anything any more`];
    return before === undefined ? [] : [`${at} may be anything now`];
  }
}

function nameOf(schema: JsonSchema): string | undefined {
  // Something beside the reference says more than the name.
  if (Object.keys(schema).some((key) => !words.has(key))) return undefined;
  return idOf(schema) ?? (schema.allOf?.length === 1 ? nameOf(schema.allOf[0]!) : undefined);
}

/** What stands behind a reference, with what stands beside it. */
function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { $ref: _, allOf, ...beside } = schema;
  const id = idOf(schema);
  if (id !== undefined) return { ...resolve(schemas[id] ?? {}, schemas), ...beside };
  if (allOf === undefined) return schema;
  return allOf.reduceRight<JsonSchema>((rest, one) => ({ ...resolve(one, schemas), ...rest }), beside);
}

function typeChange(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
  const [sent, understood] = way === 'in' ? [was.type, is.type] : [is.type, was.type];
  const fits =
    understood === undefined || sent === understood || (sent === 'integer' && understood === 'number');
  return fits ? [] : [`${path} was ${String(was.type)} and is ${String(is.type)}`];
}

function valueChanges(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
  const [before, after] = [valuesOf(was), valuesOf(is)];
  const less = (some: readonly unknown[], others: readonly unknown[]) =>
    some.filter((value) => !others.some((other) => isDeepStrictEqual(value, other)));
  const say = (values: readonly unknown[], what: string) =>
    values.length === 0
      ? []
      : [`${path}: ${values.map((value) => JSON.stringify(value)).join(', ')} ${what}`];
  if (way === 'in') {
    if (after === undefined) return [];
    return before === undefined
      ? [`${path} takes only ${JSON.stringify(after)} now`]
      : say(less(before, after), 'is not taken any more');
  }
  if (before === undefined) return [];
  if (after === undefined) return [`${path} was one of ${JSON.stringify(before)} and may be anything now`];
  return openLists.has(path) ? say(less(before, after), 'is gone') : say(less(after, before), 'may come now');
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return 'const' in schema ? [schema.const] : schema.enum;
}

/** Of what clients read, bounds may change: nobody sizes anything by them. A pattern is something that clients parse by. */
function boundChanges(was: JsonSchema, is: JsonSchema, way: Way, path: string): string[] {
  const found: string[] = [];
  const was_ = was as Record<string, unknown>;
  const is_ = is as Record<string, unknown>;
  const tell = (key: string) =>
    found.push(`${path}: ${key} was ${JSON.stringify(was_[key])} and is ${JSON.stringify(is_[key])}`);
  if (way === 'in')
    for (const key of Object.keys(is_))
      if ((upperBounds.has(key) || lowerBounds.has(key)) && !isWider(key, was_[key], is_[key])) tell(key);
  for (const key of ['pattern', 'format']) {
    const demands = way === 'in' ? is_[key] : was_[key];
    if (demands !== undefined && was_[key] !== is_[key]) tell(key);
  }
  // Who left it out meant what it was.
  if (way === 'in' && was.default !== undefined && !isDeepStrictEqual(was.default, is.default))
    tell('default');
  return found;
}

/** A field by which all alternatives are told apart, before and after. */
function tagOf(before: readonly JsonSchema[], after: readonly JsonSchema[]): string | undefined {
  const tells = (name: string) =>
    [before, after].every((variants) => {
      const values = variants.map(({ properties }) => properties?.[name]?.const);
      return !values.includes(undefined) && new Set(values).size === values.length;
    });
  return Object.keys(before[0]?.properties ?? {}).find(tells);
}

/** Of an event; 0 where it is none. */
function versionOf({ properties }: JsonSchema): number {
  return Number(properties?.schemaversion?.const ?? 0);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function short(schema: JsonSchema): string {
  const values = valuesOf(schema);
  return values === undefined ? String(schema.type ?? 'anything') : JSON.stringify(values);
}
