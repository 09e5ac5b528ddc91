import {
  current,
  type CallEvent,
  type CallView,
  type TelemetryEvent,
  type TelemetryPage,
} from '@ringback/schemas';
import { RingbackError } from '../errors.ts';
import { sdkLimits } from '../limits.ts';
import type { Clock } from '../ports.ts';
import { CallFold } from './call-fold.ts';
import { Doorbell } from './doorbell.ts';

/** What is read of a call over HTTP. */
export interface CallReads {
  getEvents(callId: string, options: { after: number }): AsyncIterable<CallEvent[]>;
  getTelemetry(
    callId: string,
    options: { after: string | undefined; samples: boolean },
  ): Promise<TelemetryPage>;
}

/** Something that happened in a call; `time` in milliseconds since 1970, `state` the call right after it. */
export type TimelineEntry =
  | { kind: 'event'; event: CallEvent; time: number; state: CallView | undefined }
  /** No fact, and so without a sequence: a refusal, how a join went, or a sample. It stands between events by its time. */
  | { kind: 'telemetry'; telemetry: TelemetryEvent; time: number; state: CallView | undefined };

export interface TimelineOptions {
  /** Whether samples of quality are wanted too: one every two seconds for each connection. Default false. */
  samples?: boolean;
}

/**
 * Everything that happened in a call, from its first event on, and how the call was at any instant. For who took part
 * in it, made it, or administers it. Made by `call.timeline()` and `client.timeline(callId)`; reads when it is asked
 * to. Keeps what it has read: about 1 kB an event.
 *
 * `for await (const entry of timeline)` gives what there is now, in order; `follow()` goes on as it happens.
 */
export class CallTimeline implements AsyncIterable<TimelineEntry> {
  /** `<partition>-<UUIDv7>`. */
  readonly callId: string;
  readonly #reads: CallReads;
  readonly #clock: Clock;
  readonly #samples: boolean;
  readonly #listen: (ring: () => void) => () => void;
  readonly #events: CallEvent[] = [];
  readonly #times: number[] = [];
  readonly #telemetry: TelemetryEvent[] = [];
  readonly #fold = new CallFold(this.#events);
  #telemetryNext: string | undefined;
  #telemetryAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  /** @internal Use `call.timeline()` or `client.timeline(callId)`. */
  constructor(
    callId: string,
    options: TimelineOptions & {
      reads: CallReads;
      clock: Clock;
      /** Calls `ring` whenever the call goes on, as far as this client hears of it. */
      listen?: (ring: () => void) => () => void;
    },
  ) {
    this.callId = callId;
    this.#reads = options.reads;
    this.#clock = options.clock;
    this.#samples = options.samples ?? false;
    this.#listen = options.listen ?? (() => () => {});
  }

  /** Read so far, in order: the one at index 0 has sequence 1. */
  get events(): readonly CallEvent[] {
    return this.#events;
  }

  /** Read so far, in the order in which it was written: gateways write in batches, so times may go back a little. */
  get telemetry(): readonly TelemetryEvent[] {
    return this.#telemetry;
  }

  /** Whether the call has ended, as far as it was read. */
  get ended(): boolean {
    return this.#events.at(-1)?.type === 'call.ended';
  }

  /**
   * Reads what there is now and was not read yet.
   *
   * @throws RingbackError `call_unknown`, `not_permitted`, or as every request.
   */
  read(): Promise<void> {
    return this.#read(true);
  }

  /** The call after this event; after the last one read, where there are fewer. `undefined` before the first. */
  stateAfter(sequence: number): CallView | undefined {
    return this.#fold.after(sequence);
  }

  /** The call at this instant, milliseconds since 1970, as far as it was read. `undefined` before it was made. */
  stateAt(time: number | Date): CallView | undefined {
    return this.#fold.after(countUpTo(this.#times, Number(time)));
  }

  /** Everything up to now, from the beginning: events in order, telemetry between them by its time. */
  [Symbol.asyncIterator](): AsyncGenerator<TimelineEntry, void> {
    return this.#iterate(false, undefined);
  }

