import { useRef } from 'preact/hooks';
import { offsetTime } from '../text/time.ts';
import type { TimelineModel } from './model.ts';
import type { Scale } from './scale.ts';

/** Labels nearer to the end would be cut off. Pixels. */
const labelWidth = 56;
/** Events a PageUp or PageDown goes. */
const pageStep = 10;

/** The axis with a handle: a slider over the call's events. */
export function Scrubber({ model, scale }: { model: TimelineModel; scale: Scale }) {
  const strip = useRef<HTMLDivElement>(null);
  const { seq, time } = model.cursor.value;
  const count = model.count.value;
  const event = model.selected.value;

  const scrubTo = (pointer: PointerEvent) => {
    const x = pointer.clientX - (strip.current?.getBoundingClientRect().left ?? 0);
    const at = scale.at(x);
    if (scale.kind === 'order') model.select(at.seq);
    else model.selectTime(at.time);
  };
  return (
    <div
      ref={strip}
      class="scrubber"
      data-testid="timeline-scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Position in the call"
      aria-valuemin={1}
      aria-valuemax={Math.max(count, 1)}
      aria-valuenow={Math.max(seq, 1)}
      aria-valuetext={
        event
          ? `Event ${seq} of ${count}, ${offsetTime(time - model.timeOf(1))}: ${model.describe(event)}`
          : ''
      }
      onKeyDown={(key) => onScrubKey(model, key)}
      onPointerDown={(pointer) => {
        if (pointer.button !== 0) return;
        pointer.currentTarget.setPointerCapture(pointer.pointerId);
        scrubTo(pointer);
      }}
      onPointerMove={(pointer) => {
        if (pointer.currentTarget.hasPointerCapture(pointer.pointerId)) scrubTo(pointer);
      }}
    >
      {scale.ticks.map((tick) => (
        <span key={tick.x} class="tick" style={{ left: `${tick.x}px` }}>
          {tick.x < scale.width - labelWidth && tick.label}
        </span>
      ))}
      <div class="handle" style={{ transform: `translateX(${scale.xOfCursor(model.cursor.value)}px)` }} />
    </div>
  );
}

/** Arrows go by event, pages by ten, Home and End to the ends. */
export function onScrubKey(model: TimelineModel, key: KeyboardEvent): void {
  if (key.ctrlKey || key.metaKey || key.altKey) return;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageUp: -pageStep,
    PageDown: pageStep,
    Home: -Infinity,
    End: Infinity,
  };
  const by = steps[key.key];
  if (by === undefined) return;
  key.preventDefault();
  model.step(by);
}
