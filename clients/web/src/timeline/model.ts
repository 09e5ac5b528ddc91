import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { CallFold } from '@ringback/sdk';
import { current, type CallEvent, type CallView, type TelemetryEvent } from '@ringback/schemas';
import { describeEvent, sourceWord } from './describe.ts';
import { familyOf, participantOf, type Family } from './families.ts';
import { buildLanes, type Lanes } from './lanes.ts';
import { noteOf, type Note } from './notes.ts';
import { countUpTo, type ScaleKind } from './scale.ts';

/** A flood of refusals must not fill the page's memory; so many nobody reads. */
const notesMax = 5_000;

/** Where the reader stands: after event `seq`, at an instant that may lie between two events. */
export interface Cursor {
  seq: number;
  time: number;
}

/** A row of the list: an event, or a note between two. */
export type Row = { readonly event: CallEvent } | { readonly note: Note };

/** Everything one timeline page shows, derived from the events read so far. */
export class TimelineModel {
  readonly events: CallEvent[] = [];
  readonly times: number[] = [];
  readonly #fold = new CallFold(this.events);

  /** How many events there are; changes tell everything below to look again. */
  readonly count = signal(0);
  readonly cursor: Signal<Cursor> = signal({ seq: 0, time: 0 });
  /** The cursor stays on the newest event. */
  readonly following = signal(true);
  readonly hidden: Signal<ReadonlySet<Family>> = signal(new Set());
  readonly onlyParticipant = signal<string | undefined>(undefined);
  readonly scaleKind = signal<ScaleKind>('time');
  readonly zoom = signal(1);

  readonly lanes: ReadonlySignal<Lanes> = computed(() => {
    void this.count.value;
    return buildLanes(this.events);
  });

  readonly names: ReadonlySignal<ReadonlyMap<string, string>> = computed(
    () => new Map(this.lanes.value.people.map((p) => [p.participantId, p.displayName])),
  );

  /** The events that the filters show, in order. */
  readonly shown: ReadonlySignal<readonly CallEvent[]> = computed(() => {
    void this.count.value;
    const only = this.onlyParticipant.value;
    const hidden = this.hidden.value;
    return this.events.filter(
      (e) => !hidden.has(familyOf(e.type)) && (only === undefined || concerns(e, only)),
    );
  });

  /** Refusals and joins, in order of time. */
  readonly notes: Signal<readonly Note[]> = signal([]);

  readonly shownNotes: ReadonlySignal<readonly Note[]> = computed(() => {
    if (this.hidden.value.has('telemetry')) return [];
    const only = this.onlyParticipant.value;
    return this.notes.value.filter((note) => only === undefined || this.laneOf(note) === only);
  });

  /** What the list shows: events in their order, notes between them by time. */
  readonly rows: ReadonlySignal<readonly Row[]> = computed(() => {
    const rows: Row[] = [];
    const notes = this.shownNotes.value;
    let next = 0;
    for (const event of this.shown.value) {
      const time = this.timeOf(event.sequence);
      while (rows.length > 0 && notes[next] !== undefined && notes[next]!.time < time)
        rows.push({ note: notes[next++]! });
      rows.push({ event });
    }
    return [...rows, ...notes.slice(next).map((note) => ({ note }))];
  });

  readonly selected: ReadonlySignal<CallEvent | undefined> = computed(
    () => this.events[this.cursor.value.seq - 1],
  );

  /** The call as it was at the cursor. */
  readonly view: ReadonlySignal<CallView | undefined> = computed(() =>
    this.#fold.after(this.cursor.value.seq),
  );

  readonly ended: ReadonlySignal<boolean> = computed(() => {
    void this.count.value;
    return this.events.at(-1)?.type === 'call.ended';
  });

  /** Takes events that follow those known; repeated ones are dropped. */
  add(events: readonly CallEvent[]): void {
    for (const event of events) {
      if (event.sequence !== this.events.length + 1) continue;
      // A page may be newer than its gateway.
      this.events.push(current(event));
      // A clock that steps back must not turn the axis around.
      this.times.push(Math.max(Date.parse(event.time), this.times.at(-1) ?? 0));
    }
    this.count.value = this.events.length;
    if (this.following.value) this.#moveTo(this.events.length);
  }

  /** Takes telemetry that follows what is known; samples are left out. */
  addTelemetry(events: readonly TelemetryEvent[]): void {
    const notes = events.flatMap((event) => noteOf(event) ?? []);
    if (notes.length === 0 || this.notes.value.length >= notesMax) return;
    // Gateways write in batches, so that those of two are not in order.
    const all = [...this.notes.value, ...notes].sort((a, b) => a.time - b.time);
    this.notes.value = all.slice(0, notesMax);
  }

  /** Whose lane a note stands on; undefined: the call's own. */
  laneOf({ participantId, userId }: Note): string | undefined {
    const { people } = this.lanes.value;
    return people.find((p) => p.participantId === participantId || p.userId === userId)?.participantId;
  }

  describeNote(note: Note): string {
    const lane = this.laneOf(note);
    return `${lane === undefined ? 'Somebody outside' : this.nameOf(lane)}: ${note.text}`;
  }

  /** Selects an event; whoever selects the last one of a running call follows on. */
  select(seq: number): void {
    this.#moveTo(seq);
    this.following.value = this.cursor.value.seq === this.events.length;
  }

  /** Selects an instant. */
  selectTime(time: number): void {
    const seq = countUpTo(this.times, time);
    if (seq === 0) return this.select(1);
    this.cursor.value = { seq, time };
    this.following.value = false;
  }

  /** Goes on by so many of the events that the filters show. */
  step(by: number): void {
    const shown = this.shown.value;
    const seq = this.cursor.value.seq;
    const index = countUpTo(
      shown.map((e) => e.sequence),
      seq,
    );
    // Standing between two shown events, one step back goes to the one before.
    const onShown = shown[index - 1]?.sequence === seq;
    const target = by < 0 && !onShown ? index + by : index - 1 + by;
    const event = shown[Math.min(Math.max(target, 0), shown.length - 1)];
    if (event) this.select(event.sequence);
  }

  nameOf = (participantId: string): string => this.names.value.get(participantId) ?? 'somebody';

  describe(event: CallEvent): string {
    const { sourceOf } = this.lanes.value;
    return describeEvent(event, this.nameOf, (participantId, trackId) => {
      const source = sourceOf(participantId, trackId);
      return source ? sourceWord(source) : 'a track';
    });
  }

  /** What led to an event. Only the first event of a command holds it; those after it share the command's id. */
  causeOf(event: CallEvent): CallEvent['data']['cause'] {
    for (let seq = event.sequence; seq > 0; seq -= 1) {
      const earlier = this.events[seq - 1];
      if (earlier?.causationid !== event.causationid) return undefined;
      if (earlier.data.cause) return earlier.data.cause;
    }
    return undefined;
  }

  timeOf(seq: number): number {
    return this.times[seq - 1] ?? 0;
  }

  #moveTo(seq: number): void {
    const bounded = Math.min(Math.max(seq, 1), this.events.length);
    this.cursor.value = { seq: bounded, time: this.timeOf(bounded) };
  }
}

/** An event stands on one lane but may concern two people. */
function concerns(event: CallEvent, participantId: string): boolean {
  if (participantOf(event) === participantId) return true;
  if ('to' in event.data) return event.data.to === participantId;
  return 'peerId' in event.data && event.data.peerId === participantId;
}
