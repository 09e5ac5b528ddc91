import { z } from 'zod';
import type {
  BeatMessage,
  CommandBatch,
  FeedMessage,
  HeadMessage,
  MediaSignal,
  PeopleQuestion,
  PresenceNews,
  Question,
  WorkerBeat,
  WorkerQuestion,
} from './bus.ts';
import { commandDefinitions, commandSchema } from './call/commands.ts';
import { regionSchema } from './call/media.ts';
import { presenceSchema } from './edge/people.ts';
import { commandShape } from './envelope.ts';
import { callIdSchema } from './ids.ts';
import { reject, rejectInput, type Rejection } from './rejections.ts';
import { gatewayIdPattern } from './subjects.ts';

/**
 * The forms of what comes over the bus, as far as whoever reads it relies on them. Fields more are let through: while
 * two versions run, one of them is newer. What commands ask for is looked at one by one, by `faultIn`.
 */

const count = z.int().min(0);
/** It becomes a word of a subject. */
const name = z.string().regex(gatewayIdPattern);
const incarnation = z.string().regex(/^[\w-]{1,64}$/);
/** Of calls that there may not be: an id of no call is answered like any other that is not known. */
const anyCallId = z.string().max(64);

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown) => typeof value === 'string';

// By hand: there may be thousands in a message.
const isAsked = ({ ref, command }: Fields) => isCount(ref) && isObject(command) && isText(command.callId);
const isReply = ({ ref, callId, ok, seq, error }: Fields) =>
  isCount(ref) &&
  isText(callId) &&
  (ok === true
    ? isCount(seq)
    : ok === false && isObject(error) && isText(error.code) && isText(error.message));
const isEvent = ({ id, type, subject, time, tenantid, sequence, schemaversion, data }: Fields) =>
  [id, type, subject, time, tenantid].every(isText) &&
  [sequence, schemaversion].every((number) => isCount(number) && number !== 0) &&
  isObject(data);
const listOf = (isOne: (value: Fields) => boolean, what: string) =>
  z.custom<Fields[]>(
    (value) => Array.isArray(value) && value.every((one) => isObject(one) && isOne(one)),
    `must be a list of ${what}`,
  );
const isUser = ({ tenantId, userId }: Fields) => isText(tenantId) && isText(userId);
const isPresent = (user: Fields) => isUser(user) && presenceSchema.safeParse(user.presence).success;
const countsByName = z.custom<Record<string, number>>(
  (value) => isObject(value) && Object.values(value).every(isCount),
  'must be whole numbers by name',
);

const formOf = <T>(form: z.ZodType) => form as z.ZodType<T>;
export const busForms = {
  batch: formOf<CommandBatch>(
    z.looseObject({
      gateway: name,
      incarnation,
      link: count,
      batch: count,
      commands: listOf(isAsked, 'commands with their numbers'),
      follow: z.array(callIdSchema),
      unfollow: z.array(callIdSchema),
    }),
  ),
  feed: formOf<FeedMessage>(
    z.looseObject({
      partition: count,
      epoch: count,
      replies: listOf(isReply, 'replies'),
      events: listOf(isEvent, 'events'),
      again: z.boolean().optional(),
    }),
  ),
  head: formOf<HeadMessage>(
    z.looseObject({ partition: count, epoch: count, owner: z.string(), heads: countsByName }),
  ),
  beat: formOf<BeatMessage>(
    z.looseObject({
      gateway: name,
      incarnation,
      region: regionSchema.optional(),
      load: z.number().min(0).optional(),
      edge: z
        .looseObject({ url: z.string().optional(), sockets: count, open: z.boolean(), told: count })
        .optional(),
    }),
  ),
  presenceNews: formOf<PresenceNews>(
    z.looseObject({ gateway: name, incarnation, number: count, users: listOf(isPresent, 'users') }),
  ),
  peopleQuestion: formOf<PeopleQuestion>(
    z.discriminatedUnion('ask', [
      z.looseObject({ ask: z.literal('presence'), users: listOf(isUser, 'users') }),
      z.looseObject({
        ask: z.literal('message'),
        tenantId: z.string(),
        userId: z.string(),
        messageId: z.string(),
        from: z.string(),
        sentAt: z.number(),
        message: z.looseObject({ type: z.string() }),
      }),
    ]),
  ),
  workerBeat: formOf<WorkerBeat>(
    z.looseObject({
      worker: name,
      incarnation,
      steadyMs: z.number().min(0),
      partitions: z.array(count),
      draining: z.boolean(),
    }),
  ),
  workerQuestion: formOf<WorkerQuestion>(
    z.discriminatedUnion('ask', [
      z.looseObject({ ask: z.literal('here') }),
      z.looseObject({ ask: z.literal('hand-over'), partition: count, to: name }),
    ]),
  ),
  question: formOf<Question>(
    z.discriminatedUnion('ask', [
      z.looseObject({ ask: z.literal('who') }),
      z.looseObject({ ask: z.literal('parked') }),
      z.looseObject({ ask: z.literal('placed'), server: z.string() }),
      z.looseObject({ ask: z.literal('state'), callId: anyCallId, tenantId: z.string().optional() }),
      z.looseObject({
        ask: z.literal('events'),
        callId: anyCallId,
        tenantId: z.string().optional(),
        after: count,
        limit: count,
      }),
    ]),
  ),
  mediaSignal: formOf<MediaSignal>(
    z.looseObject({
      callId: anyCallId,
      participantId: z.string(),
      sessionId: z.string(),
      tiles: z.record(z.string(), z.looseObject({ width: z.number(), height: z.number() })).optional(),
      samples: z.array(z.looseObject({ leg: z.string() })).optional(),
    }),
  ),
} as const;

/** Of a type that this code does not know, as a newer gateway may send. */
const anyCommand = z.looseObject({ ...commandShape, type: z.string(), data: z.looseObject({}) });
/** What only newer code lets through: nothing breaks by it, and what becomes too long has a bound of its own. */
const ofNewerCode = (issue: z.core.$ZodIssue) =>
  issue.code === 'unrecognized_keys' ||
  (issue.code === 'too_big' && (issue.origin === 'string' || issue.origin === 'array'));

/**
 * Why a command can not be decided, whatever its call is like: a field of the wrong form would stand in the log for ever.
 * It came from a gateway that has looked at it already, or should have.
 */
export function faultIn(command: { readonly type?: unknown }): Rejection | undefined {
  const { type } = command;
  const isKnown = typeof type === 'string' && Object.hasOwn(commandDefinitions, type);
  const read = (isKnown ? commandSchema : anyCommand).safeParse(command);
  const issue = read.error?.issues.find((one) => !ofNewerCode(one));
  if (issue !== undefined) return rejectInput(new z.ZodError([issue]));
  return isKnown ? undefined : reject('unknown_type', `${type as string} is not known here.`, 'type');
}
