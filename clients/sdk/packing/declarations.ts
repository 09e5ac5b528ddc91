import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const specifiers = /(\bfrom\s*|\bimport\s*\(\s*)(['"])([^'"]+)\2/g;

/**
 * Writes the SDK's declarations: what its entry reaches, with the contract as plain types instead of zod's.
 *
 * @throws Error with the compiler's words, or where the entry shows something of another package of ours.
 */
export function declarations(root: string, outDir: string): void {
  const emitted = mkdtempSync(join(tmpdir(), 'ringback-sdk-types-'));
  try {
    emit(root, emitted);
    const from = join(emitted, 'clients/sdk/src');
    const todo = ['index.d.ts'];
    for (const file of todo) {
      const { text, reached } = rewritten(readFileSync(join(from, file), 'utf8'), file);
      write(join(outDir, file), text);
      todo.push(...reached.filter((next) => !todo.includes(next)));
    }
    copyFileSync(join(root, 'schemas/generated/contract.d.ts'), join(outDir, 'contract.d.ts'));
  } finally {
    rmSync(emitted, { recursive: true });
  }
}

function emit(root: string, outDir: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'clients/sdk/packing/tsconfig.json');
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    [tsc, '-p', project, '--pretty', 'false', '--outDir', outDir],
    { encoding: 'utf8', cwd: root },
  );
  // The schemas' own declarations are not used: what can not be said of them is no fault.
  const faults = stdout.split('\n').filter((line) => /^clients\/sdk\/.*error TS/.test(line));
  if (error !== undefined || faults.length > 0 || !existsSync(join(outDir, 'clients/sdk/src/index.d.ts')))
    throw new Error(
      `the SDK's declarations can not be made: ${faults.join('\n') || error || stdout + stderr}`,
    );
}

/** With paths that hold in the package, and the files of the SDK that it names. */
function rewritten(text: string, file: string): { text: string; reached: string[] } {
  const reached: string[] = [];
  const here = dirname(file);
  const result = text.replaceAll(specifiers, (whole, before: string, quote: string, specifier: string) => {
    const put = (path: string) => `${before}${quote}${path}${quote}`;
    if (specifier === '@ringback/schemas') {
      const path = relative(here, 'contract.js');
      return put(path.startsWith('.') ? path : `./${path}`);
    }
    if (specifier.startsWith('@ringback/')) throw new Error(`${file} shows ${specifier} to the outside`);
    if (!specifier.startsWith('.')) return whole;
    reached.push(join(here, specifier.replace(/\.ts$/, '.d.ts')));
    return put(specifier.replace(/\.ts$/, '.js'));
  });
  return { text: result, reached };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
