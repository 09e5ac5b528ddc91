export * from './metrics.ts';
export * from './views-worker.ts';
