export * from './call/deadlines.ts';
export * from './call/decide.ts';
export * from './call/envelope.ts';
export * from './call/evolve.ts';
export * from './call/state.ts';
export * from './call/summary.ts';
export * from './call/visibility.ts';
export * from './canonical.ts';
