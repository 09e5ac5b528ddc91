import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', '**/.ringback*/**'];

export default defineConfig({
  test: {
    projects: [
      {
        // No I/O beyond temporary files: hundreds in seconds.
        test: {
          name: 'unit',
          include: ['**/*.spec.ts', '**/*.spec.tsx'],
          exclude: [...everywhere, '**/*.int.spec.ts', 'tests/e2e/**', 'tests/network/**'],
        },
      },
      {
        // Real servers and processes. Two at a time: each brings an nats-server that fsyncs, on machines with two cores.
        test: {
          name: 'int',
          include: ['**/*.int.spec.ts'],
          exclude: [...everywhere, 'tests/e2e/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        // Real browsers and the whole platform, which take all of the machine: one file after another.
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.spec.ts'],
          exclude: everywhere,
          // A machine that others use as well stands still now and then; what fails twice is a fault.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // Real browsers behind NATs and firewalls of our own making: as root on Linux, elsewhere skipped.
        test: {
          name: 'network',
          include: ['tests/network/**/*.spec.ts'],
          exclude: everywhere,
          // A machine that others use as well stands still now and then; what fails twice is a fault.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
