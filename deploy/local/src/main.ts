// What run.mjs hands over to, on Node 24: one command a word.

import { resolve } from 'node:path';
import { describe } from '../bootstrap/remedies.mjs';
import { exitOnSignals } from '../bootstrap/signals.mjs';

const root = resolve(import.meta.dirname, '../../..');

// Each command loads its own part only: a warm `npm start` reads neither the set-up's nor the tests' modules twice.
const commands: Record<string, () => Promise<number>> = {
  start: async () => (await import('./start.ts')).start(root, { watch: false }),
  dev: async () => (await import('./start.ts')).start(root, { watch: true }),
  test: async () => (await import('./test-run.ts')).testRun(root),
  setup: async () => {
    const { setUpAll } = await import('./setup/set-up.ts');
    await setUpAll(root);
    return 0;
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
