import { partitionName, type CallId, type PartitionNumber } from './ids.ts';

/** Object stores. */
export const buckets = {
  snapshots: 'SNAP',
} as const;

/** Every NATS subject and stream name is built here and nowhere else. */
export const subjects = {
  /** Facts of a partition: one message is one commit. Written by the partition's owner alone. */
  events: (partition: PartitionNumber) => `evt.${partitionName(partition)}`,
  /** Telemetry of a partition: rejections and samples, in batches, not fenced. */
  telemetry: (partition: PartitionNumber) => `tel.${partitionName(partition)}`,
  /** Batches of commands from gateways to the owner. */
  commands: (partition: PartitionNumber) => `cmd.${partitionName(partition)}`,
  /** Questions to the owner, request and reply. */
  questions: (partition: PartitionNumber) => `ask.${partitionName(partition)}`,
  /** Questions to the views, request and reply. */
  viewQuestions: 'ask.views',
  /** What operators want done to the views, request and reply: the user `admin` alone may. */
  viewOrders: 'do.views',
  /** The owner's sign of life with the head of each call that changed. */
  heads: (partition: PartitionNumber) => `head.${partitionName(partition)}`,
  allHeads: 'head.*',
  /** A calls worker's sign of life. */
  workerBeat: (worker: string) => `worker.${worker}`,
  allWorkerBeats: 'worker.*',
  /** Questions from one calls worker to another, request and reply. */
  handOver: (worker: string) => `hand.${worker}`,
  /** Replies and events from owners to one gateway. */
  feed: (gateway: string) => `feed.${gateway}`,
  /** A gateway's sign of life. */
  beat: (gateway: string) => `beat.${gateway}`,
  allBeats: 'beat.*',
  /** What changed among the users of one edge gateway. */
  presence: (gateway: string) => `presence.${gateway}`,
  allPresence: 'presence.*',
  /** Questions to one edge gateway about its users, request and reply. */
  people: (gateway: string) => `people.${gateway}`,
  /** What clients of a call tell its Call Server beside the log. */
  media: (callId: CallId) => `media.${callId}`,
  /** Live events for outsiders: `call.<callId>.<event type without its first word>`. */
  tap: (callId: CallId, type: string) => `call.${callId}.${type.replace(/^call\./, '')}`,
  tapOf: (callId: CallId) => `call.${callId}.>`,
  /** One object's parts in the object store of snapshots; `*`: all of them. NATS's own form. */
  snapshotParts: (object: string) => `$O.${buckets.snapshots}.C.${object}`,
  /** What is known of each object. */
  snapshotNames: `$O.${buckets.snapshots}.M.*`,
} as const;

export const streams = {
  events: (partition: PartitionNumber) => `EVT_${partitionName(partition)}`,
  telemetry: 'TEL',
  /** What the object store of snapshots is kept in; NATS's own form. */
  snapshots: `OBJ_${buckets.snapshots}`,
} as const;

/** Ids of gateways and workers are one NATS token. */
export const gatewayIdPattern = /^[a-z0-9-]{1,40}$/;

/** `<gateway>/<incarnation>`: one life of one gateway process; stands in the events of those who joined through it. */
export function gatewayRef(gateway: string, incarnation: string): string {
  return `${gateway}/${incarnation}`;
}

/** Unique for one life of an owner of a partition. */
export function ownerId(worker: string, unique: string): string {
  return `${worker}/${unique}`;
}

/** The worker behind an owner. */
export function workerOf(owner: string): string {
  return owner.split('/', 1)[0]!;
}
