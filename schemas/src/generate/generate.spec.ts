import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callEvents } from '../call/events.ts';
import { clientMessages, serverMessages } from '../edge/messages.ts';
import { httpOperations, type HttpOperation } from '../edge/http.ts';
import { limits } from '../limits.ts';
import { rejections, type RejectionCode } from '../rejections.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { docsHtml } from './docs-html.ts';
import { eventsMarkdown } from './events-md.ts';
import { httpExamples, messageExamples } from './examples.ts';
import { Components } from './json-schema.ts';
import { limitsOfSource } from './limits-of-source.ts';
import { openApiDocument, problemExample } from './openapi.ts';
import { makeReference } from './reference.ts';

const limitsSource = await readFile(join(import.meta.dirname, '../limits.ts'), 'utf8');
const reference = makeReference(limitsSource);

/** Every object inside a document. */
function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const child of Object.values(value)) yield* nodes(child);
}

function lookUp(document: unknown, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

describe.each([
  ['openapi', openApiDocument('0.1.0')],
  ['asyncapi', asyncApiDocument('0.1.0')],
])('%s.json', (_, document) => {
  it('has a target for every reference', () => {
    const references = [...nodes(document)].map((node) => node.$ref).filter((ref) => typeof ref === 'string');
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((ref) => lookUp(document, ref) === undefined)).toEqual([]);
  });

  it('names its components as both specifications allow', () => {
    const { components } = document as { components: { schemas: Record<string, unknown> } };
    expect(Object.keys(components.schemas).filter((name) => !/^[\w.-]+$/.test(name))).toEqual([]);
  });
});

interface Operation {
  responses: Record<string, { content: Record<string, { examples: Record<string, { value: unknown }> }> }>;
  parameters?: { in: string; name: string }[];
  security?: unknown[];
}

describe('openapi.json', () => {
  const { paths } = openApiDocument('0.1.0') as { paths: Record<string, Record<string, Operation>> };

  it.each(Object.entries(httpOperations) as [string, HttpOperation][])(
    '%s has a response for each error',
    (_, o) => {
      const { responses, parameters = [] } = paths[o.path]![o.method]!;
      for (const code of o.errors as RejectionCode[])
        expect(
          responses[rejections[code].status]?.content['application/problem+json']?.examples[code]?.value,
        ).toEqual(problemExample(code));
      const inPath = parameters.filter((p) => p.in === 'path').map((p) => p.name);
      expect(inPath).toEqual([...o.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    },
  );

  it('demands a token everywhere but for guests', () => {
    expect(paths['/v1/guests']!.post!.security).toEqual([]);
    expect(paths['/v1/calls']!.post).not.toHaveProperty('security');
  });
});

describe('examples', () => {
  it.each(Object.entries(httpOperations) as [keyof typeof httpOperations, HttpOperation][])(
    'of %s hold',
    (id, o) => {
      const example = httpExamples[id];
      o.response.parse(example.response);
      if (o.body) o.body.parse(example.body);
    },
  );

  it.each(
    [...clientMessages, ...serverMessages].map((schema) => [String(schema.meta()?.id), schema] as const),
  )('of %s hold', (id, schema) => {
    schema.parse(messageExamples[id as keyof typeof messageExamples]);
  });
});

describe('Components', () => {
  it('refuses one id for two different schemas', () => {
    const components = new Components('draft-2020-12');
    components.add(z.string().meta({ id: 'SpecTwice' }));
    expect(() => components.add(z.int().meta({ id: 'SpecTwice' }))).toThrow();
  });
});

describe('limits', () => {
  it('have a reason each', () => {
    expect(limitsOfSource(limitsSource).map(({ name }) => name)).toEqual(Object.keys(limits));
    expect(() => limitsOfSource('')).toThrow();
  });
});

describe('fields', () => {
  it('all have a meaning, or a form that says it', () => {
    const silent = reference.events.flatMap((event) =>
      event.fields.filter(({ meaning }) => meaning === '').map(({ name }) => `${event.type} ${name}`),
    );
    expect(silent).toEqual([]);
  });
});

describe('docs.html', () => {
  const page = docsHtml(reference, '0.1.0');
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);

  it('has a target for every link, once', () => {
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  it('needs no scripts and no inline styles', () => {
    expect(page).not.toMatch(/<script|<style|style=|onclick=/);
  });

  it('has an anchor for every refusal, where problem details point', () => {
    for (const code of Object.keys(rejections) as RejectionCode[])
      expect(ids).toContain(problemExample(code).type.replace('/docs#', ''));
  });
});

describe('events.md', () => {
  it('has a chapter for every event and a row for every refusal', () => {
    const text = eventsMarkdown(reference);
    for (const { type } of callEvents) expect(text).toContain(`### ${type}\n`);
    for (const code of Object.keys(rejections)) expect(text).toContain(`| \`${code}\` |`);
  });
});
