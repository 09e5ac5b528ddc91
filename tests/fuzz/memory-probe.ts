/** Loaded into a process that is fuzzed: says how much memory it holds after a full collection, when it is asked. */

export interface Memory {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
}

process.on('message', () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, rss } satisfies Memory);
});
// Being asked is not what keeps it alive.
process.channel?.unref();
