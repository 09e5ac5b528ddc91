import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { documents } from './documents.ts';

/** Writes the generated documents; with `--check` it only says which of them are stale, and exits with 1. */
const root = join(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, text] of Object.entries(await documents())) {
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

if (check && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}\nWrite them anew: npm run generate`);
  process.exitCode = 1;
} else if (!check) console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing to write.');
