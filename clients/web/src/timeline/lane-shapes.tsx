import type { Family } from './families.ts';
import { sourceWord } from './describe.ts';
import type { Lanes, PersonLane, Span } from './lanes.ts';
import { callLaneHeight, personLaneHeight } from './layout.ts';
import { markersPath } from './markers.ts';
import { visibleBars, type Scale } from './scale.ts';

const barHeight = 10;
const sourceOrder = ['microphone', 'camera', 'screen', 'screen-audio'] as const;

export function CallLaneShape(props: { lanes: Lanes; scale: Scale; families: readonly Family[] }) {
  const { lanes, scale } = props;
  return (
    <g>
      <Bars spans={lanes.life} scale={scale} y={10} height={barHeight} name="" />
      <Bars spans={lanes.locked} scale={scale} y={10} height={barHeight} name="" />
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
  dimmed: boolean;
}) {
  const { lane, scale, top } = props;
  const bottom = top + personLaneHeight - 0.5;
  const sources = sourceOrder.flatMap((source) => lane.sources.find((s) => s.source === source) ?? []);
  return (
    <g class={props.dimmed ? 'dimmed' : undefined}>
      <Bars spans={lane.presence} scale={scale} y={top + 10} height={barHeight} name={lane.displayName} />
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
      <Markers markers={lane.markers} scale={scale} y={top + 52} families={props.families} />
      <line class="lane-line" x1="0" x2={scale.width} y1={bottom} y2={bottom} />
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
