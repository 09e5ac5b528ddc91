import { glob, readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { callEvents } from '../call/events.ts';
import { documents } from './documents.ts';
import type { JsonSchema } from './json-schema.ts';
import { judge } from './versions.ts';

/**
 * Writes the generated documents and the record of schema versions; with `--check` it only says which of them are
 * stale, and exits with 1. A released version that became another is an error either way, and is not overwritten.
 */
const root = join(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const stale: string[] = [];

const versions = join(root, 'schemas/versions');
const recorded: Record<string, JsonSchema> = {};
for await (const path of glob('*/*.json', { cwd: versions }))
  recorded[path] = JSON.parse(await readFile(join(versions, path), 'utf8')) as JsonSchema;
const { files, problems } = judge(recorded, callEvents);
const records = Object.entries(files).map(([path, schema]): [string, string] => [
  `schemas/versions/${path}`,
  JSON.stringify(schema),
]);

for (const [path, text] of [...Object.entries(await documents()), ...records]) {
  const file = join(root, path);
  const options = await resolveConfig(file);
  const wanted = await format(text, { ...options, filepath: file });
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === wanted) continue;
  stale.push(relative(root, file));
  if (check) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
if (check && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}\nWrite them anew: npm run generate`);
  process.exitCode = 1;
} else if (!check) console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing to write.');
