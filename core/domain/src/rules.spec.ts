import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const package_ = join(import.meta.dirname, '..');
const idsIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap((match) => [...match[1]!.matchAll(/\b[A-Z]+\d+\b/g)].map(String));

const spec = readFileSync(join(package_, 'SPEC.md'), 'utf8');
const inSpec = idsIn(spec, /^- \[([A-Z]+\d+)\] /gm);
const titles = readdirSync(join(package_, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.ts'))
  .flatMap((name) =>
    idsIn(readFileSync(join(package_, 'src', name), 'utf8'), /^ *it\(\s*(['"`](?:\[[A-Z]+\d+\] ?)+)/gm),
  );

describe('the rules of SPEC.md', () => {
  it('have each their own id', () => {
    expect(inSpec.length).toBeGreaterThan(50);
    expect(inSpec.filter((id, i) => inSpec.indexOf(id) !== i)).toEqual([]);
  });

  it('are each quoted by the title of a test', () => {
    expect(inSpec.filter((id) => !titles.includes(id))).toEqual([]);
  });

  it('are the only ones that titles quote', () => {
    expect(titles.filter((id) => !inSpec.includes(id))).toEqual([]);
  });
});
