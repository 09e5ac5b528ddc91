export * from './call-file/call-file.ts';
export * from './call-file/damage.ts';
export * from './timeline/sentence.ts';
