import {
  jetstream,
  jetstreamManager,
  type Consumer,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { DeliverPolicy } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { streams, subjects, timeOfMs, type CommitBody } from '@ringback/schemas';
import { appendSurely, type PubAck } from './append-rule.ts';
import {
  ReadStalled,
  UndecodableCommit,
  type Append,
  type AppendResult,
  type EventLog,
  type StoredCommit,
} from './event-log.ts';
import { limits } from './limits.ts';
import { ApiRefused, type ApiError } from './log-errors.ts';

interface StoredMessage {
  seq: number;
  hdrs?: string;
}

/** The log on NATS JetStream: one stream a partition, one message a commit. */
export class JetStreamLog implements EventLog {
  readonly #nc: NatsConnection;
  readonly #jsm: JetStreamManager;

  private constructor(nc: NatsConnection, jsm: JetStreamManager) {
    this.#nc = nc;
    this.#jsm = jsm;
  }

  static async open(nc: NatsConnection): Promise<JetStreamLog> {
    return new JetStreamLog(nc, await jetstreamManager(nc, { checkAPI: false }));
  }

  async append({ partition, body, text, id, expected }: Append): Promise<AppendResult> {
    const bytes = Buffer.from(text ?? JSON.stringify(body));
    const stream = streams.events(partition);
    const wire = {
      publish: () => this.#publish(partition, bytes, id, expected, body),
      look: async (query: 'last' | number) => {
        const of = query === 'last' ? { last_by_subj: subjects.events(partition) } : { seq: query };
        const found = await this.#message(stream, of);
        return found && { seq: found.seq, id: idOf(found) };
      },
      isClosed: () => this.#nc.isClosed(),
    };
    return appendSurely(wire, { id, expected });
  }

  async #publish(
    partition: number,
    bytes: Uint8Array,
    id: string,
    expected: number | undefined,
    body: CommitBody,
  ): Promise<PubAck> {
    const head = headers();
    head.set('Nats-Msg-Id', id);
    if (expected !== undefined) head.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    // For people who look with the nats CLI.
    head.set('Ringback-Kind', body.kind);
    head.set('Ringback-Events', String(body.events.length));
    head.set('Ringback-Calls', String(new Set(body.events.map((e) => e.subject)).size));
    const answer = await this.#nc.request(subjects.events(partition), bytes, {
      headers: head,
      timeout: limits.appendTryMs,
    });
    return answer.json<PubAck>();
  }

  /** Reads one message from the stream's leader: a direct get may be answered by a replica that lags. */
  async #message(
    stream: string,
    query: { seq: number } | { last_by_subj: string },
  ): Promise<StoredMessage | undefined> {
    const answer = await this.#nc.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify(query), {
      timeout: limits.appendTryMs,
    });
    const { message, error } = answer.json<{
      message?: StoredMessage;
      error?: ApiError;
    }>();
    if (message !== undefined) return message;
    if (error?.err_code === noMessageFound) return undefined;
    throw new ApiRefused(stream, error);
  }

  async *read(
    partition: number,
    range: { from?: number; fromTime?: number; to?: number } = {},
  ): AsyncIterable<StoredCommit> {
    let { to } = range;
    if (to === undefined) {
      const { state } = await this.#jsm.streams.info(streams.events(partition));
      to = state.last_seq;
      if (state.messages === 0) return;
      // Nothing that young: a consumer by time would wait for the future.
      if (range.fromTime !== undefined && Date.parse(state.last_ts) < range.fromTime) return;
    }
    if ((range.from ?? 1) > to) return;
    const consumer = await this.#consumer(partition, range);
    const messages = await consumer.consume({
      max_bytes: limits.readAheadBytes,
      idle_heartbeat: limits.readHeartbeatMs,
    });
    const watch = () => messages.stop();
    let timer = setTimeout(watch, limits.readStallMs);
    try {
      for await (const message of messages) {
        clearTimeout(timer);
        if (message.seq > to) return;
        yield decode(partition, message);
        if (message.seq >= to) return;
        timer = setTimeout(watch, limits.readStallMs);
      }
      // Stopped by us, or the connection is over: half of what is there must not be taken for all of it.
      throw new ReadStalled(`partition ${partition}: nothing more came before ${to}`);
    } finally {
      clearTimeout(timer);
      await messages.close();
      // Else it stays at the server until that finds it idle. Who is away now can not be told.
      await consumer.delete().catch(() => {});
    }
  }

  async *follow(partition: number, from: number, signal: AbortSignal): AsyncIterable<StoredCommit> {
    if (signal.aborted) return;
    const consumer = await this.#consumer(partition, { from });
    const messages = await consumer.consume({
      max_bytes: limits.readAheadBytes,
      idle_heartbeat: limits.readHeartbeatMs,
    });
    const stop = () => messages.stop();
    signal.addEventListener('abort', stop);
    // Made anew it asks for what follows the last number it saw, of whatever log is there now, and waits for that for ever.
    let anew = false;
    void (async () => {
      for await (const { type } of messages.status())
        if (type === 'ordered_consumer_recreated') {
          anew = true;
          stop();
        }
    })();
    try {
      for await (const message of messages) yield decode(partition, message);
      if (anew) throw new ReadStalled(`partition ${partition}: the log was away, and may be another one now`);
    } finally {
      signal.removeEventListener('abort', stop);
      await messages.close();
      await consumer.delete().catch(() => {});
    }
  }

  /** An ordered consumer: it notices gaps and starts anew behind the last message by itself. */
  #consumer(partition: number, range: { from?: number; fromTime?: number }): Promise<Consumer> {
    const start =
      range.fromTime === undefined
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: range.from ?? 1 }
        : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: timeOfMs(range.fromTime) };
    return jetstream(this.#nc).consumers.get(streams.events(partition), start);
  }
}

/** JetStream's error code for "no message found". */
const noMessageFound = 10037;

function idOf(message: StoredMessage): string | undefined {
  const text = Buffer.from(message.hdrs ?? '', 'base64').toString();
  return /^Nats-Msg-Id: ?(.*)\r$/m.exec(text)?.[1];
}

function decode(partition: number, message: JsMsg): StoredCommit {
  try {
    const body = message.json<CommitBody>();
    if (!Array.isArray(body.events) || (body.kind !== 'claim' && body.kind !== 'commit'))
      throw new TypeError('not a commit');
    for (const event of body.events)
      if (typeof event?.subject !== 'string' || !Number.isInteger(event.sequence))
        throw new TypeError('not events');
    return { position: message.seq, time: message.time.getTime(), body };
  } catch (error) {
    throw new UndecodableCommit(partition, message.seq, error);
  }
}
