import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callEvents } from '../call/events.ts';
import { causeSchema } from '../envelope.ts';
import type { JsonSchema } from './json-schema.ts';
import { judge, recordOf, type Records } from './versions.ts';

const define = (shape: z.ZodRawShape, version = 1) => ({
  type: 'call.named',
  version,
  data: z.strictObject({ ...shape, cause: causeSchema.optional() }),
});
const name = z.string().min(1).max(10).describe('What it is called.');
const kind = z.enum(['short', 'long']);
const first = define({ name, kind: kind.optional() });
const recorded = judge({}, [first]).files;

/** What comes of a change, held against version 1. */
const after = (shape: z.ZodRawShape, version = 1) => judge(recorded, [define(shape, version)]);

describe('the record of versions', () => {
  it('begins with what is there, and then has nothing to say', () => {
    expect(Object.keys(recorded)).toEqual(['call.named/1.json', 'envelope/1.json']);
    expect(judge(recorded, [first])).toEqual({ files: {}, problems: [] });
    const all = judge({}, callEvents);
    expect(all.problems).toEqual([]);
    expect(Object.keys(all.files)).toHaveLength(callEvents.length + 1);
    expect(judge(JSON.parse(JSON.stringify(all.files)) as Records, callEvents)).toEqual({
      files: {},
      problems: [],
    });
  });

  it.each<[string, z.ZodRawShape, string]>([
    ['a field more', { name, kind: kind.optional(), by: z.string().optional() }, '/properties/by is new'],
    ['a field less', { kind: kind.optional() }, '/properties/name is gone'],
    ['another type', { name: z.int(), kind: kind.optional() }, '/properties/name/'],
    [
      'a value more',
      { name, kind: z.enum(['short', 'long', 'odd']).optional() },
      '/properties/kind/enum was ["long","short"] and is ["long","odd","short"]',
    ],
    ['what was optional is needed', { name, kind }, '/required was ["name"] and is ["kind","name"]'],
    [
      'a narrower bound',
      { name: name.max(9), kind: kind.optional() },
      '/properties/name/maxLength was 10 and is 9',
    ],
    ['a bound where there was none', { name: name.regex(/a/), kind: kind.optional() }, '/properties/name/'],
  ])('%s needs a new version', (_, shape, change) => {
    const { files, problems } = after(shape);
    expect(files).toEqual({});
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`call.named: ${change}`);
    expect(problems[0]).toContain('Make it version 2, with a step from 1');
    expect(after(shape, 2)).toMatchObject({ problems: [], files: { 'call.named/2.json': {} } });
  });

  it('lets words and the order of fields change', () => {
    const reworded = {
      kind: z.enum(['long', 'short']).optional().describe('How.'),
      name: z
        .string()
        .min(1)
        .max(10)
        .meta({ title: 'Name', examples: ['x'] }),
    };
    expect(after(reworded)).toEqual({ files: {}, problems: [] });
  });

  it('keeps a field that is called like a word', () => {
    const record = recordOf(z.strictObject({ description: z.string(), id: z.string() }));
    expect(Object.keys(record.properties!)).toEqual(['description', 'id']);
  });

  it('takes a wider bound into the record, so that it can not be taken back', () => {
    const wider = define({ name: z.string().min(1).max(20), kind: kind.optional() });
    const { files, problems } = judge(recorded, [wider]);
    expect(problems).toEqual([]);
    expect((files['call.named/1.json'] as JsonSchema).properties!.name!.maxLength).toBe(20);
    expect(judge({ ...recorded, ...files }, [first]).problems[0]).toContain('maxLength was 20 and is 10');
    const boundless = define({ name: z.string(), kind: kind.optional() });
    expect(judge(recorded, [boundless]).problems).toEqual([]);
  });

  it('sees through named types', () => {
    const named = (max: number) =>
      z
        .string()
        .max(max)
        .meta({ id: `SpecName${max}` });
    const was = judge({}, [define({ name: named(5) })]).files;
    expect(judge(was, [define({ name: named(4) })]).problems[0]).toContain('/properties/name/maxLength');
    expect(JSON.stringify(was)).not.toContain('SpecName');
  });

  it('counts versions without a gap and never back, and loses none', () => {
    expect(after({ name }, 3).problems[0]).toContain('make it 1 or 2');
    const two = { ...recorded, 'call.named/2.json': {} };
    expect(judge(two, [first]).problems[0]).toContain('make it 2 or 3');
    expect(judge(recorded, []).problems[0]).toContain('call.named was released and is gone');
  });

  it('lets the envelope grow by optional fields alone', () => {
    const now = recorded['envelope/1.json']!;
    const without = (fields: Record<string, JsonSchema>, name: string) =>
      Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
    // As if the record were older: it lacks what is optional today …
    const older = { ...now, properties: without(now.properties!, 'traceparent') };
    const grown = judge({ ...recorded, 'envelope/1.json': older }, [first]);
    expect(grown).toEqual({ problems: [], files: { 'envelope/1.json': now } });
    // … or what is not, or has what is gone today.
    const needed = { ...now, properties: without(now.properties!, 'tenantid') };
    expect(judge({ ...recorded, 'envelope/1.json': needed }, [first]).problems[0]).toContain(
      'The envelope of all events: /properties/tenantid is new',
    );
    const more = { ...now, properties: { ...now.properties, region: { type: 'string' } } };
    expect(judge({ ...recorded, 'envelope/1.json': more }, [first]).problems[0]).toContain(
      '/properties/region is gone',
    );
  });
});
