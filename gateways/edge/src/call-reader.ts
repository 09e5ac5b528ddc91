import { readCall, type EventLog } from '@ringback/eventlog';
import type { OwnerLink } from '@ringback/link';
import type { Logger } from '@ringback/runtime';
import {
  current,
  partitionOf,
  reject,
  type CallEvent,
  type CallView,
  type Rejection,
} from '@ringback/schemas';
import { Gate } from './gate.ts';
import { limits } from './limits.ts';
import { eventLength } from './subscription.ts';

/** Reads what happened in calls: from the owner's memory, else from the log. Identical reads are one. */
export class CallReader {
  readonly #link: Pick<OwnerLink, 'ask'>;
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #reads = new Map<string, Promise<readonly CallEvent[] | Rejection>>();
  readonly #logReads = new Gate(limits.logReadsMax, limits.logReadsWaitingMax);

  constructor(link: Pick<OwnerLink, 'ask'>, log: EventLog, logger: Logger) {
    this.#link = link;
    this.#log = log;
    this.#logger = logger;
  }

  /** The folded state with its hash, as the owner knows it to be durable. Never throws. */
  async state(callId: string, tenantId: string): Promise<{ state: CallView; stateHash: string } | Rejection> {
    const answer = await this.#link.ask(partitionOf(callId), { ask: 'state', callId, tenantId });
    if (!answer.ok) return answer.error;
    return 'state' in answer ? answer : reject('overloaded');
  }

  /**
   * Events after `after`, without a gap; as many as one answer holds, so maybe not all. The caller has checked
   * who asks. Never throws.
   */
  events(callId: string, after: number): Promise<readonly CallEvent[] | Rejection> {
    const key = `${callId}/${after}`;
    let read = this.#reads.get(key);
    if (read === undefined) {
      read = this.#read(callId, after)
        .catch((error: unknown) => {
          this.#logger.error({ callId, after, err: error }, 'the log can not be read');
          return reject('overloaded');
        })
        .finally(() => this.#reads.delete(key));
      this.#reads.set(key, read);
    }
    return read;
  }

  async #read(callId: string, after: number): Promise<readonly CallEvent[] | Rejection> {
    const answer = await this.#link.ask(partitionOf(callId), {
      ask: 'events',
      callId,
      after,
      limit: limits.askEventsMax,
    });
    if (answer.ok && 'events' in answer) {
      const whole =
        answer.events.length === 0 ? answer.head <= after : answer.events[0]!.sequence === after + 1;
      if (whole) return answer.events.map(current);
    } else if (!answer.ok && answer.error.code !== 'call_unknown') {
      return answer.error;
    }
    return (await this.#logReads.run(() => this.#readLog(callId, after))) ?? reject('overloaded');
  }

  async #readLog(callId: string, after: number): Promise<readonly CallEvent[]> {
    const events: CallEvent[] = [];
    let bytes = 0;
    for await (const event of readCall(this.#log, callId, { after })) {
      events.push(event);
      bytes += eventLength(event);
      if (events.length >= limits.askEventsMax || bytes >= limits.readBytesMax) break;
    }
    return events;
  }
}

/** Told apart by what only a refusal has. */
export function isRefused(read: readonly CallEvent[] | Rejection): read is Rejection {
  return 'code' in read;
}
