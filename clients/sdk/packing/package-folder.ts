import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { declarations } from './declarations.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Makes the folder that is packed and published: JavaScript and declarations that stand alone. The sources do not
 * outside of this repository: Node strips no types inside of node_modules, and two of their packages are published nowhere.
 *
 * @throws Error where the code imports what the package would not bring.
 */
export async function makePackage(root: string, outDir: string): Promise<void> {
  const sdk = join(root, 'clients/sdk');
  const source = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8')) as Manifest;
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const imported = await bundle(sdk, outDir);
  const dependencies = Object.fromEntries(
    Object.entries(source.dependencies).filter(([name]) => !name.startsWith('@ringback/')),
  );
  const missing = imported.filter((name) => !(name in dependencies));
  if (missing.length > 0)
    throw new Error(`the SDK imports ${missing.join(', ')}, which it does not depend on`);
  declarations(root, join(outDir, 'types'));
  const { name, version, description, license } = source;
  const manifest = {
    ...{ name, version, description, license },
    type: 'module',
    exports: { '.': { types: './types/index.d.ts', default: './index.js' } },
    types: './types/index.d.ts',
    sideEffects: false,
    engines: { node: '>=24' },
    files: ['index.js', 'types'],
    dependencies,
  };
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
  copyFileSync(join(sdk, 'README.md'), join(outDir, 'README.md'));
}
