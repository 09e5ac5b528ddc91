export { startMedia, type Media, type MediaDump, type MediaOptions } from './media.ts';
export { limits as mediaLimits } from './limits.ts';
