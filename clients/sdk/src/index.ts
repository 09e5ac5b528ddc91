export { Call } from './call.ts';
export { preloadCallServer } from './call-server/device.ts';
export { CallWatch } from './call-watch.ts';
export { capabilities } from './capabilities.ts';
export { RingbackClient, type CommandDataOf } from './client.ts';
export { RingbackError, type ClientErrorCode, type ErrorCode } from './errors.ts';
export type { Listenable } from './emitter.ts';
export {
  People,
  type PeopleEvents,
  type PresenceList,
  type ReceivedMessage,
  type SentMessage,
} from './people.ts';
export type { Clock, Ports } from './ports.ts';
export { CallFold } from './timeline/call-fold.ts';
export { CallTimeline, type TimelineEntry, type TimelineOptions } from './timeline/call-timeline.ts';
export type * from './types.ts';
