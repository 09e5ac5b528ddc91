import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncApiDocument } from './asyncapi.ts';
import { docsHtml } from './docs-html.ts';
import { eventsMarkdown } from './events-md.ts';
import { openApiDocument } from './openapi.ts';
import { makeReference } from './reference.ts';
import { contractTypes } from './typescript.ts';

/** Every generated document by its path from the project's root, before formatting. */
export async function documents(): Promise<Record<string, string>> {
  const schemas = join(import.meta.dirname, '../..');
  const { version } = JSON.parse(await readFile(join(schemas, 'package.json'), 'utf8')) as {
    version: string;
  };
  const reference = makeReference(await readFile(join(schemas, 'src/limits.ts'), 'utf8'));
  return {
    'schemas/generated/openapi.json': JSON.stringify(openApiDocument(version)),
    'schemas/generated/asyncapi.json': JSON.stringify(asyncApiDocument(version)),
    'schemas/generated/contract.d.ts': contractTypes(),
    'schemas/generated/docs.html': docsHtml(reference, version),
    'schemas/generated/docs.css': await readFile(join(import.meta.dirname, 'docs.css'), 'utf8'),
    'docs/events.md': eventsMarkdown(reference),
  };
}
