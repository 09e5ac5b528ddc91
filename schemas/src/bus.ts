import { z } from 'zod';
import type { Tiles } from './edge/messages.ts';
import type { Presence, UserMessage } from './edge/people.ts';
import type { QualitySample } from './telemetry.ts';
import type { Command } from './call/commands.ts';
import { callViewSchema } from './call/view.ts';
import { callEventSchema, type CallEvent } from './call/events.ts';
import { callIdSchema } from './ids.ts';
import { rejectionSchema, type Rejection } from './rejections.ts';
import { parkedShape } from './views.ts';

/** Messages between gateways and owners of partitions, on the subjects of `subjects.ts`. Internal: may change with any version. */

/** `cmd.<pp>`: once a tick from each gateway that has anything to say. */
export interface CommandBatch {
  gateway: string;
  incarnation: string;
  /**
   * Batches of one link are numbered 0, 1, 2 …; the owner takes them in this order or not at all. After a gap
   * it says `again`, and the gateway starts a new link (a higher number) with everything unanswered, in order:
   * so nobody's command overtakes an earlier one that was lost on the way.
   */
  link: number;
  batch: number;
  /** `ref` is the gateway's own number: two people may use the same command id. */
  commands: { ref: number; command: Command }[];
  /** Calls this gateway wants the events of, from now on … */
  follow: string[];
  /** … and no longer. */
  unfollow: string[];
}

/** The outcome of a command, as the owner decided it. */
export type CommandReply =
  | { ref: number; ok: true; callId: string; seq: number }
  | { ref: number; ok: false; callId: string; error: Rejection };

/** `feed.<gateway>`: after the ack, all replies and events for one gateway. Higher epochs win; lower ones are ignored. */
export interface FeedMessage {
  partition: number;
  epoch: number;
  replies: CommandReply[];
  events: CallEvent[];
  /** A batch of yours is missing: start a new link. */
  again?: boolean;
}

/** `head.<pp>`: each second, also as the owner's sign of life. */
export interface HeadMessage {
  partition: number;
  epoch: number;
  /** `<worker>/<UUID>` */
  owner: string;
  /** Head sequence of each call that changed since the last one. */
  heads: Record<string, number>;
}

/** `beat.<gateway>`: each second. */
export interface BeatMessage {
  gateway: string;
  incarnation: string;
  /** Where it runs. */
  region?: string;
  /** Of a media gateway that takes calls: the share of its capacity in use, 0 to 1. */
  load?: number;
  /** Of an edge gateway. */
  edge?: EdgeBeat;
}

/** What an edge gateway says of itself to the others. */
export interface EdgeBeat {
  /** Where clients reach it and no other; absent where it has no address of its own. */
  url?: string;
  /** Users' sockets that are connected. */
  sockets: number;
  /** False: it is about to end and takes no more. */
  open: boolean;
  /** Number of the last PresenceNews it sent: who has not that one lacks something. */
  told: number;
}

/** `presence.<gateway>`: once a tick in which anything changed; numbered 1, 2, 3 … in each life of a gateway. */
export interface PresenceNews {
  gateway: string;
  incarnation: string;
  number: number;
  /** As their devices at this gateway are. */
  users: { tenantId: string; userId: string; presence: Presence }[];
}

/** `people.<gateway>`: what edge gateways ask each other about the sockets that each has. */
export type PeopleQuestion =
  | { ask: 'presence'; users: { tenantId: string; userId: string }[] }
  | {
      ask: 'message';
      tenantId: string;
      userId: string;
      messageId: string;
      from: string;
      sentAt: number;
      message: UserMessage;
    };

export type PeopleAnswer =
  /** In the order asked, after `number` news of this life. */
  | { incarnation: string; number: number; presences: Presence[] }
  /** How many sockets were handed the message. */
  | { sessions: number };

/** `worker.<worker>`: each second from every calls worker, and at once when it begins to end. */
export interface WorkerBeat {
  worker: string;
  /** One life of this process (UUID). */
  incarnation: string;
  /** Up and hearing itself for this long without a break, by its own clock. Milliseconds. */
  steadyMs: number;
  /** Owned now. */
  partitions: number[];
  /** About to end: it takes nothing more, and gives what it has to whoever asks. */
  draining: boolean;
}

/** `hand.<worker>`: what calls workers ask each other. */
export type WorkerQuestion =
  | { ask: 'here' }
  /** `to` has read the partition and is ready to claim it. */
  | { ask: 'hand-over'; partition: number; to: string };

/** With `ok` to a hand-over: the partition has no owner since `closedMs`, and it is for whoever asked to claim it. */
export type WorkerAnswer = { ok: true; closedMs: number } | { ok: false };

/** `ask.<pp>`: questions to the owner. `tenantId` absent: a question by an operator. */
export type Question =
  | { ask: 'who' }
  /** The state once the owner knows it to be durable. */
  | { ask: 'state'; callId: string; tenantId?: string | undefined }
  | { ask: 'events'; callId: string; tenantId?: string | undefined; after: number; limit: number }
  /** Open calls whose media runs through this life of a media gateway. */
  | { ask: 'placed'; server: string }
  /** Calls that can not be folded any further. */
  | { ask: 'parked' };

const answerBase = { partition: z.int(), epoch: z.int(), owner: z.string() };
export const answerSchema = z.union([
  z.strictObject({ ...answerBase, ok: z.literal(false), error: rejectionSchema }),
  z.strictObject({ ...answerBase, ok: z.literal(true), state: callViewSchema, stateHash: z.string() }),
  z.strictObject({ ...answerBase, ok: z.literal(true), events: z.array(callEventSchema), head: z.int() }),
  z.strictObject({ ...answerBase, ok: z.literal(true), parked: z.array(z.strictObject(parkedShape)) }),
  z.strictObject({ ...answerBase, ok: z.literal(true), placed: z.record(callIdSchema, z.int()) }),
  z.strictObject({ ...answerBase, ok: z.literal(true) }),
]);
export type Answer = z.infer<typeof answerSchema>;

/**
 * `media.<callId>`: from gateways to the Call Server of a call, at most once, in no log: what clients measure and how
 * large they show things. It is said again whenever it changes.
 */
export interface MediaSignal {
  callId: string;
  participantId: string;
  sessionId: string;
  tiles?: Tiles;
  samples?: QualitySample[];
}

/** One message of an `EVT_<pp>` stream. A claim is a commit without events. */
export interface CommitBody {
  /** `claim`: a new owner takes the partition; its own position is the epoch. */
  kind: 'claim' | 'commit';
  /** Stream sequence of the owner's claim; absent on the claim itself. */
  epoch?: number;
  owner: string;
  events: CallEvent[];
}
