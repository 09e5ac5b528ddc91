import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallEvent } from '@ringback/schemas';
import { offsetTime } from '../text/time.ts';
import { familyOf } from './families.ts';
import { markerPath } from './markers.ts';
import type { Row, TimelineModel } from './model.ts';
import type { Note } from './notes.ts';
import { onScrubKey } from './scrubber.tsx';
import { windowOf } from './window.ts';

/** Height of one row, as in timeline.css. Pixels. */
const rowHeight = 36;

/** All shown events in order. Long lists hold only the rows in view. */
export function EventList({ model }: { model: TimelineModel }) {
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const shown = model.shown.value;
  const rows = model.rows.value;
  const selectedSeq = model.cursor.value.seq;
  const range = windowOf(rows.length, scrollTop, box.current?.clientHeight ?? 600, rowHeight);
  const selectedIndex = rows.findLastIndex((row) => 'event' in row && row.event.sequence <= selectedSeq);

  useEffect(() => {
    const element = box.current;
    if (!element || selectedIndex < 0) return;
    const top = selectedIndex * rowHeight;
    const inView = top >= element.scrollTop && top + rowHeight <= element.scrollTop + element.clientHeight;
    // With what led to it above, and more of what followed below.
    if (!inView) element.scrollTop = top - element.clientHeight / 3;
  }, [selectedIndex, rows]);

  return (
    <section class="panel events-panel" aria-label="Events">
      <header>
        <h2>Events</h2>
        <p class="soft small nums">
          {shown.length === model.count.value
            ? `${shown.length} in order`
            : `${shown.length} of ${model.count.value} shown`}
        </p>
      </header>
      <div
        ref={box}
        class="event-rows"
        role="listbox"
        tabIndex={0}
        aria-label="Events in order"
        aria-activedescendant={rowId(rows[selectedIndex])}
        onScroll={(e) => setScrollTop(e.currentTarget.scrollTop)}
        onKeyDown={(key) => onListKey(model, key)}
      >
        <div class="event-space" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(range.from, range.to).map((row, i) => {
            const top = (range.from + i) * rowHeight;
            if ('note' in row) return <NoteRow key={row.note.id} model={model} note={row.note} top={top} />;
            const { event } = row;
            const selected = event.sequence === selectedSeq;
            return (
              <EventRow key={event.sequence} model={model} event={event} top={top} selected={selected} />
            );
          })}
        </div>
        {rows.length === 0 && <p class="soft empty-filter">No event passes the filters.</p>}
      </div>
    </section>
  );
}

function rowId(row: Row | undefined): string | undefined {
  return row !== undefined && 'event' in row ? `event-${row.event.sequence}` : undefined;
}

/** No event: it takes the reader to its instant. */
function NoteRow(props: { model: TimelineModel; note: Note; top: number }) {
  const { model, note } = props;
  const text = model.describeNote(note);
  return (
    <div
      class="event-row note"
      role="option"
      aria-selected="false"
      data-testid="timeline-note"
      title={text}
      style={{ top: `${props.top}px` }}
      onClick={() => model.selectTime(note.time)}
    >
      <span class="mono soft seq">{note.steps ? '~' : '✗'}</span>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path class="marker telemetry" d={markerPath('telemetry', 8, 8)} />
      </svg>
      <span class="ellipsis grow">{text}</span>
      <span class="mono soft when">{offsetTime(note.time - model.timeOf(1))}</span>
    </div>
  );
}

function EventRow(props: { model: TimelineModel; event: CallEvent; top: number; selected: boolean }) {
  const { model, event } = props;
  const family = familyOf(event.type);
  return (
    <div
      id={`event-${event.sequence}`}
      class={props.selected ? 'event-row selected' : 'event-row'}
      role="option"
      aria-selected={props.selected}
      data-testid="timeline-event"
      data-seq={event.sequence}
      data-type={event.type}
      style={{ top: `${props.top}px` }}
      onClick={() => model.select(event.sequence)}
    >
      <span class="mono soft seq">{event.sequence}</span>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path class={`marker ${family}`} d={markerPath(family, 8, 8)} />
      </svg>
      <span class="ellipsis grow">{model.describe(event)}</span>
      <span class="mono soft when">{offsetTime(model.timeOf(event.sequence) - model.timeOf(1))}</span>
    </div>
  );
}

/** In a list that runs down, up goes back. */
function onListKey(model: TimelineModel, key: KeyboardEvent): void {
  if (key.key !== 'ArrowUp' && key.key !== 'ArrowDown') return onScrubKey(model, key);
  key.preventDefault();
  model.step(key.key === 'ArrowUp' ? -1 : 1);
}
