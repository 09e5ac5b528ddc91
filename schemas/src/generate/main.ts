import { glob, readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { callEvents } from '../call/events.ts';
import type { ApiDocument } from './breaking.ts';
import { documents } from './documents.ts';
import type { JsonSchema } from './json-schema.ts';
import { judgeRelease } from './released.ts';
import { judge } from './versions.ts';

/**
 * Writes the generated documents and the record of schema versions; with `--check` it only says which of them are
 * stale, and exits with 1. A released version that became another, and a document that breaks those who use the released
 * one, is an error either way. With `--accept` today's documents become the released ones.
 */
const root = join(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const accept = process.argv.includes('--accept');
const stale: string[] = [];

const readJson = async <T>(path: string) => JSON.parse(await readFile(join(root, path), 'utf8')) as T;
const recorded: Record<string, JsonSchema> = {};
for await (const path of glob('*/*.json', { cwd: join(root, 'schemas/versions') }))
  recorded[path] = await readJson(join('schemas/versions', path));
const versions = judge(recorded, callEvents);

const released: Record<string, ApiDocument> = {};
for await (const path of glob('*.json', { cwd: join(root, 'schemas/released') }))
  released[path] = await readJson(join('schemas/released', path));
const texts = await documents();
const today = Object.fromEntries(
  ['openapi.json', 'asyncapi.json'].map((name) => [
    name,
    JSON.parse(texts[`schemas/generated/${name}`]!) as ApiDocument,
  ]),
);
const release = judgeRelease(released, today, accept);

const filesIn = (folder: string, files: Readonly<Record<string, unknown>>) =>
  Object.entries(files).map(([path, value]): [string, string] => [
    `${folder}/${path}`,
    JSON.stringify(value),
  ]);
for (const [path, text] of [
  ...Object.entries(texts),
  ...filesIn('schemas/versions', versions.files),
  ...filesIn('schemas/released', release.files),
]) {
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

const problems = [...versions.problems, ...release.problems];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
if (check && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}\nWrite them anew: npm run generate`);
  process.exitCode = 1;
} else if (!check) console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing to write.');
