import { describe, expect, it } from 'vitest';
import { SchemaComparison, type Schemas, type Way } from './breaking-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const object = (properties: Record<string, JsonSchema>, required: string[] = [], more: JsonSchema = {}) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  ...more,
});
const either = (...oneOf: JsonSchema[]): JsonSchema => ({ oneOf });
const tagged = (tag: string, value: unknown, more: Record<string, JsonSchema> = {}) =>
  object({ [tag]: { type: 'string', const: value }, ...more }, [tag]);
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const found = (was: JsonSchema, is: JsonSchema, way: Way, schemas: [Schemas, Schemas] = [{}, {}]) =>
  new SchemaComparison(...schemas).compare(was, is, way, 'x');

/** A change, and what of it breaks who sends it, and who reads it; undefined: nothing does. */
type Case = [
  change: string,
  was: JsonSchema,
  is: JsonSchema,
  sends: string | undefined,
  reads: string | undefined,
];

describe('a change of a schema', () => {
  it.each<Case>([
    ['nothing', object({ a: text }), object({ a: text }), undefined, undefined],
    [
      'words',
      { ...text, description: 'a', examples: ['a'] },
      { ...text, description: 'b' },
      undefined,
      undefined,
    ],
    ['a field less', object({ a: text }), object({}), 'x.a is gone', 'x.a is gone'],
    ['a field more that may be left out', object({}), object({ a: text }), undefined, undefined],
    ['a field more that may not', object({}), object({ a: text }, ['a']), 'x.a is needed now', undefined],
    [
      'a field that must be there now',
      object({ a: text }),
      object({ a: text }, ['a']),
      'x.a is needed now',
      undefined,
    ],
    [
      'a field that may be left out now',
      object({ a: text }, ['a']),
      object({ a: text }),
      undefined,
      'x.a may be missing now',
    ],
    ['another type', text, whole, 'x was string and is integer', 'x was string and is integer'],
    ['a wider type', whole, { type: 'number' }, undefined, 'x was integer and is number'],
    ['a narrower type', { type: 'number' }, whole, 'x was number and is integer', undefined],
    ['or null', text, { type: ['string', 'null'] }, undefined, 'x was string and is null'],
    ['no null any more', either(text, { type: 'null' }), text, 'x was null and is string', undefined],
    [
      'the same said otherwise',
      either(text, { type: 'null' }),
      { type: ['string', 'null'] },
      undefined,
      undefined,
    ],
    [
      'a value more',
      { ...text, enum: ['a'] },
      { ...text, enum: ['a', 'b'] },
      undefined,
      'x: "b" may come now',
    ],
    [
      'a value less',
      { ...text, enum: ['a', 'b'] },
      { ...text, enum: ['a'] },
      'x: "b" is not taken any more',
      undefined,
    ],
    ['some values only', text, { ...text, enum: ['a'] }, 'x takes only ["a"] now', undefined],
    ['any value', { ...text, const: 'a' }, text, undefined, 'x was one of ["a"] and may be anything now'],
    [
      'another constant',
      { ...whole, const: 1 },
      { ...whole, const: 2 },
      'x: 1 is not taken any more',
      'x: 2 may come now',
    ],
    [
      'a lower maximum',
      { ...text, maxLength: 9 },
      { ...text, maxLength: 8 },
      'x: maxLength was 9 and is 8',
      undefined,
    ],
    ['a higher maximum', { ...text, maxLength: 8 }, { ...text, maxLength: 9 }, undefined, undefined],
    ['a minimum', whole, { ...whole, minimum: 1 }, 'x: minimum was undefined and is 1', undefined],
    ['no minimum any more', { ...whole, minimum: 1 }, whole, undefined, undefined],
    [
      'a higher least number of items',
      { type: 'array', items: text, minItems: 1 },
      { type: 'array', items: text, minItems: 2 },
      'x: minItems was 1 and is 2',
      undefined,
    ],
    ['a pattern', text, { ...text, pattern: 'a' }, 'x: pattern was undefined and is "a"', undefined],
    ['no pattern', { ...text, pattern: 'a' }, text, undefined, 'x: pattern was "a" and is undefined'],
    [
      'another default',
      { ...whole, default: 1 },
      { ...whole, default: 2 },
      'x: default was 1 and is 2',
      undefined,
    ],
    ['a default', whole, { ...whole, default: 2 }, undefined, undefined],
    [
      'within a list',
      { type: 'array', items: text },
      { type: 'array', items: whole },
      'x[] was string and is integer',
      'x[] was string and is integer',
    ],
    [
      'a list of anything',
      { type: 'array', items: text },
      { type: 'array' },
      undefined,
      'x[] may be anything now',
    ],
    [
      'within fields of any name',
      { type: 'object', additionalProperties: whole },
      { type: 'object', additionalProperties: text },
      'x.* was integer and is string',
      'x.* was integer and is string',
    ],
    [
      'fields of any name are closed',
      { type: 'object', additionalProperties: whole },
      object({}),
      'x takes no other fields now',
      'x.* is gone',
    ],
    [
      'names of a form',
      { type: 'object', additionalProperties: whole, propertyNames: text },
      { type: 'object', additionalProperties: whole, propertyNames: { ...text, maxLength: 3 } },
      'x: a name: maxLength was undefined and is 3',
      undefined,
    ],
    [
      'an alternative more, told by its type',
      either(tagged('type', 'a'), tagged('type', 'b')),
      either(tagged('type', 'a'), tagged('type', 'b'), tagged('type', 'c')),
      undefined,
      undefined,
    ],
    [
      'an alternative more, told by another field',
      either(tagged('kind', 'a'), tagged('kind', 'b')),
      either(tagged('kind', 'a'), tagged('kind', 'b'), tagged('kind', 'c')),
      undefined,
      'x: kind may be c now',
    ],
    [
      'an alternative less',
      either(tagged('type', 'a'), tagged('type', 'b')),
      either(tagged('type', 'a')),
      'x (type b) is gone',
      'x (type b) is gone',
    ],
    [
      'within an alternative',
      either(tagged('type', 'a', { n: whole }), tagged('type', 'b')),
      either(tagged('type', 'b'), tagged('type', 'a', { n: text })),
      'x (type a).n was integer and is string',
      'x (type a).n was integer and is string',
    ],
    [
      'an alternative of no tag more',
      either(text, whole),
      either(text, whole, { type: 'boolean' }),
      undefined,
      'x: boolean may come now',
    ],
    [
      'an alternative of no tag less',
      either(text, whole, { type: 'boolean' }),
      either(text, whole),
      'x: boolean is not taken any more',
      undefined,
    ],
    [
      'another version of an event',
      tagged('type', 'a', { schemaversion: { type: 'number', const: 1 }, n: whole }),
      tagged('type', 'a', { schemaversion: { type: 'number', const: 2 }, n: text }),
      'x.schemaversion: 1 is not taken any more|x.n was integer and is string',
      undefined,
    ],
  ])('%s', (_, was, is, sends, reads) => {
    expect(found(was, is, 'in').join('|')).toBe(sends ?? '');
    expect(found(was, is, 'out').join('|')).toBe(reads ?? '');
  });

  it('is seen through names, and told by them', () => {
    const before: Schemas = { Name: { ...text, maxLength: 9 }, Who: object({ name: ref('Name') }) };
    const after: Schemas = { ...before, Name: { ...text, maxLength: 8 } };
    expect(found(ref('Who'), ref('Who'), 'in', [before, after])).toEqual(['Name: maxLength was 9 and is 8']);
    // A name of its own, or none, is no change.
    const renamed: Schemas = { Text: before.Name!, Who: object({ name: ref('Text') }) };
    expect(found(ref('Who'), ref('Who'), 'in', [before, renamed])).toEqual([]);
    expect(found(ref('Name'), { ...text, maxLength: 9 }, 'in', [before, before])).toEqual([]);
    const beside: JsonSchema = { allOf: [ref('Name')], default: 'a' };
    expect(found(beside, { ...beside, default: 'b' }, 'in', [before, before])).toEqual([
      'x: default was "a" and is "b"',
    ]);
  });

  it('of what holds itself ends', () => {
    const tree = (leaf: JsonSchema): Schemas => ({ Tree: object({ leaf, tree: ref('Tree') }) });
    expect(found(ref('Tree'), ref('Tree'), 'out', [tree(text), tree(whole)])).toEqual([
      'Tree.leaf was string and is integer',
    ]);
    expect(found(ref('Tree'), ref('Tree'), 'out', [tree(text), tree(text)])).toEqual([]);
  });

  it('of the codes of refusals: more are no harm, each stays', () => {
    const codes = (...values: string[]): Schemas => ({ RejectionCode: { ...text, enum: values } });
    const name = ref('RejectionCode');
    expect(found(name, name, 'out', [codes('a'), codes('a', 'b')])).toEqual([]);
    expect(found(name, name, 'out', [codes('a', 'b'), codes('a')])).toEqual(['RejectionCode: "b" is gone']);
  });
});
