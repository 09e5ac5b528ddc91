export * from './calls-worker.ts';
export * from './gateway-list.ts';
export * from './metrics.ts';
export * from './partition-owner.ts';
