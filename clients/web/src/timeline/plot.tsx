import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { families } from './families.ts';
import { CallLaneShape, PersonLaneShape, SwitchBands } from './lane-shapes.tsx';
import { callLaneHeight, laneAt, lanesHeight, personLaneHeight } from './layout.ts';
import type { TimelineModel } from './model.ts';
import { placeNote, type PlacedNote } from './notes.ts';
import { makeScale, type Scale } from './scale.ts';
import { Scrubber } from './scrubber.tsx';

/** Lanes, axis and scrubber. The labels stand still while the rest scrolls sideways when zoomed in. */
export function Plot({ model, now }: { model: TimelineModel; now: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const lanes = model.lanes.value;
  const count = model.count.value;
  const kind = model.scaleKind.value;
  const plotWidth = Math.max(width * model.zoom.value, 200);
  const end = model.ended.value ? model.timeOf(count) : Math.max(now, model.timeOf(count));
  const scale = useMemo(
    () => makeScale(kind, model.times.slice(0, count), end, plotWidth),
    [kind, count, end, plotWidth],
  );

  return (
    <div class="plot">
      <div class="lane-labels">
        <div class="lane-label call" data-testid="timeline-lane" data-lane="call">
          <strong>Call</strong>
        </div>
        {lanes.people.map((person) => (
          <div
            key={person.participantId}
            class="lane-label"
            data-testid="timeline-lane"
            data-lane="participant"
            data-participant-id={person.participantId}
          >
            <strong class="ellipsis" title={person.displayName}>
              {person.displayName}
            </strong>
            <span class="soft">{person.role}</span>
          </div>
        ))}
        <p class="lane-key soft">Thin lines: what they send, pale while muted</p>
      </div>
      <div class="plot-scroller" ref={scroller}>
        {width > 0 && (
          <div class="plot-inner" style={{ width: `${plotWidth}px` }}>
            <LanesDrawing model={model} scale={scale} />
            <Scrubber model={model} scale={scale} />
            <KeepCursorInView model={model} scale={scale} scroller={scroller} />
          </div>
        )}
      </div>
    </div>
  );
}

const none: readonly PlacedNote[] = [];

/** The pointer rests near this event. */
const hovered = signal<number | undefined>(undefined);

function LanesDrawing({ model, scale }: { model: TimelineModel; scale: Scale }) {
  const lanes = model.lanes.value;
  const hidden = model.hidden.value;
  const only = model.onlyParticipant.value;
  const height = lanesHeight(lanes.people.length);
  const notes = model.shownNotes.value;
  const notesByLane = useMemo(() => {
    const placed = notes.map((note) => placeNote(note, model.times, scale));
    return Map.groupBy(placed, (note) => model.laneOf(note));
  }, [notes, scale, lanes]);
  const shownFamilies = families.map((f) => f.family).filter((f) => !hidden.has(f));

  const positionOf = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const { x, y } = positionOf(event);
    const seq = nearest(model, scale, x, y);
    if (seq === undefined) model.selectTime(scale.at(x).time);
    else model.select(seq);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (event.pointerType !== 'mouse') return;
    const { x, y } = positionOf(event);
    if (event.buttons === 1) model.selectTime(scale.at(x).time);
    hovered.value = nearest(model, scale, x, y);
  };
  return (
    <div
      class="lanes"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerLeave={() => (hovered.value = undefined)}
    >
      <svg
        width={scale.width}
        height={height}
        role="img"
        aria-label="Lanes of the call; the list of events below says the same in words"
      >
        {scale.ticks.map((tick) => (
          <line key={tick.x} class="grid" x1={tick.x} x2={tick.x} y1="0" y2={height} />
        ))}
        {!hidden.has('route') && <SwitchBands lanes={lanes} scale={scale} height={height} />}
        <CallLaneShape
          lanes={lanes}
          scale={scale}
          families={shownFamilies}
          notes={notesByLane.get(undefined) ?? none}
        />
        {lanes.people.map((person, index) => (
          <PersonLaneShape
            key={person.participantId}
            lane={person}
            scale={scale}
            top={callLaneHeight + index * personLaneHeight}
            families={shownFamilies}
            notes={notesByLane.get(person.participantId) ?? none}
            dimmed={only !== undefined && only !== person.participantId}
          />
        ))}
      </svg>
      <Playhead model={model} scale={scale} />
      <HoverTip model={model} scale={scale} />
    </div>
  );
}

function Playhead({ model, scale }: { model: TimelineModel; scale: Scale }) {
  return (
    <div class="playhead" style={{ transform: `translateX(${scale.xOfCursor(model.cursor.value)}px)` }} />
  );
}

function HoverTip({ model, scale }: { model: TimelineModel; scale: Scale }) {
  const seq = hovered.value;
  const event = seq === undefined ? undefined : model.events[seq - 1];
  if (seq === undefined || !event) return null;
  const x = scale.x(seq);
  const side = x > scale.width / 2 ? { right: `${scale.width - x + 12}px` } : { left: `${x + 12}px` };
  return (
    <div class="hover-tip" style={side}>
      <span class="mono">#{seq}</span> {model.describe(event)}
    </div>
  );
}

/** The shown event of the lane under the pointer that is near enough to be meant. */
function nearest(model: TimelineModel, scale: Scale, x: number, y: number): number | undefined {
  const lanes = model.lanes.value;
  const lane = laneAt(y);
  const markers = lane === 'call' ? lanes.markers : lanes.people[lane]?.markers;
  let best: number | undefined;
  let distance = 10;
  for (const [family, seqs] of markers ?? []) {
    if (model.hidden.value.has(family)) continue;
    for (const seq of seqs) {
      const away = Math.abs(scale.x(seq) - x);
      if (away < distance) [best, distance] = [seq, away];
    }
  }
  return best;
}

function useWidth(ref: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** A component of its own, as everything that reads the cursor: a scrub must not draw all lanes anew. */
function KeepCursorInView(props: {
  model: TimelineModel;
  scale: Scale;
  scroller: { current: HTMLElement | null };
}) {
  const x = props.scale.xOfCursor(props.model.cursor.value);
  useEffect(() => {
    const box = props.scroller.current;
    if (!box) return;
    const margin = 40;
    if (x < box.scrollLeft + margin || x > box.scrollLeft + box.clientWidth - margin)
      box.scrollLeft = x - box.clientWidth / 2;
  }, [x, props.scale.width]);
  return null;
}
