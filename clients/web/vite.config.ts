import { defineConfig } from 'vite';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    // The whole app is one page and about as big as a photo: more files would only be more round trips.
    assetsInlineLimit: 0,
    rolldownOptions: {
      treeshake: {
        // Only types and constants of the contract are used here; its schemas (and zod) must not ride along.
        moduleSideEffects: (id) => !/[\\/](?:schemas|domain|zod)[\\/]/.test(id),
      },
    },
  },
});
