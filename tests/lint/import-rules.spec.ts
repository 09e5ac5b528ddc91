// The rules of .oxlintrc.json about who may import whom are worth nothing when a change of the linter or a typo in a
// pattern silently stops them. Each fixture breaks one rule and must be reported; its neighbour keeps to them.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ringback-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const uses = (from: string) => `import { thing } from '${from}';\nexport const used = thing;\n`;

/** Path, content. The rules' globs are relative to the configuration file, so a copy of it rules this folder. */
const forbidden: [path: string, content: string][] = [
  ['schemas/src/a.ts', uses('@ringback/domain')],
  ['schemas/src/b.ts', uses('../../core/domain/src/index.ts')],
  ['core/eventlog/src/a.ts', uses('@ringback/calls-worker')],
  ['core/runtime/src/a.ts', uses('../../../gateways/edge/src/uws.ts')],
  ['core/link/src/a.ts', uses('@ringback/eventlog')],
  ['core/link/src/b.ts', uses('@ringback/domain')],
  ['core/link/src/c.ts', uses('../../../gateways/edge/src/uws.ts')],
  ['workers/calls/src/a.ts', uses('@ringback/edge')],
  ['workers/calls/src/b.ts', uses('@ringback/edge/limits')],
  ['workers/calls/src/c.ts', uses('../../../gateways/edge/src/uws.ts')],
  ['workers/sessions/src/a.ts', uses('@ringback/calls-worker')],
  ['gateways/edge/src/a.ts', uses('@ringback/calls-worker')],
  ['gateways/edge/src/b.ts', uses('@ringback/sdk')],
  ['clients/sdk/src/a.ts', uses('@ringback/eventlog')],
  ['clients/sdk/src/b.ts', uses('node:fs')],
  ['clients/web/src/a.tsx', uses('@ringback/runtime')],
  ['clients/cli/src/a.ts', uses('@ringback/calls-worker')],
  ['core/domain/src/a.ts', uses('@ringback/eventlog')],
  ['core/domain/src/b.ts', uses('@ringback/runtime')],
  ['core/domain/src/c.ts', uses('node:crypto')],
  ['core/domain/src/d.ts', 'export const now = () => Date.now();\n'],
  ['core/domain/src/e.ts', 'export const now = () => new Date();\n'],
  ['core/domain/src/f.ts', 'export const dice = () => Math.random();\n'],
  ['core/domain/src/g.ts', 'export const id = () => crypto.randomUUID();\n'],
  ['core/domain/src/h.ts', 'export const later = (f: () => void) => setTimeout(f, 1);\n'],
  ['core/domain/src/i.ts', 'export const env = () => process.env;\n'],
  ['core/domain/src/j.ts', 'export const tick = () => performance.now();\n'],
  ['core/domain/src/k.ts', "export const get = () => fetch('/');\n"],
  ['core/domain/src/l.ts', 'export const now = () => globalThis.Date.now();\n'],
];

const allowed: [path: string, content: string][] = [
  ['core/domain/src/ok.ts', uses('@ringback/schemas')],
  ['core/domain/src/ok-max.ts', 'export const larger = (a: number, b: number) => Math.max(a, b);\n'],
  ['core/domain/src/ok.spec.ts', uses('node:fs')],
  ['core/eventlog/src/ok.ts', uses('@ringback/runtime')],
  ['core/link/src/ok.ts', uses('@ringback/runtime')],
  ['core/link/src/ok.spec.ts', uses('@ringback/domain/testing')],
  ['workers/calls/src/ok.ts', uses('@ringback/eventlog')],
  ['gateways/edge/src/ok-link.ts', uses('@ringback/link')],
  ['gateways/edge/src/ok.ts', uses('@ringback/runtime/native-parts')],
  ['clients/sdk/src/ok.ts', uses('@ringback/schemas')],
  ['clients/web/src/ok.tsx', uses('@ringback/sdk')],
  ['clients/cli/src/ok.ts', uses('@ringback/local')],
];

describe('the import rules', () => {
  const reported = lint();
  it.each(forbidden)('refuse %s', (path) => {
    expect(reported).toContain(path);
  });
  it.each(allowed)('allow %s', (path) => {
    expect(reported).not.toContain(path);
  });
});

function lint(): string[] {
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [path, content] of [...forbidden, ...allowed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  return report.diagnostics
    .filter(({ code }) => code.includes('no-restricted'))
    .map(({ filename }) => filename);
}
