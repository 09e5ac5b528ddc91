export * from './codecs.ts';
export * from './encodings.ts';
export * from './graph.ts';
export * from './layers.ts';
export * from './router-capabilities.ts';
