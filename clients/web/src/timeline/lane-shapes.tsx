import type { Family } from './families.ts';
import { sourceWord } from './describe.ts';
import type { Lanes, PersonLane, Span } from './lanes.ts';
import { callLaneHeight, personLaneHeight } from './layout.ts';
import { markersPath } from './markers.ts';
import type { PlacedNote, Step } from './notes.ts';
import { visibleBars, type Scale } from './scale.ts';

const barHeight = 10;
const sourceOrder = ['microphone', 'camera', 'screen', 'screen-audio'] as const;

export function CallLaneShape(props: {
  lanes: Lanes;
  scale: Scale;
  families: readonly Family[];
  notes: readonly PlacedNote[];
}) {
  const { lanes, scale } = props;
  return (
    <g>
      <Bars spans={lanes.life} scale={scale} y={10} height={barHeight} name="" />
      <Bars spans={lanes.locked} scale={scale} y={10} height={barHeight} name="" />
      <Bars spans={lanes.served} scale={scale} y={22} height={4} name="through a Call Server" />
      <Notes notes={props.notes} y={35} />
      <Markers markers={lanes.markers} scale={scale} y={35} families={props.families} />
      <line class="lane-line" x1="0" x2={scale.width} y1={callLaneHeight - 0.5} y2={callLaneHeight - 0.5} />
    </g>
  );
}

/** One person: presence on top, a thin line for each source they send (dashed while muted), events below. */
export function PersonLaneShape(props: {
  lane: PersonLane;
  scale: Scale;
  top: number;
  families: readonly Family[];
  notes: readonly PlacedNote[];
  dimmed: boolean;
}) {
  const { lane, scale, top } = props;
  const bottom = top + personLaneHeight - 0.5;
  const sources = sourceOrder.flatMap((source) => lane.sources.find((s) => s.source === source) ?? []);
  return (
    <g class={props.dimmed ? 'dimmed' : undefined}>
      <Bars spans={lane.presence} scale={scale} y={top + 10} height={barHeight} name={lane.displayName} />
      <Bars spans={lane.hand} scale={scale} y={top + 4} height={4} name={lane.displayName} />
      {props.notes.map(
        (note) => note.steps && <Waterfall key={note.id} note={note} steps={note.steps} y={top + 21} />,
      )}
      {sources.map((line, i) => (
        <Bars
          key={line.source}
          spans={line.spans}
          scale={scale}
          y={top + 24 + i * 5}
          height={3}
          name={sourceWord(line.source)}
        />
      ))}
      <Notes notes={props.notes} y={top + 52} />
      <Markers markers={lane.markers} scale={scale} y={top + 52} families={props.families} />
      <line class="lane-line" x1="0" x2={scale.width} y1={bottom} y2={bottom} />
    </g>
  );
}

/** The route changes for everybody: a band across all lanes, until everybody had switched. */
export function SwitchBands({ lanes, scale, height }: { lanes: Lanes; scale: Scale; height: number }) {
  let labelled = -Infinity;
  return (
    <g class="switches">
      {visibleBars(lanes.switches, scale).map(({ span, from, to }) => {
        // Labels on top of each other can not be read.
        const label = from - labelled >= switchLabelWidth ? span.label : undefined;
        if (label) labelled = from;
        return (
          <g key={span.from}>
            <rect class="switch-band" x={from} y="0" width={Math.max(to - from, 1.5)} height={height}>
              <title>{`Switching: ${span.label}`}</title>
            </rect>
            {label && (
              <text class="switch-label" x={from + 4} y="9">
                {label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** Room for `peer to peer`. Pixels. */
const switchLabelWidth = 80;

function Notes({ notes, y }: { notes: readonly PlacedNote[]; y: number }) {
  if (notes.length === 0) return null;
  const xs = notes.map(({ x }) => x);
  const path = markersPath('telemetry', [...xs.keys()], (index) => xs[index] ?? 0, y);
  return <path class="marker telemetry" d={path} />;
}

/** From the click to the first frame, a piece for each step; narrower than a pixel it is left to the marker. */
function Waterfall(props: { note: PlacedNote; steps: readonly Step[]; y: number }) {
  const { note, steps, y } = props;
  const { stepXs } = note;
  const [first, last] = [stepXs[0], stepXs.at(-1)];
  if (first === undefined || last === undefined || last - first < 1) return null;
  return (
    <g class="waterfall">
      <title>{note.text}</title>
      {steps.slice(1).map((step, i) => (
        <rect
          key={step.name}
          class={i % 2 === 0 ? 'step' : 'step other'}
          x={stepXs[i]}
          y={y}
          width={Math.max((stepXs[i + 1] ?? 0) - (stepXs[i] ?? 0), 0.5)}
          height="3"
        />
      ))}
    </g>
  );
}

function Bars(props: { spans: readonly Span[]; scale: Scale; y: number; height: number; name: string }) {
  const { spans, scale, y, height, name } = props;
  return (
    <>
      {visibleBars(spans, scale).map(({ span, from, to }) => (
        <rect
          key={span.from}
          class={`span ${span.kind}`}
          x={from}
          y={y}
          width={Math.max(to - from, 1.5)}
          height={height}
          rx={height / 2 > 3 ? 3 : 1.5}
        >
          <title>{name ? `${name}: ${span.kind}` : span.kind}</title>
        </rect>
      ))}
    </>
  );
}

function Markers(props: {
  markers: ReadonlyMap<Family, readonly number[]>;
  scale: Scale;
  y: number;
  families: readonly Family[];
}) {
  return (
    <>
      {props.families.map((family) => {
        const seqs = props.markers.get(family);
        if (!seqs) return null;
        return (
          <path
            key={family}
            class={`marker ${family}`}
            d={markersPath(family, seqs, props.scale.x, props.y)}
          />
        );
      })}
    </>
  );
}
