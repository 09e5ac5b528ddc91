import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import type { ApiDocument, OpenApi } from './breaking.ts';
import { openApiDocument } from './openapi.ts';
import { formOf, judgeRelease } from './released.ts';

const document = (version: string, maxLength: number): OpenApi => ({
  openapi: '3.1.0',
  info: { version },
  paths: {
    '/x': {
      post: {
        operationId: 'x',
        requestBody: { content: { 'application/json': { schema: { type: 'string', maxLength } } } },
        responses: {},
      },
    },
  },
  components: { schemas: {} },
});
const released = { 'openapi.json': document('0.1.0', 9) };
const judged = (version: string, maxLength: number, accept: boolean, before = released) =>
  judgeRelease(before, { 'openapi.json': document(version, maxLength) }, accept);

describe('the released documents', () => {
  it('stay until others are accepted', () => {
    expect(judged('0.1.0', 10, false)).toEqual({ files: {}, problems: [] });
    expect(judged('0.1.0', 10, true)).toEqual({
      files: { 'openapi.json': document('0.1.0', 10) },
      problems: [],
    });
    expect(judged('0.1.0', 9, true)).toEqual({ files: {}, problems: [] });
  });

  it('are not broken without a version that says so, and never in passing', () => {
    const { problems, files } = judged('0.1.0', 8, true);
    expect(files).toEqual({});
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('openapi.json breaks clients of version 0.1.0:');
    expect(problems[0]).toContain('POST /x: body: maxLength was 9 and is 8');
    expect(problems[0]).toContain('to 0.2.0 and accept it: npm run generate -- --accept');
    expect(judged('0.1.1', 8, true).problems).toHaveLength(1);
    expect(judged('0.2.0', 8, false).problems).toHaveLength(1);
    expect(judged('0.2.0', 8, true)).toMatchObject({ problems: [], files: { 'openapi.json': {} } });
    expect(judged('1.0.0', 8, true).problems).toEqual([]);
  });

  it('from 1.0.0 on are broken by a major version alone', () => {
    const before = { 'openapi.json': document('1.4.2', 9) };
    expect(judged('1.5.0', 8, true, before).problems[0]).toContain('to 2.0.0');
    expect(judged('2.0.0', 8, true, before).problems).toEqual([]);
    expect(judged('0.9.0', 8, true, before).problems).toHaveLength(1);
  });

  it('have to be there', () => {
    const today = { 'openapi.json': document('0.1.0', 9) };
    expect(judgeRelease({}, today, false).problems[0]).toContain('--accept');
    expect(judgeRelease({}, today, true)).toEqual({ files: today, problems: [] });
  });

  it('hold no words, but fields that are called like one', () => {
    const schema = { description: 'x', properties: { description: { type: 'string', title: 'y' } } };
    expect(formOf(schema)).toEqual({ properties: { description: { type: 'string' } } });
  });

  it("are not broken by today's", async () => {
    const folder = join(import.meta.dirname, '../../released');
    const names = ['openapi.json', 'asyncapi.json'];
    const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    const before = Object.fromEntries(
      names.map((name, index) => [name, JSON.parse(files[index]!) as ApiDocument]),
    );
    const { version } = before['openapi.json']!.info;
    // As JSON: what is undefined is not said.
    const today = JSON.parse(
      JSON.stringify({
        'openapi.json': openApiDocument(version),
        'asyncapi.json': asyncApiDocument(version),
      }),
    ) as Record<string, ApiDocument>;
    expect(judgeRelease(before, today, false).problems).toEqual([]);
  });
});
