import { signal, type ReadonlySignal } from '@preact/signals';
import { RingbackError, type CallWatch } from '@ringback/sdk';
import type { CallEvent } from '@ringback/schemas';
import { callsLetGo, platform } from '../platform.ts';
import type { TimelineModel } from './model.ts';

/** `live`: new events are followed. `behind`: the platform is away, what was read stays. `complete`: the call ended. */
export type FollowStatus = 'loading' | 'live' | 'behind' | 'complete' | 'failed';

/** Telemetry is for reading: a few seconds late is not late. Gateways write theirs within one. Milliseconds. */
const telemetryEveryMs = 5_000;
/** Between tries to follow again. Milliseconds. */
const againMs = 3_000;

/** Reads a call's whole log into a model, then follows it until the call ends. */
export class CallFollower {
  readonly #model: TimelineModel;
  readonly #callId: string;
  readonly #status = signal<FollowStatus>('loading');
  readonly #error = signal<RingbackError | undefined>(undefined);
  #watch: CallWatch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopStatus = () => {};
  #stopped = false;
  #telemetryTimer: ReturnType<typeof setTimeout> | undefined;
  #telemetryAfter: string | undefined;
  #arrived: CallEvent[] = [];

  constructor(model: TimelineModel, callId: string) {
    this.#model = model;
    this.#callId = callId;
  }

  get status(): ReadonlySignal<FollowStatus> {
    return this.#status;
  }

  get error(): ReadonlySignal<RingbackError | undefined> {
    return this.#error;
  }

  async start(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#telemetryTimer);
    if (this.#model.count.value === 0) this.#status.value = 'loading';
    try {
      await callsLetGo();
      await this.#read();
      if (this.#stopped) return;
      if (this.#model.ended.value) this.#status.value = 'complete';
      else this.#follow();
      void this.#readTelemetry();
    } catch (error) {
      if (!this.#stopped) this.#lost(error as RingbackError);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#telemetryTimer);
    this.#unfollow();
  }

  async #read(): Promise<void> {
    const after = this.#model.count.value;
    const read: CallEvent[] = [];
    for await (const page of platform().getEvents(this.#callId, { after })) read.push(...page);
    this.#model.add(read);
  }

  /** Reads on until the call has ended, and once more after that. What fails is asked for again with the next look. */
  async #readTelemetry(): Promise<void> {
    const last = this.#model.ended.value;
    let failed = false;
    try {
      for (let more = true; more && !this.#stopped;) {
        const page = await platform().getTelemetry(this.#callId, { after: this.#telemetryAfter });
        this.#model.addTelemetry(page.telemetry);
        this.#telemetryAfter = page.next;
        more = page.more;
      }
    } catch {
      failed = true;
    }
    if (this.#stopped || (last && !failed)) return;
    clearTimeout(this.#telemetryTimer);
    this.#telemetryTimer = setTimeout(() => void this.#readTelemetry(), telemetryEveryMs);
  }

  #follow(): void {
    const client = platform();
    const watch = client.watch(this.#callId, { after: this.#model.count.value });
    this.#watch = watch;
    this.#status.value = 'live';
    this.#stopStatus = client.on('status', (status) => {
      if (this.#status.value === 'live' || this.#status.value === 'behind')
        this.#status.value = status === 'reconnecting' ? 'behind' : 'live';
    });
    watch.on('event', (event) => this.#take(event));
    // The platform could not replay what was missed event by event: the log has it.
    watch.on('resync', () => this.#again(watch, 0));
    watch.on('ended', ({ error }) => {
      if (this.#stopped || this.#watch !== watch) return;
      if (error) this.#lost(error);
      else this.#again(watch, againMs);
    });
  }

  /** Bursts come as single events: they are shown together, once a frame. */
  #take(event: CallEvent): void {
    if (this.#arrived.push(event) > 1) return;
    requestAnimationFrame(() => {
      this.#model.add(this.#arrived);
      this.#arrived = [];
      if (this.#model.ended.value) {
        this.#status.value = 'complete';
        this.#unfollow();
      }
    });
  }

  #again(watch: CallWatch, delayMs: number): void {
    if (this.#watch !== watch) return;
    this.#unfollow();
    this.#timer = setTimeout(() => void this.start(), delayMs);
  }

  #unfollow(): void {
    this.#stopStatus();
    const watch = this.#watch;
    this.#watch = undefined;
    watch?.stop();
  }

  #lost(error: RingbackError): void {
    this.#unfollow();
    if (this.#model.count.value === 0) {
      this.#error.value = error;
      this.#status.value = 'failed';
      return;
    }
    this.#status.value = 'behind';
    this.#timer = setTimeout(() => void this.start(), againMs);
  }
}
