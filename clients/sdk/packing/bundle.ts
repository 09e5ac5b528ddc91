import { join } from 'node:path';
import { build } from 'vite';

interface Chunk {
  readonly fileName: string;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/**
 * Makes one ES module of the SDK and what it uses of the contract and the domain.
 *
 * @returns what it imports from elsewhere.
 */
export async function bundle(sdk: string, outDir: string): Promise<string[]> {
  const result = await build({
    configFile: false,
    root: sdk,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2023',
      // Whoever uses it bundles and minifies for themselves; a stack trace should be readable until then.
      minify: false,
      lib: { entry: join(sdk, 'src/index.ts'), formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: {
        // All but files, our own packages, and what the bundler makes up itself.
        external: (id) => !['.', '/', '\0', '@ringback/'].some((start) => id.startsWith(start)),
        // The contract's schemas (and zod) do nothing by being there.
        treeshake: { moduleSideEffects: false },
      },
    },
  });
  const chunks = ([result].flat() as unknown as { output: Chunk[] }[]).flatMap(({ output }) => output);
  if (chunks.length !== 1)
    throw new Error(`one file was to come, not ${chunks.map((c) => c.fileName).join(', ')}`);
  return [
    ...new Set(chunks.flatMap(({ imports = [], dynamicImports = [] }) => [...imports, ...dynamicImports])),
  ];
}
