import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface TypeScriptBlock {
  /** `README-2.ts`. */
  readonly file: string;
  readonly code: string;
  /** Marked with "run": it does something by itself. */
  readonly runs: boolean;
}

/** The blocks of a Markdown file that are fenced as `ts` or `ts run`. */
export function typeScriptBlocks(path: string): TypeScriptBlock[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^([ \t]*)```ts( run)?\n([\s\S]*?)^\1```$/gm);
  return [...blocks].map(([, indent = '', run, code = ''], index) => ({
    file: `${basename(path, '.md')}-${index + 1}.ts`,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    runs: run !== undefined,
  }));
}

/**
 * The block as a module: with what blocks before it made (`known`, name and type) and the package's classes
 * (`imported`), where it does not make or import them itself.
 */
export function asModule(
  code: string,
  known: Readonly<Record<string, string>>,
  imported: { readonly from: string; readonly names: readonly string[] },
): string {
  const lacks = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(code) &&
    !new RegExp(`\\b(?:const|let|import)\\b[^=;]*\\b${name}\\b[^=;]*(?:=|\\bfrom\\b)`).test(code);
  return [
    ...imported.names.filter(lacks).map((name) => `import { ${name} } from '${imported.from}';`),
    ...Object.entries(known).flatMap(([name, type]) =>
      lacks(name) ? [`declare const ${name}: ${type};`] : [],
    ),
    code,
    'export {};',
    '',
  ].join('\n');
}
