// What run.mjs hands over to, on Node 24: one command a word.

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe } from '../bootstrap/remedies.mjs';
import { exitOnSignals } from '../bootstrap/signals.mjs';

const root = resolve(import.meta.dirname, '../../..');

// Each command loads its own part only: a warm `npm start` reads neither the set-up's nor the tests' modules twice.
const commands: Record<string, () => Promise<number>> = {
  start: async () => (await import('./start.ts')).start(root, { watch: false }),
  dev: async () => (await import('./start.ts')).start(root, { watch: true }),
  test: async () => {
    const { allTargets, testRun } = await import('./test-run.ts');
    return testRun(root, allTargets);
  },
  'test:network': async () => (await import('./test-run.ts')).testRun(root, ['network']),
  setup: async () => {
    const { setUpAll } = await import('./setup/set-up.ts');
    await setUpAll(root);
    return 0;
  },
  faults: async () => {
    const { faults } = (await import(pathToFileURL(join(root, 'tests/faults/main.ts')).href)) as {
      faults(args: readonly string[]): Promise<number>;
    };
    const { setUpToTest } = await import('./setup/set-up.ts');
    await setUpToTest(root);
    return faults(process.argv.slice(3));
  },
  sim: async () => {
    const { sim } = (await import(pathToFileURL(join(root, 'tests/simulation/main.ts')).href)) as {
      sim(args: readonly string[]): Promise<number>;
    };
    return sim(process.argv.slice(3));
  },
  load: async () => (await import('../../k6/src/main.ts')).load(root, process.argv.slice(3)),
  fuzz: async () => {
    const { runFuzz } = (await import(pathToFileURL(join(root, 'tests/fuzz/main.ts')).href)) as {
      runFuzz(args: readonly string[]): Promise<number>;
    };
    const { setUpToTest } = await import('./setup/set-up.ts');
    await setUpToTest(root);
    return runFuzz(process.argv.slice(3));
  },
  // Benches use the browser's types too, which this program is not checked with: the path is not one to follow.
  bench: async () => {
    const { bench } = (await import(pathToFileURL(join(root, 'bench/src/main.ts')).href)) as {
      bench(root: string, args: readonly string[]): Promise<number>;
    };
    return bench(root, process.argv.slice(3));
  },
};

const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  process.stderr.write(`usage: run.mjs ${Object.keys(commands).join(' | ')}\n`);
  process.exit(2);
}
exitOnSignals();
try {
  process.exit(await command());
} catch (error) {
  process.stderr.write(describe(error));
  process.exit(1);
}
