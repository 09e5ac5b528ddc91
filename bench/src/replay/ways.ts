import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { foldCall } from '@ringback/domain';
import { readCall, type JetStreamLog } from '@ringback/eventlog';
import { codeVersion, type connectNats } from '@ringback/runtime';
import {
  partitionOf,
  streams,
  subjects,
  type Answer,
  type CallEvent,
  type CallView,
  type CommitBody,
  type Question,
} from '@ringback/schemas';
import { readCallFile, writeCallFile } from '../../../clients/cli/src/call-file/call-file.ts';
import { CallBook } from '../../../workers/calls/src/call-book.ts';
import { limits } from './limits.ts';

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** Milliseconds, and what came of it. */
export async function timed<T>(task: () => T | Promise<T>): Promise<{ ms: number; result: T }> {
  const began = performance.now();
  const result = await task();
  return { ms: performance.now() - began, result };
}

export async function ask<Name extends 'state' | 'events'>(
  nc: Connection,
  callId: string,
  question: Extract<Question, { ask: Name }>,
): Promise<Extract<Answer, Record<Name, unknown>>> {
  const subject = subjects.questions(partitionOf(callId));
  const answer = (
    await nc.request(subject, JSON.stringify(question), { timeout: limits.askMs })
  ).json<Answer>();
  if (!answer.ok) throw new Error(`the owner refused: ${answer.error.message}`);
  return answer as Extract<Answer, Record<Name, unknown>>;
}

/** One call's events, in order, out of its partition. */
export async function readOne(log: JetStreamLog, callId: string): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  for await (const event of readCall(log, callId)) events.push(event);
  return events;
}

/** A partition through the log's port. @returns how many events it has. */
export async function readAll(log: JetStreamLog, partition: number): Promise<number> {
  let events = 0;
  for await (const { body } of log.read(partition)) events += body.events.length;
  return events;
}

/** … and folded, as an owner does before it decides. */
export async function replayAll(log: JetStreamLog, partition: number): Promise<number> {
  let events = 0;
  const now = Date.now();
  const book = new CallBook(({ callId }) => {
    throw new Error(`${callId} can not be folded`);
  });
  for await (const { body } of log.read(partition)) {
    for (const event of body.events) book.replay(event, now);
    events += body.events.length;
  }
  return events;
}

/** The limit: the client's own consumer and JSON.parse, nothing else. */
export async function consumeAll(nc: Connection, partition: number): Promise<number> {
  const stream = streams.events(partition);
  const { state } = await (await jetstreamManager(nc)).streams.info(stream);
  const consumer = await jetstream(nc).consumers.get(stream);
  const messages = await consumer.consume({ max_bytes: limits.readAheadBytes });
  let events = 0;
  for await (const message of messages) {
    events += (JSON.parse(message.string()) as CommitBody).events.length;
    if (message.seq >= state.last_seq) break;
  }
  await messages.close();
  await consumer.delete();
  return events;
}

/** The file that `ringback export` gives. */
export async function exportTo(folder: string, facts: readonly CallEvent[]) {
  const path = join(folder, 'call.ndjson.zst');
  const { ms, result } = await timed(() => writeCallFile(facts, [], { codeVersion, compressed: true }));
  await writeFile(path, result.bytes);
  return { path, ms, bytes: result.bytes.length };
}

export async function readFileBack(path: string) {
  return readCallFile(await readFile(path));
}

/** The call as it was after so many events. */
export function stateAt(facts: readonly CallEvent[], seq: number): CallView {
  return foldCall(facts.slice(0, seq))!;
}