  /**
   * Everything from the beginning, then what happens, as it happens: within a second, telemetry within five. Ends with the
   * call, or with the signal. While the platform is away it waits, and misses nothing.
   *
   * @throws RingbackError what no later try would change: `call_unknown`, `not_permitted`, `token_expired` …
   */
  follow(options: { signal?: AbortSignal } = {}): AsyncGenerator<TimelineEntry, void> {
    return this.#iterate(true, options.signal);
  }

  async *#iterate(follow: boolean, signal: AbortSignal | undefined): AsyncGenerator<TimelineEntry, void> {
    const given = { events: 0, telemetry: 0 };
    const bell = new Doorbell(this.#clock, follow ? this.#listen : () => () => {}, signal);
    try {
      for (let isFirst = true; ; isFirst = false) {
        // Telemetry is written a moment after what it is about: read once more after the end.
        const wasOver = this.ended;
        const isWhole = await this.#readNow(follow, isFirst || wasOver);
        for (const entry of this.#since(given)) {
          if (signal?.aborted === true) return;
          yield entry;
        }
        if (!follow || (isWhole && this.ended && (wasOver || isFirst))) return;
        await bell.rung();
        if (signal?.aborted === true) return;
      }
    } finally {
      bell.close();
    }
  }

  /** @returns false where, for now, not all could be read. */
  async #readNow(follow: boolean, withTelemetry: boolean): Promise<boolean> {
    try {
      const { timelineTelemetryMs } = sdkLimits;
      const isDue = this.#clock.now() - this.#telemetryAtMs >= timelineTelemetryMs;
      await this.#read(withTelemetry || isDue);
      return true;
    } catch (error) {
      const passes = error instanceof RingbackError && error.retryable;
      if (!follow || !passes) throw error;
      return false;
    }
  }

  /** One at a time, whoever asks: each event is read once. */
  async #read(withTelemetry: boolean): Promise<void> {
    const before = this.#reading?.catch(() => {});
    const reading = (async () => {
      await before;
      await this.#readOn(withTelemetry);
    })();
    this.#reading = reading;
    try {
      await reading;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  async #readOn(withTelemetry: boolean): Promise<void> {
    for await (const page of this.#reads.getEvents(this.callId, { after: this.#events.length }))
      for (const event of page) this.#take(event);
    if (!withTelemetry) return;
    this.#telemetryAtMs = this.#clock.now();
    for (let more = true; more;) {
      const options = { after: this.#telemetryNext, samples: this.#samples };
      const page = await this.#reads.getTelemetry(this.callId, options);
      this.#telemetry.push(...page.telemetry);
      this.#telemetryNext = page.next ?? this.#telemetryNext;
      more = page.more;
    }
  }

  #take(stored: CallEvent): void {
    if (stored.sequence !== this.#events.length + 1) return;
    // A client may be newer than its platform.
    this.#events.push(current(stored));
    // The clock of the next owner may be behind.
    this.#times.push(Math.max(Date.parse(stored.time), this.#times.at(-1) ?? 0));
  }

  /** What was read and not given yet. More may be read meanwhile: that is for the next time. */
  *#since(given: { events: number; telemetry: number }): Generator<TimelineEntry, void> {
    const eventsEnd = this.#events.length;
    const notes = this.#telemetry
      .slice(given.telemetry)
      .map((telemetry) => ({ telemetry, time: Date.parse(telemetry.time) }))
      .sort((a, b) => a.time - b.time);
    given.telemetry = this.#telemetry.length;
    let next = 0;
    while (given.events < eventsEnd || next < notes.length) {
      const time = this.#times[given.events];
      const note = notes[next];
      if (note !== undefined && (given.events >= eventsEnd || time === undefined || note.time < time)) {
        next += 1;
        yield { kind: 'telemetry', ...note, state: this.stateAt(note.time) };
      } else if (time !== undefined) {
        const event = this.#events[given.events++]!;
        yield { kind: 'event', event, time, state: this.#fold.after(event.sequence) };
      }
    }
  }
}

/** How many of these ascending times are not later than `time`. */
function countUpTo(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
