import {
  timeOfMs,
  versionOf,
  type CallEvent,
  type CallEventBody,
  type Cause,
  type Command,
  type CommandType,
} from '@ringback/schemas';
import { canonicalJson } from '../canonical.ts';

/** What stands around a decided event. */
export interface EventContext {
  /** Sequence of the last event before these. */
  readonly seq: number;
  /** When it was decided, milliseconds since 1970. */
  readonly now: number;
  readonly codeVersion: string;
}

/** Puts the envelope around the events of one command. The first one carries the command itself. */
export function toEvents(
  command: Command,
  bodies: readonly CallEventBody[],
  context: EventContext,
): CallEvent[] {
  const time = timeOfMs(context.now);
  return bodies.map((body, index) => {
    const sequence = context.seq + index + 1;
    const data = index === 0 ? { ...body.data, cause: causeOf(command, body) } : body.data;
    return {
      specversion: '1.0',
      id: `${command.callId}/${sequence}`,
      source: '/calls',
      type: body.type,
      subject: command.callId,
      time,
      tenantid: command.tenantId,
      sequence,
      partitionkey: command.callId,
      causationid: command.id,
      correlationid: command.correlationId,
      ...(command.traceparent === undefined ? {} : { traceparent: command.traceparent }),
      schemaversion: versionOf(body.type),
      codeversion: context.codeVersion,
      data,
    } as CallEvent;
  });
}

function causeOf(command: Command, body: CallEventBody): Cause {
  const same: string[] = [];
  const data: Record<string, unknown> = {};
  const stored = body.data as Record<string, unknown>;
  const asked = command.data as Record<string, unknown>;
  for (const key of Object.keys(asked)) {
    const value = asked[key];
    if (value === undefined) continue;
    if (key in stored && isSame(stored[key], value)) same.push(key);
    else data[key] = value;
  }
  return {
    command: command.type,
    actor: command.actor,
    ...(command.participantId === undefined ? {} : { participantId: command.participantId }),
    ...(command.sessionId === undefined ? {} : { sessionId: command.sessionId }),
    receivedTime: command.receivedTime,
    same,
    data,
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && canonicalJson(a) === canonicalJson(b));
}

/** The command behind an event, as it was; `undefined` on later events of the same command. */
export function commandOf(event: CallEvent): Command | undefined {
  const { cause, ...stored } = event.data as Record<string, unknown> & { cause?: Cause };
  if (cause === undefined) return undefined;
  const data: Record<string, unknown> = { ...cause.data };
  for (const key of cause.same) data[key] = stored[key];
  return {
    id: event.causationid,
    type: cause.command as CommandType,
    callId: event.subject,
    tenantId: event.tenantid,
    actor: cause.actor,
    ...(cause.participantId === undefined ? {} : { participantId: cause.participantId }),
    ...(cause.sessionId === undefined ? {} : { sessionId: cause.sessionId }),
    receivedTime: cause.receivedTime,
    correlationId: event.correlationid,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    data,
  } as Command;
}
