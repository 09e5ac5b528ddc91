// Whatever a worker warns of, an operator finds in docs/operations.md.

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const sources = globSync('{workers/*,core/projections}/src/**/*.ts', { cwd: root }).filter(
  (path) => !/\.spec\.ts$|testing/.test(path),
);
/** The sentence behind `logger.warn({ … }, '…')`. */
const said = /logger\.(?:warn|error|fatal)\([^;]*?'([^'\n]+)',?\s*\)/g;

const messages = sources.flatMap((path) =>
  [...readFileSync(join(root, path), 'utf8').matchAll(said)].map(([, message]) => message!),
);

it.each([...new Set(messages)])('operations.md explains "%s"', (message) => {
  const [sentence] = message.split(':');
  expect(readFileSync(join(root, 'docs/operations.md'), 'utf8')).toContain(sentence);
});

it('finds the messages of every worker', () => {
  for (const one of ['call parked', 'a call is parked in this view', 'a connection to Postgres is over'])
    expect(messages).toContain(one);
});
